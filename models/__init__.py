"""What we remember: tables, stores, views and the two ways in, reading and working."""
