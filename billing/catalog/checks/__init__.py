"""What can be wrong with a catalog, one module per thing."""
