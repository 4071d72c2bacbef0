"""Semantic tokens: what each word of an entity file or a registry YAML is, also inside types and SQL."""
