"""A document's semantic tokens, by the sections of its text: of one that an edit did not touch they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from operator import attrgetter
from typing import NamedTuple

from specql_lsp.features.diagnostics.rules.key_not_read import unread_keys
from specql_lsp.features.semantic_tokens.token import SemanticToken, TokenModifier, TokenType
from specql_lsp.features.semantic_tokens.words import tokens_in
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.items.entity import EntityItem, FieldGroup
from specql_lsp.language.keys import KeySpec, KeyTable, Level, Meaning, ValueSpec, entity_keys, table_of
from specql_lsp.semantics.fields import find_field
from specql_lsp.semantics.names_in_expressions import ExpressionName
from specql_lsp.semantics.names_in_types import enum_values
from specql_lsp.semantics.symbol import EntityName
from specql_lsp.semantics.undescribed import undescribed
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.parsing.sections import Placed, Section
from specql_lsp.syntax.scalar_offsets import spans_in_text
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

_START = attrgetter("start")
_DEEPEST = 50
"""What is nested deeper, which no person writes, is left out."""

_PARAMETERS = "pattern parameters"
_STEP = "step"
_STEP_VALUE = ValueSpec(Meaning.NOTHING, level=_STEP)

WorkOut = Callable[[Section], tuple[SemanticToken, ...]]


class TokenPiece(NamedTuple):
    """The tokens of a piece of the text; the pieces of a document follow each other.

    Attributes:
        span: the piece in the text.
        section: the section that it is, or whose head it is; None for a text that has no sections.
        work_out: gives the section's tokens, in the order of the text; their offsets count from the section's
            beginning. The same function each time, so that it can be a key of what is kept with the section.
        tokens: the tokens of a text without sections; their offsets are those of the text.
    """

    span: Span
    section: Section | None
    work_out: WorkOut
    tokens: tuple[SemanticToken, ...] = ()


def token_pieces(document: Document, within: Span | None = None) -> Iterator[TokenPiece]:
    """The pieces of a document; none where it is neither an entity file nor a registry YAML.

    Args:
        document: the file.
        within: a part of the text; pieces that are not in it are left out. None for all of it.
    """
    table = document.key_table
    if table is None:
        return
    tree = document.tree
    root = tree.placed
    if root.section.children:
        level = table.levels[table.root.level]
        if root.section.head:
            yield TokenPiece(Span(0, root.section.head), None, _no_tokens)
        for child in root.children:
            yield from _pieces(child, level, table, within)
        return
    walker = _Walk(table, tree.text, 0)
    for node in tree.roots:
        walker.value(table.root, node, 0)
    yield TokenPiece(Span(0, len(tree.text)), None, _no_tokens, walker.tokens)


def _pieces(placed: Placed, level: Level | None, table: KeyTable, within: Span | None) -> Iterator[TokenPiece]:
    section = placed.section
    if within is not None and not (placed.span.start <= within.end and within.start <= placed.span.end):
        return
    kind = table.root.level
    name = level.name if level is not None else ""
    if not section.children:
        yield TokenPiece(placed.span, section, _of_entries(kind, name))
        return
    yield TokenPiece(Span(placed.start, placed.start + section.head), section, _of_head(kind, name))
    entry = section.entry
    key = level.key(entry.name) if level is not None and entry is not None and entry.name is not None else None
    if not section.in_sequence:
        inner = table.levels.get(key.value.level) if key is not None and key.value.level else None
        for child in placed.children:
            yield from _pieces(child, inner, table, within)
        return
    work_out = _of_items(kind, name, key.name if key is not None else "")
    for child in placed.children:
        if within is None or (child.span.start <= within.end and within.start <= child.span.end):
            yield TokenPiece(child.span, child.section, work_out)


# What is kept with a section: one function for each place that a section can have.


def _no_tokens(_section: Section) -> tuple[SemanticToken, ...]:
    return ()


@cache
def _of_entries(kind: str, level: str) -> WorkOut:
    def work_out(section: Section) -> tuple[SemanticToken, ...]:
        walker = _Walk(table_of(kind), section.text, section.origin)
        walker.entries(walker.table.levels.get(level), section.entries, 0)
        for item in section.items:
            walker.value(None, item, 0)
        return walker.tokens

    return work_out


@cache
def _of_head(kind: str, level: str) -> WorkOut:
    def work_out(section: Section) -> tuple[SemanticToken, ...]:
        walker = _Walk(table_of(kind), section.text, section.origin)
        walker.keys(walker.table.levels.get(level), section.entries)
        return walker.tokens

    return work_out


@cache
def _of_items(kind: str, level: str, key: str) -> WorkOut:
    def work_out(section: Section) -> tuple[SemanticToken, ...]:
        walker = _Walk(table_of(kind), section.text, section.origin)
        known = walker.table.levels.get(level)
        spec = known.key(key) if known is not None else None
        for item in section.items:
            walker.value(spec.value.items if spec is not None else None, item, 0)
        return walker.tokens

    return work_out


class _Walk:
    """Collects the tokens of nodes.

    Args:
        table: the keys of the file.
        text: a piece of the text.
        base: the offset of the nodes at which that piece begins; offsets of tokens count from it.
    """

    def __init__(self, table: KeyTable, text: str, base: int) -> None:
        self.table = table
        self._text = text
        self._base = base
        self._found: list[SemanticToken] = []

    @property
    def tokens(self) -> tuple[SemanticToken, ...]:
        """What was found, in the order of the text; none overlap, whatever broken text made of the nodes."""
        ordered: list[SemanticToken] = []
        for token in sorted(self._found, key=_START):
            if not ordered or token.start >= ordered[-1].end:
                ordered.append(token)
        return tuple(ordered)

    def value(self, spec: ValueSpec | None, node: Node | None, depth: int) -> None:
        """A value and everything beneath it; of a place that no table describes ``spec`` is None."""
        if spec is None or depth > _DEEPEST:
            return
        if isinstance(node, Scalar):
            self._scalar(spec.meaning, node)
        elif isinstance(node, Mapping):
            self.entries(self.table.levels.get(spec.level), node.entries, depth)
        elif isinstance(node, Sequence):
            for item in node.items:
                self.value(spec.items, item, depth + 1)

    def entries(self, level: Level | None, entries: Iterable[Entry], depth: int) -> None:
        """The entries of a mapping."""
        if level is None:
            return
        entries = tuple(entries)
        self.keys(level, entries)
        for entry in entries:
            key = level.key(entry.name) if entry.name is not None else level.any_key
            value = entry.value
            if value is None:
                continue
            if level.name == _STEP and _is_undescribed(key, value):
                self._undescribed(entry, None, entries, depth + 1)
            elif level.name == _PARAMETERS:
                self._undescribed(entry, "", entries, depth + 1)
            elif key is not None and key.value.level == _PARAMETERS and isinstance(value, Mapping):
                self.keys(self.table.levels.get(_PARAMETERS), value.entries)
                for parameter in value.entries:
                    self._undescribed(parameter, _pattern_among(entries), value.entries, depth + 1)
            elif key is not None:
                self.value(key.value, value, depth + 1)

    def _undescribed(self, entry: Entry, pattern: str | None, beside: Iterable[Entry], depth: int) -> None:
        """A parameter of a pattern, or a key of a step (``pattern`` is None) that no table describes."""
        if depth > _DEEPEST:
            return
        for found in undescribed(entry, pattern, beside):
            if not isinstance(found.node, Scalar):
                self.value(_STEP_VALUE, found.node, depth + 1)
            elif found.meaning is not None:
                self._scalar(found.meaning, found.node, found.entity)
            else:
                span = found.node.text_span
                value = ExpressionName(SymbolKind.ENUM_VALUE, found.node.value, span, found.entity, field=found.field)
                self._found.append(
                    SemanticToken(
                        span.start - self._base, span.end - self._base, TokenType.STRING, TokenModifier.NONE, value
                    )
                )

    def keys(self, level: Level | None, entries: Iterable[Entry]) -> None:
        """The keys of a mapping alone."""
        if level is None:
            return
        entries = tuple(entries)
        unread = unread_keys(level.name, tuple(entry.name or "" for entry in entries)) if self._is_entity else ()
        deprecated = {name for name, _ in unread}
        for entry in entries:
            key = level.key(entry.name) if entry.name is not None else level.any_key
            if not isinstance(entry.key, Scalar):
                continue
            if entry.name in deprecated:
                self._word(entry.key, TokenType.KEYWORD, TokenModifier.DEPRECATED)
            elif key is not None and key.meaning is Meaning.KEY:
                self._word(entry.key, TokenType.KEYWORD)
            elif key is not None:
                self._scalar(key.meaning, entry.key)

    @property
    def _is_entity(self) -> bool:
        return self.table is entity_keys()

    def _word(self, scalar: Scalar, kind: TokenType, modifiers: TokenModifier = TokenModifier.NONE) -> None:
        start, end = scalar.text_span
        self._found.append(SemanticToken(start - self._base, end - self._base, kind, modifiers))

    def _scalar(self, meaning: Meaning, scalar: Scalar, entity: EntityName | None = None) -> None:
        """The tokens of a scalar; ``entity`` is the one whose fields it names, if it is not that of the file."""
        tokens = tokens_in(meaning, scalar.value)
        if not tokens:
            return
        if entity is not None:
            tokens = tuple(map(partial(_of_entity, entity), tokens))
        base = self._base
        whole_start, whole_end = scalar.text_span
        if self._text[whole_start - base : whole_end - base] == scalar.value:  # as almost all are written
            by = whole_start - base
            self._found += [
                SemanticToken(start + by, end + by, kind, modifiers, value)
                for start, end, kind, modifiers, value in tokens
            ]
            return
        placed = scalar._replace(span=scalar.span.shifted(-base))
        spans = spans_in_text(self._text, placed, [Span(token.start, token.end) for token in tokens])
        self._found += [
            SemanticToken(start, end, token.type, token.modifiers, token.value)
            for token, (start, end) in zip(tokens, spans, strict=True)
        ]


def _is_undescribed(key: KeySpec | None, value: Node) -> bool:
    """Whether no table says what is in the value of a step's key: of one of the beta line, or of none that is known."""
    if key is None:
        return not isinstance(value, Scalar)
    return key.value.meaning is Meaning.ANY or (isinstance(value, Mapping) and key.value.meaning is Meaning.ROW_HEAD)


def _pattern_among(entries: Iterable[Entry]) -> str:
    """The pattern that the entries of an action, or of an item of ``patterns``, name."""
    named = {entry.name: entry.value for entry in entries}
    pattern = named.get("pattern") or named.get("type")
    return pattern.value if isinstance(pattern, Scalar) else ""


def _of_entity(entity: EntityName, token: SemanticToken) -> SemanticToken:
    """The token, where it is compared with a field of no other entity, with one of an entity."""
    value = token.value
    if value is None or value.entity is not None:
        return token
    return token._replace(value=value._replace(entity=entity))


class EnumValues:
    """Says which texts in SQL are values of an enum.

    Args:
        analysis: what other entities are looked up in.
        document: the file.
    """

    def __init__(self, analysis: Analysis, document: Document) -> None:
        self._analysis = analysis
        self._document = document
        self._others: dict[object, frozenset[str]] = {}

    def has(self, name: ExpressionName, offset: int) -> bool:
        """Whether a text that is compared with a field is one of the values of its enum.

        Args:
            name: the text and what it is compared with.
            offset: where it is in the file.
        """
        entities = self._document.entities
        entity = entities[0]
        if len(entities) > 1:
            entity = next((each for each in entities if each.root.span.contains(offset)), entity)
        if name.entity is None and not name.through:
            return name.name in entity.field_group.fact(_values_of_enums).get(name.field, ())
        asked = (entity.root.span, name.entity, name.through, name.field)
        values = self._others.get(asked)
        if values is None:
            values = self._others.setdefault(asked, self._values(entity, name))
        return name.name in values

    def _values(self, entity: EntityItem, name: ExpressionName) -> frozenset[str]:
        """The values of the enum that a field of another entity is; empty where it is none, or is not known."""
        of, through = name.entity, name.through
        field = find_field(self._analysis, self._document, entity, name.field, of_entity=of, through=through)
        return frozenset(enum_values(field.text.type)) if field is not None and field.text is not None else frozenset()


def _values_of_enums(fields: FieldGroup) -> dict[str, frozenset[str]]:
    """The values of those fields that are enums, by the fields' names."""
    texts = ((facts.name, facts.type) for facts in fields.facts)
    return {name: frozenset(enum_values(text)) for name, text in texts if text is not None and "enum" in text}
