"""Names of entities: ``unknown-entity`` and ``duplicate-entity``.

Both need every file of the workspace to have been read once, and the first the registry, too: an entity that is known
only there is no mistake.
"""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.descriptions import file_name
from specql_lsp.features.diagnostics.findings import finding
from specql_lsp.features.model import Finding, Related
from specql_lsp.items.entity import EntityItem, EntityReference
from specql_lsp.language.names import nearest_line
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_MOST_RELATED = 5
_LONGEST_NAME = 60


def check_entities(analysis: Analysis, document: Document, entity: EntityItem) -> Iterator[Finding]:
    """The entities that a file names and nothing defines, and its own where another file defines it, too."""
    yield from _duplicates(analysis, document, entity)
    if analysis.snapshot is None:
        return
    for reference in dict.fromkeys((*entity.references, *entity.step_entities)):
        found = _unknown(analysis, analysis.snapshot, reference)
        if found is not None:
            yield found


def _unknown(analysis: Analysis, snapshot: Snapshot, reference: EntityReference) -> Finding | None:
    name, schema = reference.name, reference.schema
    schemas = analysis.index.schemas_of(name)
    if schemas and (schema is None or any(_is_same_schema(snapshot, schema, other) for other in schemas)):
        return None
    registered = snapshot.by_entity(name)
    if registered and (schema is None or any(_is_same_schema(snapshot, schema, r.domain.name) for r in registered)):
        return None
    if not analysis.knows_all_files():
        return None
    shown = _shown(name)
    others = dict.fromkeys((*schemas, *(r.domain.name for r in registered)))
    if others:
        where = ", ".join(list(others)[:_MOST_RELATED])
        return finding(
            reference.span,
            "unknown-entity",
            f"The schema {_shown(schema or '')} has no entity {shown}: an entity of that name is in {where}.",
        )
    near = _nearest(analysis, snapshot, name)
    hint = f"Did you mean {near}?" if near else "Create its file, or name an entity that exists."
    message = f"Neither a file of the workspace nor the registry has an entity named {shown}. {hint}"
    return finding(reference.name_span, "unknown-entity", message)


def _is_same_schema(snapshot: Snapshot, one: str, other: str) -> bool:
    """Whether two schemas have the same name, or are the same domain by name or alias."""
    if one.lower() == other.lower():
        return True
    domain = snapshot.domain_named(one)
    return domain is not None and snapshot.domain_named(other) is domain


def _nearest(analysis: Analysis, snapshot: Snapshot, name: str) -> str | None:
    found = nearest_line(name, analysis.index.names_text, snapshot.names_text)
    if found is None:
        return None
    files, registered = analysis.index.named(found), snapshot.by_entity(found)
    return files[0].name if files else registered[0].entity.name if registered else found


def _shown(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _duplicates(analysis: Analysis, document: Document, entity: EntityItem) -> Iterator[Finding]:
    name = entity.name
    if name is None:
        return
    others = [f for f in analysis.index.defining(name.value, entity.schema) if f.uri != document.uri]
    if not others:
        return
    shown = _shown(name.value)
    which = file_name(others[0].uri)
    define = "defines" if len(others) == 1 else f"and {len(others) - 1} more define"
    yield finding(
        name.span,
        "duplicate-entity",
        f"{which} {define} {shown} in the schema {entity.schema}, too: rename one of them, or give it another schema.",
        tuple(Related(f.name_place, f"{shown} is defined here, too.") for f in others[:_MOST_RELATED]),
    )
