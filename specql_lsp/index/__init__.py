"""What other files may know of a file: the names that it defines and uses. Never a tree, never the registry."""
