"""Where the file of a new entity belongs, and what is in it."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import quote

from specql_lsp.items.entity import EntityItem
from specql_lsp.language.names import DEFAULT_SCHEMA
from specql_lsp.syntax import yaml11
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_MOST_FILES = 200
"""The place of a schema is decided by as many of its files."""


def file_name(entity: str) -> str:
    """The name of an entity's file: ``SalesOrder`` → ``sales_order.yaml``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", entity)
    return f"{quote(words.lower(), safe='')}.yaml"


def uri_for(analysis: Analysis, document: Document, entity: EntityItem, schema: str, name: str) -> str:
    """The URI of a new entity's file: beside the files of its schema, else beside the file that names it.

    Args:
        analysis: of the workspace.
        document: the file that names the new entity.
        entity: the entity in it.
        schema: the new entity's schema.
        name: the new entity's name.
    """
    folder, _, _ = document.uri.rpartition("/")
    if schema.lower() != entity.schema.lower():
        folder = _folder_of(analysis, document, schema) or _sibling(folder, entity.schema, schema)
    return f"{folder}/{file_name(name)}"


def is_free(analysis: Analysis, uri: str) -> bool:
    """Whether no file that is known has a URI."""
    return analysis.index.entity(uri) is None


def entity_text(name: str, schema: str, line_break: str, code: str | None = None) -> str:
    """The text of a new entity: its name, its schema, its table code if it has one, and a first field."""
    lines = [f"entity: {yaml11.write(name)}"]
    if schema != DEFAULT_SCHEMA:
        lines.append(f"schema: {yaml11.write(schema)}")
    if code is not None:
        lines += ["organization:", f"  table_code: {yaml11.quote(code)}"]
    return "".join(line + line_break for line in (*lines, "fields:", "  name: text"))


def _folder_of(analysis: Analysis, document: Document, schema: str) -> str | None:
    """The folder with the most other files of a schema."""
    files = analysis.index.in_schema(schema)[:_MOST_FILES]
    folders = Counter(facts.uri.rpartition("/")[0] for facts in files if facts.uri != document.uri)
    return max(sorted(folders), key=lambda folder: folders[folder]) if folders else None


def _sibling(folder: str, own: str, schema: str) -> str:
    """The folder of a schema without files: where folders are named after schemas, one beside; else the same one."""
    parent, _, last = folder.rpartition("/")
    return f"{parent}/{quote(schema, safe='')}" if last.lower() == own.lower() else folder
