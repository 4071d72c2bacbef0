"""One file, typed: entity and registry files as facts with their spans. Never another file, never the registry."""
