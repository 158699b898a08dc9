"""Catalog files: how one is read, and everything that is wrong with it by line."""
