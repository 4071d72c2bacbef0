"""What a file shows to other files, and the index of it over a workspace folder. Never a tree, never the registry."""
