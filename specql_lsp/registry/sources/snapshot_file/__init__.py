"""A registry that was written into a file, read-only: canonical JSON that version control can compare."""
