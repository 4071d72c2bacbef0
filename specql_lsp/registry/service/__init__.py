"""One worker per folder: reads the sources, falls back, recovers, writes."""
