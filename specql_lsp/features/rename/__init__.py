"""Rename: what may be renamed, to what, and every change that it needs in files and in the registry."""
