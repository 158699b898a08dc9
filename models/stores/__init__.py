"""The stores, one per noun: statements in, views out. They never commit."""
