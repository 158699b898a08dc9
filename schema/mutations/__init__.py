"""The acts, one file each: its input, its payload, the refusals that it can give, and its root field."""
