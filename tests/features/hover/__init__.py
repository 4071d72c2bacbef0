"""Hover, by what the name under the cursor is."""
