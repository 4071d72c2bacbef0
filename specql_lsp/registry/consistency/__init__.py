"""The differences between PostgreSQL and the registry YAML, and the changes that resolve them. Pure.

``comparison`` finds discrepancies, ``changes`` plans what a database must change, ``matching`` finds nodes by path.
"""
