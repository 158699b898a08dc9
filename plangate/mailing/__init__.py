"""Mails to customers: what they say, with which link, and by which way they go out."""
