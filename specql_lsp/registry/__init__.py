"""The registry: its model, its sources (PostgreSQL, YAML, memory), and the service that chooses among them.

Knows nothing of the protocol and never runs on the event loop: whatever reads a source belongs to a worker.
"""
