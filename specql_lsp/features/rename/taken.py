"""Whether a name is free where it is to be given: no other thing of its kind has it there."""

from __future__ import annotations

from specql_lsp.features.rename.model import RenameRefused
from specql_lsp.index.symbols import SymbolKind, member_owner
from specql_lsp.items.entity import EntityItem
from specql_lsp.registry.model import Registration
from specql_lsp.semantics.identity import Identity
from specql_lsp.semantics.names_in_types import enum_values
from specql_lsp.semantics.resolve import in_schema
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import name_of


def check_entity_is_free(
    analysis: Analysis, identity: Identity, schema: str, registration: Registration | None, new: str
) -> None:
    """Refuses the name of another entity of the same schema, or of the same domain in the registry.

    Args:
        analysis: what is known.
        identity: the entity that is renamed.
        schema: its schema; empty where no file defines it.
        registration: its registration, if it has one.
        new: the new name.

    Raises:
        RenameRefused: with who has the name.
    """
    if new.lower() == identity.name:
        return
    for facts in in_schema(analysis, analysis.index.named(new), schema) if schema else ():
        raise RenameRefused(
            f"There is an entity {facts.name} in the schema {facts.schema} already, in {name_of(facts.uri)}: choose "
            "another name."
        )
    domain = registration.domain if registration is not None else None
    if domain is None and analysis.snapshot is not None and schema:
        domain = analysis.snapshot.domain_named(schema)
    other = analysis.snapshot.registration(domain, new) if analysis.snapshot is not None and domain else None
    if other is not None and domain is not None:
        raise RenameRefused(
            f"{other.entity.name} is registered already, with the code {other.entity.table_code} in domain "
            f"{domain.number} ({domain.name}): choose another name."
        )


def check_member_is_free(document: Document, entity: EntityItem, identity: Identity, new: str) -> None:
    """Refuses the name of another field, action or enum value of an entity.

    Args:
        document: the file that defines it.
        entity: the entity in it.
        identity: what is renamed.
        new: the new name.

    Raises:
        RenameRefused: with who has the name.
    """
    owner = member_owner(entity.name.value if entity.name is not None else "", entity.schema)
    if (
        identity.kind is not SymbolKind.ANCHOR
        and identity.owner != owner
        and not identity.owner.startswith(f"{owner}.")
    ):
        return  # a member of another entity of the file
    name = entity.name.value if entity.name is not None else "The entity"
    match identity.kind:
        case SymbolKind.FIELD:
            # Columns without quotes are one whatever their case.
            if any(f.name.lower() == new.lower() and f.name.lower() != identity.name.lower() for f in entity.fields):
                raise RenameRefused(f"{name} has a field {new} already: choose another name.")
        case SymbolKind.ACTION:
            names = [a.node.name.value for a in entity.actions if a.node.name is not None]
            if any(each.lower() == new.lower() and each.lower() != identity.name.lower() for each in names):
                raise RenameRefused(f"{name} has an action {new} already: choose another name.")
        case SymbolKind.ENUM_VALUE:
            field = identity.owner.rpartition(".")[2]
            for each in entity.fields:
                if each.name == field and new in enum_values(each.type_text or ""):
                    raise RenameRefused(f"The field {field} has the value {new} already: choose another.")
        case SymbolKind.ANCHOR:
            if new in document.tree.anchors:
                raise RenameRefused(f"{name_of(document.uri)} has an anchor {new} already: choose another name.")


def check_domain_is_free(analysis: Analysis, old: str, new: str) -> None:
    """Refuses the name of another domain, and of a schema that files have.

    Raises:
        RenameRefused: with who has the name.
    """
    if new.lower() == old.lower():
        return
    domain = analysis.snapshot.domain_named(new) if analysis.snapshot is not None else None
    if domain is not None:
        raise RenameRefused(f"{new} is a name of domain {domain.number} ({domain.name}) already: choose another.")
    for facts in analysis.index.in_schema(new):
        raise RenameRefused(f"{name_of(facts.uri)} is in the schema {new} already: choose another name.")
