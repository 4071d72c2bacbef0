"""What the name under the cursor is: the one answer that hover, definition, references and completion begin with.

Only the file itself is looked at. What the name means in the workspace is for ``resolve``.
"""

from __future__ import annotations

from specql_lsp.items.entity import EntityItem
from specql_lsp.semantics.classify_entity import in_entity
from specql_lsp.semantics.classify_library import in_library
from specql_lsp.semantics.classify_registry import in_registry
from specql_lsp.semantics.symbol import Role as Role
from specql_lsp.semantics.symbol import Symbol as Symbol
from specql_lsp.workspace.documents import Document


def classify(document: Document, offset: int) -> Symbol | None:
    """What the name at an offset (code points from 0) is; None if there is no name, or none of SpecQL's."""
    if document.registry is not None:
        return in_registry(document.registry, offset)
    entity = entity_at(document, offset)
    if entity is not None:
        return in_entity(document.tree, entity, offset)
    return in_library(document, offset) if document.library_kind is not None else None


def entity_at(document: Document, offset: int) -> EntityItem | None:
    """The entity in whose YAML document an offset is; the first one where it is between documents."""
    return next((each for each in document.entities if each.root.span.contains(offset)), document.entity)
