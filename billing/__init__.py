"""What is true: the pure engine. It receives instants and values and answers with values."""
