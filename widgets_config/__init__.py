"""What is embedded: how portals and widgets look, what their buttons do, and what they say in each language."""
