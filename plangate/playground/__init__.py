"""The page that a browser sees at `/graphql`: what can be asked, and a place to ask it."""
