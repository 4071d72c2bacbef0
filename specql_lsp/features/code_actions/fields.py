"""The field at the cursor: not null or nullable, a text or a mapping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.features.code_actions.request import ActionRequest
from specql_lsp.features.entry_edits import WrittenEntry, add_after, remove, set_value, sibling, written_entry
from specql_lsp.features.model import ActionKind, CodeAction
from specql_lsp.language.types import TypeTier, type_named
from specql_lsp.syntax import yaml11
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.scalars import replace_text
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.editing.values import MapValue, RawScalar, TextScalar, YamlValue
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, ScalarStyle
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree

_KEYS = ("type", "nullable", "default", "description")
_FALSE = RawScalar("false")


class _Text(NamedTuple):
    """A field as SpecQL 0.9.2 reads it of a text (``SpecQLParser._parse_field_string``)."""

    type: str
    nullable: bool
    default: str | None

    @property
    def text(self) -> str:
        """The text that is read so."""
        default = f" = {self.default}" if self.default is not None else ""
        return f"{self.type}{default}{'' if self.nullable else '!'}"


def actions(request: ActionRequest) -> Iterator[CodeAction]:
    """What can be done with the field at the range, where it is written in the file itself and read nowhere else."""
    tree = request.document.tree
    field = written_field(request)
    if field is None or tree.has_problems:
        return
    value = field.entry.value
    if isinstance(value, Scalar):
        yield from _of_text(tree, field, value)
    elif isinstance(value, Mapping):
        yield from _of_mapping(tree, field, value)


def written_field(request: ActionRequest) -> WrittenEntry | None:
    """The entry of the field that the range is in; None if there is none, or an alias may repeat what is in it."""
    entity = request.document.entity
    holder = entity.fields_entry if entity is not None else None
    place = written_entry(request.document.tree, request.span)
    while place is not None and holder is not None:
        if place.holder is not None and place.holder.entry.span == holder.span:
            is_own = not any(_is_within(node, place.entry) for node in request.document.tree.anchors.values())
            return place if is_own and place.entry.name not in {None, "<<"} else None
        place = place.holder
    return None


def _is_within(node: Node, entry: Entry) -> bool:
    return entry.span.start <= node.span.start and node.span.end <= entry.span.end


def _action(title: str, edits: tuple[TextEdit, ...]) -> CodeAction:
    return CodeAction(title, ActionKind.REFACTOR_REWRITE, edits=edits)


# A text


def _of_text(tree: SyntaxTree, field: WrittenEntry, value: Scalar) -> Iterator[CodeAction]:
    read = _read(value)
    if read is None:
        return
    end = value.text_span.end
    if read.nullable:
        yield _action("Make it not null", (replace_text(tree, Span(end, end), "!"),))
    elif tree.text[end - 1] == "!":
        yield _action("Make it nullable", (TextEdit(Span(end - 1, end), ""),))
    edits = YamlWriter(tree).set_entries(field.entry, MapValue(tuple(_entries(read))), in_flow=field.in_flow)
    yield _action("Write the field as a mapping", edits)


def _read(value: Scalar) -> _Text | None:
    """The field that a text describes; None where it is not written on one line, or is not read as it is written."""
    text = value.value
    if value.tag is not None or value.style in {ScalarStyle.LITERAL, ScalarStyle.FOLDED}:
        return None
    if not text or text != text.strip() or "\n" in text or (value.is_plain and yaml11.needs_quotes(text)):
        return None
    if value.text_span.end - value.text_span.start != len(text):  # escapes, or several lines
        return None
    read = read_text(text)
    return read if read.type and read.type == read.type.strip() and not read.type.endswith(("!", "?")) else None


def read_text(text: str) -> _Text:
    """What SpecQL reads of a field's text without white space around it."""
    nullable = not text.endswith("!")
    body = text if nullable else text[:-1]
    type_, equals, default = body.partition(" = ")
    return _Text(type_, nullable, default.strip().strip("'\"") if equals else None)


def _entries(read: _Text) -> Iterator[tuple[TextScalar, YamlValue]]:
    yield TextScalar("type"), TextScalar(read.type)
    if not read.nullable:
        yield TextScalar("nullable"), _FALSE
    if read.default is not None:
        yield TextScalar("default"), TextScalar(read.default)
    description = _own_description(read.type)
    if description:  # of a mapping SpecQL takes the description from the file alone
        yield TextScalar("description"), TextScalar(description)


def _own_description(type_: str) -> str:
    """What SpecQL describes a field of a type with where the file says nothing; empty for most types."""
    spec = type_named(type_)
    return spec.description if spec is not None and spec.tier is not TypeTier.BASIC else ""


# A mapping


def _of_mapping(tree: SyntaxTree, field: WrittenEntry, value: Mapping) -> Iterator[CodeAction]:
    if not value.entries or value.entry("type") is None or value.entry("<<") is not None:
        return
    inner = WrittenEntry(value, value.entries[0], field, field.in_flow or value.flow)
    type_, nullable = sibling(inner, "type"), sibling(inner, "nullable")
    if type_ is None or not isinstance(type_.entry.value, Scalar):
        return
    if nullable is None:
        yield _action("Make it not null", add_after(tree, value, type_.entry, "nullable", _FALSE))
    elif isinstance(nullable.entry.value, Scalar):
        written = yaml11.boolean(nullable.entry.value)
        if written is True:
            yield _action("Make it not null", set_value(tree, nullable, _FALSE))
        elif written is False and len(value.entries) > 1:
            yield _action("Make it nullable", remove(tree, nullable))
    read = _read_mapping(value)
    at, end = field.entry.key.span.end, YamlWriter(tree).content_end(value.span)
    if read is None or any(at <= comment.start < end for comment in tree.comments):
        return
    own = _own_description(read.type)
    described = value.scalar("description")
    if described is not None and described.value != own:
        return
    loses = own and described is None
    title = "Write the field as a text" + (", which takes SpecQL's own description" if loses else "")
    yield _action(title, YamlWriter(tree).set_scalar(field.entry, TextScalar(read.text), in_flow=field.in_flow))


def _read_mapping(value: Mapping) -> _Text | None:
    """The field that a mapping describes, where a text describes the same; else None."""
    names = [entry.name for entry in value.entries]
    values = {name: value.scalar(name) for name in _KEYS}
    if len(set(names)) < len(names) or not set(names) <= set(_KEYS) or any(values[n or ""] is None for n in names):
        return None
    type_, nullable, default = values["type"], values["nullable"], values["default"]
    is_null = yaml11.boolean(nullable) if nullable is not None else True
    texts = [each for each in (type_, default, values["description"]) if each is not None]
    if type_ is None or is_null is None or not all(_is_text(each) for each in texts):
        return None
    read = _Text(type_.value, is_null, default.value if default is not None else None)
    return read if read_text(read.text.strip()) == read and "\n" not in read.text else None


def _is_text(scalar: Scalar) -> bool:
    """Whether SpecQL gets the text that is written."""
    return scalar.tag is None and (not scalar.is_plain or yaml11.type_of(scalar.value) is yaml11.ScalarType.STRING)
