"""The catalog as plain values: what is sold, what it gives, what it costs, and what is wrong with it."""
