"""The entities that a file names in texts that are not kept with their positions: which files to search for them.

These are the tables in the SQL of queries, the parameters of patterns and of actions, and what agents observe. Few
files have any; who wants the positions reads the file. A name may be one of no entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from specql_lsp.items.entity import ActionNode, EntityItem
from specql_lsp.syntax.nodes import Mapping, Node, Scalar, walk

_HINTS = ("SELECT", "select", "Select", "config", "param", "observes", "patterns")
"""A text with none of these has no such names."""
_OF_ACTION = ("config", "params", "parameters")
_OF_ENTITY = ("patterns", "agents")
_NAME = re.compile(r"(?:\w+\.)*([A-Za-z_]\w*)")
_REFERENCES = re.compile(r"\bref\(([^()]*)\)")
_TABLE = re.compile(r"(?:\b(?:from|join|into|update|using)|,)\s+(?:\"?\w+\"?\.)*\"?(?:tb_)?(\w+)", re.IGNORECASE)


def mentioned_entities(entity: EntityItem, text: str) -> frozenset[str]:
    """The names in lower case.

    Args:
        entity: the entity of the file.
        text: the file.
    """
    if not any(hint in text for hint in _HINTS):
        return frozenset()
    found: set[str] = set()
    for action in entity.actions:
        found |= action.node.fact(_in_action)
    for key in _OF_ENTITY:
        node = entity.root.value(key)
        if node is not None:
            found.update(_in_node(node))
    return frozenset(found)


def _in_action(action: ActionNode) -> frozenset[str]:
    found: set[str] = set()
    for entry in action.body.entries:
        if entry.name in _OF_ACTION and entry.value is not None:
            found.update(_in_node(entry.value))
        elif entry.value is not None:
            queries = (each.value for each in walk(entry.value) if isinstance(each, Scalar))
            found.update(name for text in queries if "select" in text.lower() for name in _tables(text))
    return frozenset(found)


def _in_node(node: Node) -> Iterator[str]:
    for each in walk(node):
        if isinstance(each, Mapping):
            for entry in each.entries:
                if isinstance(entry.value, Scalar):
                    yield from _in_text(entry.value.value, key=entry.name or "")
        elif not isinstance(each, Scalar):
            items = getattr(each, "items", ())
            yield from (name for item in items if isinstance(item, Scalar) for name in _in_text(item.value, key=""))


def _in_text(text: str, key: str) -> Iterator[str]:
    name = _NAME.fullmatch(text.strip())
    if name is not None:
        # Of a text alone that is no entity's by its key: entities begin with a capital letter, states do not.
        if key.endswith("entity") or name[1][0].isupper():
            yield name[1].lower()
        return
    for references in _REFERENCES.finditer(text):
        for target in references[1].split("|"):
            yield target.strip().rpartition(".")[2].lower()
    if "select" in text.lower():
        yield from _tables(text)


def _tables(text: str) -> Iterator[str]:
    return (match[1].lower() for match in _TABLE.finditer(text))
