"""Import files: JSON lines, read as a stream, checked whole before anything is written."""
