"""The demo: a world of its own in `./var`, with a real price list, customers in every state, and keys."""
