"""The hosted portal: what a customer sees behind a single-use link (S8)."""
