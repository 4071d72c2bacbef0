"""Tests of the registry: one contract for every source, and what is each source's own."""
