"""The questions, a file per root field or two that belong together."""
