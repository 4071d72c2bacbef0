"""Which field a name means: one of the file's entity, or one of another entity that is named or reached by a path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from specql_lsp.index.summary import EntityFacts, FieldFacts
from specql_lsp.items.entity import EntityItem, FieldGroup, FieldItem
from specql_lsp.items.field_text import DEFAULT_TYPE, FieldText, field_text
from specql_lsp.language.type_syntax import RefTarget, RefType, parse_field_type
from specql_lsp.semantics.resolve import Resolution, Site, resolve_entity
from specql_lsp.semantics.symbol import EntityName
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


class FoundField(NamedTuple):
    """A field of an entity.

    Attributes:
        name: its name.
        text: what it says; None where SpecQL 0.9.2 refuses it.
        uri: the file of its entity.
        entity: the entity's name; empty where it has none yet.
        schema: the entity's schema.
        item: the field where it is written, if it is one of the document that was asked about.
        facts: the entity, where it is another one than the document's.
    """

    name: str
    text: FieldText | None
    uri: str
    entity: str
    schema: str
    item: FieldItem | None = None
    facts: EntityFacts | None = None

    @property
    def target(self) -> RefTarget | None:
        """The entity that it refers to, of several the one that SpecQL uses."""
        found = parse_field_type(self.text.type).type if self.text is not None else None
        return found.targets[0] if isinstance(found, RefType) and found.targets else None


def own_field(document: Document, entity: EntityItem, name: str) -> FoundField | None:
    """The field of an entity of the document; of several of one name the last, which PyYAML takes."""
    group = entity.field_group
    places = group.fact(_places)
    index = places.get(name, places.get(name.lower()))
    if index is None:
        return None
    field = FieldItem(group.nodes[index], group.shifts[index] + entity.fields_shift)
    owner = entity.name.value if entity.name is not None else ""
    return FoundField(field.name, field_text(field), document.uri, owner, entity.schema, item=field)


def _places(fields: FieldGroup) -> dict[str, int]:
    """The index of the last field of each name; of a name in lower case that no field has, of one that is so in SQL."""
    places = {node.facts.name: index for index, node in enumerate(fields.nodes)}
    lowered = {name.lower(): index for name, index in sorted(places.items(), key=lambda each: each[1])}
    return {**lowered, **places}


def field_of_facts(facts: EntityFacts, name: str) -> FoundField | None:
    """The field of an indexed entity."""
    field = _named(facts.fields, name)
    if field is None:
        return None
    return FoundField(field.name, text_of_facts(field), facts.uri, facts.name, facts.schema, facts=facts)


def _named(fields: Sequence[FieldFacts], name: str) -> FieldFacts | None:
    """The last field of that name; if there is none, one whose case differs, as in SQL without quotes."""
    found = next((field for field in reversed(fields) if field.name == name), None)
    if found is not None:
        return found
    lowered = name.lower()
    return next((field for field in reversed(fields) if field.name.lower() == lowered), None)


def text_of_facts(field: FieldFacts) -> FieldText:
    """What an indexed field says, as far as the index keeps it."""
    return FieldText(
        field.type if field.type is not None else DEFAULT_TYPE if field.nullable is not None else "", field.nullable
    )


def find_field(
    analysis: Analysis,
    document: Document,
    entity: EntityItem,
    name: str,
    *,
    of_entity: EntityName | None = None,
    through: tuple[str, ...] = (),
) -> FoundField | None:
    """The field that a name in an entity of the document means; None where no such field is known.

    Args:
        analysis: what is known.
        document: the file.
        entity: the entity in it.
        name: the field's name.
        of_entity: the entity that the text names before it; None for the file's own.
        through: the references before the name in a path.
    """
    return _field_in(document, find_entity(analysis, document, entity, of_entity=of_entity, through=through), name)


def find_entity(
    analysis: Analysis,
    document: Document,
    entity: EntityItem,
    *,
    of_entity: EntityName | None = None,
    through: tuple[str, ...] = (),
) -> EntityItem | EntityFacts | None:
    """The entity whose field a name is, by the arguments of ``find_field``; None where it is not known."""
    holder: EntityItem | EntityFacts | None = entity
    if of_entity is not None and not _is_named(entity, of_entity):
        holder = _only(resolve_entity(analysis, Site(document.uri, entity.schema), of_entity.name, of_entity.schema))
    for each in through:
        reference = _field_in(document, holder, each)
        target = reference.target if reference is not None else None
        if reference is None or target is None:
            return None
        site = Site(reference.uri, reference.schema)
        schema = target.schema.text if target.schema is not None else None
        holder = _only(resolve_entity(analysis, site, target.name.text, schema))
    return holder


def _is_named(entity: EntityItem, name: EntityName) -> bool:
    """Whether a name in an entity's file is the entity's own: it means that one, also before it is indexed."""
    is_same = entity.name is not None and entity.name.value.lower() == name.name.lower()
    return is_same and name.schema.lower() in {"", entity.schema.lower()}


def _only(found: Resolution) -> EntityFacts | None:
    return found.files[0] if found.files else None


def _field_in(document: Document, holder: EntityItem | EntityFacts | None, name: str) -> FoundField | None:
    if isinstance(holder, EntityFacts):
        return field_of_facts(holder, name)
    return own_field(document, holder, name) if holder is not None else None
