"""The objects that are answered, a file per noun; each is made of a view by its `of`."""
