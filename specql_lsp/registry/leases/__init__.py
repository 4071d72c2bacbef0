"""Leases: codes that are reserved for a while, so that a machine can allocate while PostgreSQL is away."""
