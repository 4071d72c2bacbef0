"""What is written into the registry YAML."""
