"""The parameters that an action declares under ``params`` or ``parameters``; no release reads them."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.items.entity import ActionItem
from specql_lsp.syntax.nodes import Mapping, Scalar, Sequence
from specql_lsp.syntax.text import Span

PARAMETER_KEYS = ("params", "parameters")


def declared_parameters(action: ActionItem) -> Iterator[tuple[str, Span]]:
    """The name of each declared parameter and where it is, without quotes: keys, list items, ``name`` of list items."""
    for key in PARAMETER_KEYS:
        for scalar in _names(action.node.body, key):
            yield scalar.value, scalar.text_span.shifted(action.shift)


def parameter_type(action: ActionItem, name: str) -> str:
    """The type that an action declares for a parameter; empty where it declares none."""
    for key in PARAMETER_KEYS:
        declared = action.node.body.value(key)
        if isinstance(declared, Mapping):
            value = declared.value(name)
            found = value.scalar("type") if isinstance(value, Mapping) else value
        else:
            items = declared.items if isinstance(declared, Sequence) else ()
            named = (item for item in items if isinstance(item, Mapping) and item.scalar("name"))
            own = next((item for item in named if (of := item.scalar("name")) and of.value == name), None)
            found = own.scalar("type") if own is not None else None
        if isinstance(found, Scalar):
            return found.value
    return ""


def _names(body: Mapping, key: str) -> Iterator[Scalar]:
    declared = body.value(key)
    if isinstance(declared, Mapping):
        yield from (entry.key for entry in declared.entries if isinstance(entry.key, Scalar))
    elif isinstance(declared, Sequence):
        for item in declared.items:
            name = item.scalar("name") if isinstance(item, Mapping) else item
            if isinstance(name, Scalar):
                yield name
