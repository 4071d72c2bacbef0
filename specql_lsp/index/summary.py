"""What other files may know of one file: its entities in short, the names that it uses, a signature for each key.

A key's *signature* is the hash of what the findings of other files are made of. An edit that changes no signature, as
one in an action's body, concerns no other file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from sys import intern
from typing import Protocol

from specql_lsp.index.library import LibraryFacts
from specql_lsp.index.mentions import mentioned_names
from specql_lsp.index.symbols import (
    Key,
    Place,
    Spot,
    Spots,
    SymbolKind,
    TextSource,
    Use,
    UseKind,
    code_key,
    entity_key,
    field_key,
    member_owner,
    new,
    schema_key,
    subdomain_key,
)
from specql_lsp.items.entity import ActionNode, EntityItem, EntityReference, FieldGroup, moved_references
from specql_lsp.items.entity import FieldFacts as FieldFacts
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.text import Span

_BY_SPOT = attrgetter("spot")
_NOWHERE = Spot(0, 0, 0)


class EntitySource(TextSource, Protocol):
    """What is read of a document with entities."""

    @property
    def entities(self) -> tuple[EntityItem, ...]:
        """The entities defined in it, in the order of the text."""

    @property
    def library(self) -> LibraryFacts | None:
        """What it adds to the patterns and services of the workspace."""


UNNAMED = "an entity without a name"
"""How an entity is called in sentences whose name is missing; no name of an entity has blanks."""


@dataclass(frozen=True, slots=True)
class EntityFacts:
    """What other files may know of an entity."""

    uri: str
    name: str
    schema: str
    code: str | None
    """The table code in upper case, as written."""
    description: str | None
    name_spot: Spot
    """The name without quotes."""
    code_spot: Spot | None
    """The code with its quotes."""
    fields: tuple[FieldFacts, ...]
    actions: tuple[str, ...] = ()
    """The names of its actions."""

    @property
    def name_place(self) -> Place:
        """Where its name is."""
        return self.name_spot.place(self.uri)

    @property
    def code_place(self) -> Place | None:
        """Where its table code is."""
        return self.code_spot.place(self.uri) if self.code_spot is not None else None

    def defined_keys(self, *, with_members: bool = True) -> list[Key]:
        """Each key that the entity defines, and its table code's.

        Args:
            with_members: whether its fields and actions are among them.
        """
        keys = [entity_key(self.name), entity_key(self.name, self.schema)]
        if self.code:
            keys.append(code_key(self.code))
        if with_members:
            owner = member_owner(self.name, self.schema)
            keys += [new(Key, (SymbolKind.FIELD, field.name, owner)) for field in self.fields]
            keys += [new(Key, (SymbolKind.ACTION, action, owner)) for action in self.actions]
        return keys

    def signatures(self, *, with_members: bool = True) -> Iterator[tuple[Key, int]]:
        """The ``defined_keys``, each with its signature."""
        # A look-up without a schema asks which schemas have the name; one within a schema is shown the place, too.
        seen: list[tuple[object, ...] | str] = [(self.name, self.schema), (self.name, self.name_spot)]
        if self.code:
            seen.append((self.name, self.schema, self.code_spot))
        if with_members:
            seen += [(field.type, field.nullable) for field in self.fields]
            seen += self.actions
        return zip(self.defined_keys(with_members=with_members), map(hash, seen), strict=True)


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What other files may know of a file."""

    uri: str
    schema: str
    """The schema that its entity is in, the first where there are several."""
    entities: tuple[EntityFacts, ...]
    """Those that have a name, one a YAML document. SpecQL refuses a file with several, but their codes are used."""
    uses: tuple[Use, ...]
    """In the order of the text."""
    library: LibraryFacts | None = None
    """Of a file without entities: its patterns and services."""
    code_only: tuple[EntityFacts, ...] = ()
    """Of which only the codes count: in a text with merge conflicts what either side says besides, and entities whose
    names are missing, as while they are typed (``UNNAMED``)."""
    further_schemas: tuple[tuple[int, str], ...] = ()
    """Of several YAML documents: the first line of the entity of each further one, and its schema."""

    def schema_of(self, use: Use) -> str:
        """The schema of the entity that uses a name."""
        line = use.spot.line
        return next((schema for first, schema in reversed(self.further_schemas) if first <= line), self.schema)

    @property
    def code_holders(self) -> tuple[EntityFacts, ...]:
        """All that may have a table code."""
        return (*self.entities, *self.code_only) if self.code_only else self.entities

    @property
    def codes(self) -> tuple[str, ...]:
        """Every table code of the file, upper case."""
        return tuple(facts.code for facts in self.code_holders if facts.code)

    def signatures(self, *, with_members: bool = True) -> Mapping[Key, int]:
        """The signature of each key that the file defines, and of each table code that it uses.

        Args:
            with_members: whether fields and actions are among them.
        """
        found: dict[Key, int] = {}
        for facts in self.code_holders:
            for key, seen in facts.signatures(with_members=with_members):
                # Several documents of one file may define the same.
                found[key] = hash((found[key], seen)) if key in found else seen
        return found


def changed_keys(before: FileSummary | None, after: FileSummary | None) -> frozenset[Key]:
    """The keys that two summaries of one file do not agree on; None where the file says nothing to others."""
    if (before.code_holders if before else ()) == (after.code_holders if after else ()):
        return frozenset()
    if not before or not before.entities or not after or not after.entities:  # nothing is to be compared
        holders = (*(before.code_holders if before else ()), *(after.code_holders if after else ()))
        return frozenset([key for facts in holders for key in facts.defined_keys()])
    # A file has thousands of fields, and most edits are elsewhere.
    with_members = _members(before) != _members(after)
    old, new = before.signatures(with_members=with_members), after.signatures(with_members=with_members)
    return frozenset(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def changed_uses(before: FileSummary | None, after: FileSummary | None) -> dict[Key, bool]:
    """The names that one of two summaries of a file uses, each with whether that is the second one.

    An entity's name is given without the schema before it, which may be an alias of another.
    """
    old, new = before.uses if before else (), after.uses if after else ()
    if old == new:
        return {}
    if not old:  # each file is new once
        return dict.fromkeys(_without_schemas({use[1:4] for use in new}), True)
    # Most edits move uses and change none.
    old_names, new_names = {use[1:4] for use in old}, {use[1:4] for use in new}
    if old_names == new_names:
        return {}
    old_keys, new_keys = _without_schemas(old_names), _without_schemas(new_names)
    return {key: key in new_keys for key in old_keys ^ new_keys}


def without_schema(key: Key) -> Key:
    """The key of an entity in whatever schema; any other key as it is."""
    return key._replace(owner="") if key.kind is SymbolKind.ENTITY else key


def _without_schemas(names: Iterable[tuple[SymbolKind, str, str]]) -> set[Key]:
    entity = SymbolKind.ENTITY
    return {new(Key, (kind, name, "" if kind is entity else owner)) for kind, name, owner in names}


def _members(summary: FileSummary) -> list[tuple[str, str, tuple[FieldFacts, ...], tuple[str, ...]]]:
    """The fields and actions that a file defines, with their owners."""
    return [(facts.name, facts.schema, facts.fields, facts.actions) for facts in summary.entities]


def summarize(document: EntitySource) -> FileSummary | None:
    """The summary of a document; None if there is nothing in it that other files may name."""
    entities = document.entities
    if not entities:
        library = document.library
        return FileSummary(document.uri, "", (), (), library) if library is not None else None
    spots = Spots(document.lines)
    uses = [use for entity in entities for use in _uses(entity, spots, document.lines.text)]
    # One that is reached by several aliases is given once.
    ordered = sorted(dict.fromkeys(uses) if "*" in document.lines.text else uses, key=_BY_SPOT)
    facts = [_facts(document, entity, entity.name, spots) for entity in entities if entity.name is not None]
    unnamed = (
        [_facts(document, entity, None, spots) for entity in entities if entity.name is None and entity.code]
        if len(facts) < len(entities)
        else ()
    )
    further = tuple((spots.line_of(entity.root.span.start), entity.schema) for entity in entities[1:])
    schema = entities[0].schema
    found = FileSummary(document.uri, schema, tuple(facts), tuple(ordered), None, tuple(unnamed), further)
    if "<<<<<<<" not in document.lines.text:
        return found
    return replace(found, code_only=(*unnamed, *_conflicting(document, found, spots)))


def _conflicting(document: EntitySource, summary: FileSummary, spots: Spots) -> tuple[EntityFacts, ...]:
    """The entities of either side of merge conflicts whose code is not known yet."""
    from specql_lsp.items.lower import lower_entities
    from specql_lsp.syntax.merge_conflicts import conflicts_in, sides_of
    from specql_lsp.syntax.parsing.parse import parse

    text = document.lines.text
    conflicts = conflicts_in(text)
    found: dict[str, EntityFacts] = {}
    for side in sides_of(text, conflicts) if conflicts else ():
        for entity in lower_entities(parse(side)):
            if entity.name is not None and entity.code and entity.code not in summary.codes:
                found.setdefault(entity.code, _facts(document, entity, entity.name, spots))
    return tuple(found.values())


def _facts(document: EntitySource, entity: EntityItem, name: Scalar | None, spots: Spots) -> EntityFacts:
    code, spot_of = entity.table_code, spots.of
    return EntityFacts(
        uri=document.uri,
        name=name.value if name is not None else UNNAMED,
        schema=entity.schema,
        code=entity.code,
        description=entity.description,
        name_spot=spot_of(name.text_span if name is not None else entity.entity_entry.key.span),
        code_spot=spot_of(code.span) if code else None,
        fields=entity.field_group.facts,
        actions=tuple(intern(action.node.name.value) for action in entity.actions if action.node.name is not None),
    )


def _uses(entity: EntityItem, spots: Spots, text: str) -> Iterator[Use]:
    schema, domain, code = entity.schema_node, entity.domain_name, entity.table_code
    if schema is not None:
        yield _use(UseKind.SCHEMA, schema_key(schema.value), schema.text_span, spots)
    if domain is not None:
        yield _use(UseKind.DOMAIN, schema_key(domain.value), domain.text_span, spots)
    if entity.subdomain is not None:
        key = subdomain_key(entity.subdomain.value, domain.value if domain is not None else entity.schema)
        yield _use(UseKind.SUBDOMAIN, key, entity.subdomain.text_span, spots)
    if code is not None and entity.code:
        yield _use(UseKind.CODE, code_key(entity.code), code.text_span, spots)
    yield from entity.field_group.fact(_FieldUses).placed(entity.fields_shift, spots)
    for action in entity.actions:
        if action.node.entities:
            yield from action.node.fact(_StepUses).placed(action.shift, spots)
    yield from _reference_uses(UseKind.VIEW, entity.view_entities, spots)
    for symbol, name in sorted(mentioned_names(entity, text)):
        yield Use(UseKind.MENTION, symbol, intern(name), "", _NOWHERE)
    if entity.name is not None:
        for mention in entity.field_mentions:
            key = field_key(mention.value, entity.name.value, entity.schema)
            yield _use(UseKind.FIELD, key, mention.text_span, spots)


class _PlacedUses:
    """The uses of references that are always in the same place to each other: made again only if they have moved."""

    def __init__(self, kind: UseKind, references: tuple[EntityReference, ...]) -> None:
        self._kind = kind
        self._references = references
        self._last: tuple[int, tuple[Use, ...]] | None = None

    def placed(self, shift: int, spots: Spots) -> tuple[Use, ...]:
        """The uses where the references are ``shift`` code points further on. They are on whole lines of a text."""
        if not self._references:
            return ()
        line = spots.line_of(self._references[0].span.start + shift)
        last = self._last
        if last is None:
            uses = tuple(_reference_uses(self._kind, moved_references(self._references, shift), spots))
        elif last[0] == line:
            return last[1]
        else:
            by = line - last[0]
            uses = tuple([use._replace(spot=use.spot._replace(line=use.spot.line + by)) for use in last[1]])
        self._last = line, uses
        return uses


class _FieldUses(_PlacedUses):
    def __init__(self, fields: FieldGroup) -> None:
        super().__init__(UseKind.REF, fields.references)


class _StepUses(_PlacedUses):
    def __init__(self, action: ActionNode) -> None:
        super().__init__(UseKind.STEP, action.entities)


def _reference_uses(kind: UseKind, references: Iterable[EntityReference], spots: Spots) -> Iterator[Use]:
    for reference in references:
        key = entity_key(reference.name, reference.schema or "")
        if spots.is_alias(reference.span):  # the name is written elsewhere
            yield Use(kind, key.kind, intern(key.name), intern(key.owner), _NOWHERE)
            continue
        yield _use(kind, key, reference.name_span, spots)
        if reference.schema_span is not None and reference.schema:
            yield _use(UseKind.SCHEMA, schema_key(reference.schema), reference.schema_span, spots)


def _use(kind: UseKind, key: Key, span: Span, spots: Spots) -> Use:
    symbol, name, owner = key
    return new(Use, (kind, symbol, intern(name), intern(owner), spots.of(span)))
