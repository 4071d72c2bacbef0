"""SpecQL's pattern library in a database: the columns that the beta line creates, and a few rows."""

from __future__ import annotations

import psycopg

SCHEMA = """
CREATE SCHEMA pattern_library;
CREATE TABLE pattern_library.domain_patterns (
    id serial PRIMARY KEY,
    name text NOT NULL UNIQUE,
    category text NOT NULL,
    description text,
    parameters jsonb,
    implementation jsonb NOT NULL DEFAULT '{}',
    times_instantiated integer DEFAULT 0,
    source_type text DEFAULT 'manual',
    complexity_score real,
    deprecated boolean DEFAULT false,
    deprecated_reason text,
    replacement_pattern_id integer REFERENCES pattern_library.domain_patterns (id),
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now()
);
"""
ROWS = """
INSERT INTO pattern_library.domain_patterns (id, name, category, description, parameters, times_instantiated) VALUES
    (1, 'approval_workflow', 'workflow', 'Approvals in steps',
     '{"levels": {"type": "integer", "required": true, "description": "How many"}, "roles": "array"}', 3),
    (2, 'soft_delete', 'audit', NULL, '[{"name": "column", "type": "string"}, 5, {"type": "x"}]', 1);
INSERT INTO pattern_library.domain_patterns (id, name, category, deprecated, deprecated_reason, replacement_pattern_id)
VALUES (3, 'old_approval', 'workflow', true, 'has one level only', 1), (4, 'gone', 'audit', true, NULL, NULL);
"""


def create_library(url: str, *statements: str) -> None:
    """Creates the library with its rows, then runs other statements."""
    execute(url, SCHEMA, ROWS, *statements)


def execute(url: str, *statements: str) -> None:
    """Runs statements, each in a transaction of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
