"""Edits of the registry YAML, and the text of a new one."""
