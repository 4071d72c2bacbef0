"""The differences between PostgreSQL and the registry YAML."""
