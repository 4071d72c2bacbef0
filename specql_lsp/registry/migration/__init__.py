"""``registry migrate``: adds a registry YAML to PostgreSQL in one verified transaction.

``candidate`` reads the YAML with every finding, ``checks`` compares it with the tables and their contents,
``additions`` plans what is added, ``migrate`` runs the transaction.
"""
