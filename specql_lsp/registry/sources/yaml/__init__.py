"""The registry YAML as a source."""
