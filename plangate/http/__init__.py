"""What every door shares: reading a body, choosing a media type, saying what was wrong, health."""
