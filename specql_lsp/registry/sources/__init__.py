"""The sources of a registry: PostgreSQL, YAML, memory. Each returns a whole snapshot or says why it cannot."""
