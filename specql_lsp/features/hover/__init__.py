"""Hover: what the name under the cursor is, and what SpecQL 0.9.2 makes of it. Never does any I/O."""

from specql_lsp.features.hover.answer import hover as hover
