"""Values of which there are few: choices, booleans, and the defaults that a field's type allows."""

from __future__ import annotations

from collections.abc import Iterable

from specql_lsp.features.completion.builder import Proposal, build
from specql_lsp.features.completion.insertion import value_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.surroundings import keys_beside
from specql_lsp.features.model import CompletionKind, CompletionList
from specql_lsp.language.type_syntax import EnumType, NamedType, TypeExpression, parse_field_type

_DEFAULTS = {
    "boolean": ("true", "false"),
    "integer": ("0", "1"),
    "bigint": ("0", "1"),
    "float": ("0",),
    "money": ("0",),
    "percentage": ("0", "100"),
    "json": ("{}",),
}
_USUALLY_FALSE = frozenset({"nullable"})
"""Keys that are true without being written, so that most who write them write ``false``."""


def complete(request: Request) -> CompletionList:
    """The choices of the place."""
    value = request.place.value
    return _values(request, value.choices if value is not None else ())


def booleans(request: Request) -> CompletionList:
    """``true`` and ``false``; YAML writes neither in quotes."""
    key = request.place.key
    values = ("false", "true") if key is not None and key.name in _USUALLY_FALSE else ("true", "false")
    return _values(request, values, are_text=False)


def defaults(request: Request) -> CompletionList:
    """What may be the value of ``default`` beside the field's ``type``."""
    written = parse_field_type(keys_beside(request).get("type") or "").type
    return (
        _values(request, values_of(written), are_text=isinstance(written, EnumType))
        if written
        else _values(request, ())
    )


def values_of(written: TypeExpression) -> tuple[str, ...]:
    """The values of an enumeration, or those that a type's defaults usually have."""
    if isinstance(written, EnumType):
        return tuple(value.text for value in written.values)
    return _DEFAULTS.get(written.name.text, ()) if isinstance(written, NamedType) else ()


def _values(request: Request, values: Iterable[str], *, are_text: bool = True) -> CompletionList:
    insertion = value_insertion(request, as_written=not are_text)
    return build(request.context.prefix, [Proposal(v, v, CompletionKind.ENUM_MEMBER) for v in values], insertion)
