"""An entity file as typed facts with their nodes. A file is an entity's when its top level has the key ``entity``.

Source: SpecQL's parser (versions 0.8.x): ``entity`` is a name, or a mapping with ``name`` and ``schema``;
``organization`` holds ``table_code`` and, by version, ``domain_name`` or ``domain`` and ``subdomain``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from specql_lsp.language import table_code as codes
from specql_lsp.language.names import DEFAULT_SCHEMA
from specql_lsp.language.references import references
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, ScalarStyle
from specql_lsp.syntax.parser import SyntaxTree
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.yaml11 import is_null


class EntityReference(NamedTuple):
    """An entity named by a ``ref(…)`` of a field, with its span in the file."""

    schema: str | None
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class EntityItem:
    """What the registry's features need of an entity file."""

    root: Mapping
    """The document's mapping as it is written; the facts are those of the mapping as PyYAML reads it."""
    entity_entry: Entry
    name: Scalar | None
    schema_node: Scalar | None
    organization_entry: Entry | None
    organization: Mapping | None
    table_code: Scalar | None
    """None where there is no code, also where ``table_code:`` has no value yet."""
    domain_name: Scalar | None
    """``organization.domain_name`` or, in older files, ``organization.domain``."""
    subdomain: Scalar | None
    description: str | None
    references: tuple[EntityReference, ...]
    fields: tuple[str, ...]

    @property
    def schema(self) -> str:
        """The schema's name, or the default one."""
        return self.schema_node.value if self.schema_node else DEFAULT_SCHEMA

    @property
    def code(self) -> str | None:
        """The table code in upper case, as written."""
        return codes.normalize(self.table_code.value) if self.table_code else None


def read_entities(tree: SyntaxTree) -> tuple[EntityItem, ...]:
    """The entities of a file, one a YAML document; SpecQL refuses a file with several documents."""
    roots = (tree.root, *tree.further_roots)
    return tuple(entity for root in roots if (entity := read_entity(tree, root)) is not None)


def read_entity(tree: SyntaxTree, root: Node | None) -> EntityItem | None:
    """The entity in a document with that root; None where its top level has no key ``entity``."""
    written = tree.written_mapping(root)
    read = tree.mapping(root)
    if written is None or read is None:
        return None
    entry = read.entry("entity")
    if entry is None:
        return None
    inner = tree.mapping(entry.value)
    name = inner.scalar("name") if inner else entry.value if isinstance(entry.value, Scalar) else None
    schema = read.scalar("schema") or (inner.scalar("schema") if inner else None)
    organization_entry = read.entry("organization")
    organization = tree.mapping(organization_entry.value) if organization_entry else None
    description = read.scalar("description") or (inner.scalar("description") if inner else None)
    fields = tree.mapping(read.value("fields")) or (tree.mapping(inner.value("fields")) if inner else None)
    return EntityItem(
        root=written,
        entity_entry=entry,
        name=_present(name),
        schema_node=_present(schema),
        organization_entry=organization_entry,
        organization=organization,
        table_code=_present(_scalar(organization, "table_code")),
        domain_name=_present(_scalar(organization, "domain_name") or _scalar(organization, "domain")),
        subdomain=_present(_scalar(organization, "subdomain")),
        description=description.value if description else None,
        references=tuple(_references(tree, fields)) if fields else (),
        fields=tuple(field for e in fields.entries if (field := e.name)) if fields else (),
    )


def _scalar(mapping: Mapping | None, name: str) -> Scalar | None:
    return mapping.scalar(name) if mapping else None


def _present(scalar: Scalar | None) -> Scalar | None:
    return scalar if scalar is not None and scalar.value.strip() and not is_null(scalar) else None


def _references(tree: SyntaxTree, fields: Mapping) -> list[EntityReference]:
    found: list[EntityReference] = []
    for entry in fields.entries:
        node: Node | None = entry.value
        inner = tree.mapping(node)
        if inner is not None:
            node = inner.value("type")
        if isinstance(node, Scalar):
            found.extend(scalar_references(tree, node))
    return found


def scalar_references(tree: SyntaxTree, scalar: Scalar) -> list[EntityReference]:
    """The references in a scalar on one line, with their spans in the file."""
    raw = tree.raw(scalar)
    if raw.startswith("*"):  # an alias: what it stands for is written elsewhere
        return [EntityReference(r.schema, r.name, scalar.span) for r in references(scalar.value)]
    # Few types refer to anything: the cheap question comes first, as it is asked for every field at every key typed.
    if "ref" not in raw or scalar.style is ScalarStyle.LITERAL or scalar.style is ScalarStyle.FOLDED:
        return []
    start = scalar.span.start
    return [EntityReference(r.schema, r.name, Span(start + r.start, start + r.end)) for r in references(raw)]
