"""The registry YAML → PostgreSQL, in one verified transaction."""
