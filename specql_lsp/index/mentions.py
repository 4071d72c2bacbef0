"""The entities that a file names in texts that are not kept with their positions: which files to search for them.

These are the tables in the SQL of queries, the parameters of patterns and of actions, and what agents observe. Few
files have any; who wants the positions reads the file. A name may be one of no entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from specql_lsp.index.symbols import SymbolKind
from specql_lsp.items.entity import ActionNode, EntityItem
from specql_lsp.syntax.nodes import Mapping, Node, Scalar, Sequence, walk

_HINTS = (
    *("SELECT", "select", "Select", "FROM ", "INTO ", "UPDATE ", "delete from", "insert into", "tb_"),
    *("config", "param", "observes", "patterns"),
    *("duplicate_check", "aggregate", "subquery", "batch_operation", "window_function", "foreach"),
)
"""A text with none of these has no such names."""
_OF_ACTION = ("config", "params", "parameters")
_OF_ENTITY = ("patterns", "agents")
_HEAD = "select"
_IN_TABLE = "from"
# Compiled when they are first needed: the start waits for this module, and few files need them.
_NAME = r"(?:\w+\.)*([A-Za-z_]\w*)"
_REFERENCES = r"\bref\(([^()]*)\)"
_TABLE = r"(?i)(?:\b(?:from|join|into|update|using|table)|,)\s+(?:\"?(?P<schema>\w+)\"?\.)?\"?(?:tb_)?(?P<name>\w+)"
_QUERY = r"(?i)\b(?:select|from|join|into|update)\s"

Mention: TypeAlias = tuple[SymbolKind, str]
"""An entity or a schema, by its name in lower case."""


def mentioned_names(entity: EntityItem, text: str) -> frozenset[Mention]:
    """The entities, and the schemas before tables.

    Args:
        entity: the entity of the file.
        text: the file.
    """
    for hint in _HINTS:  # a loop, as nearly every file is looked through for all of them
        if hint in text:
            break
    else:
        return frozenset()
    found: set[Mention] = set()
    for action in entity.actions:
        found |= action.node.fact(_in_action)
    for key in _OF_ENTITY:
        node = entity.root.value(key)
        if node is not None:
            found.update(_in_node(node))
    return frozenset(found)


def _in_action(action: ActionNode) -> frozenset[Mention]:
    found: set[Mention] = set()
    for entry in action.body.entries:
        if entry.name in _OF_ACTION and entry.value is not None:
            found.update(_in_node(entry.value))
        elif entry.value is not None:
            found.update(_in_steps(entry.value))
    return frozenset(found)


def _in_steps(node: Node) -> Iterator[Mention]:
    """The tables in queries, and what steps of the beta line name by a key."""
    for each in walk(node):
        if isinstance(each, Scalar):
            yield from _tables(each.value)
        elif isinstance(each, Mapping):
            for entry in each.entries:
                key, value = entry.name or "", entry.value
                if isinstance(value, Scalar) and (key == _HEAD or key.endswith("entity")):
                    name = re.match(_NAME, value.value.strip())
                    if name is not None:
                        yield SymbolKind.ENTITY, name[1].lower()
                elif isinstance(value, Scalar) and key == _IN_TABLE:
                    yield from _tables(f"FROM {value.value.strip()}")


def _in_node(node: Node) -> Iterator[Mention]:
    for each in walk(node):
        if isinstance(each, Mapping):
            for entry in each.entries:
                if isinstance(entry.value, Scalar):
                    yield from _in_text(entry.value.value, key=entry.name or "")
        elif isinstance(each, Sequence):
            yield from (
                name for item in each.items if isinstance(item, Scalar) for name in _in_text(item.value, key="")
            )


def _in_text(text: str, key: str) -> Iterator[Mention]:
    name = re.fullmatch(_NAME, text.strip())
    if name is not None:
        # Of a text alone that is no entity's by its key: entities begin with a capital letter, states do not.
        if key.endswith("entity") or name[1][0].isupper():
            yield SymbolKind.ENTITY, name[1].lower()
        return
    for references in re.finditer(_REFERENCES, text):
        for target in references[1].split("|"):
            yield SymbolKind.ENTITY, target.strip().rpartition(".")[2].lower()
    yield from _tables(text)


def _tables(text: str) -> Iterator[Mention]:
    if re.search(_QUERY, text) is None:
        return
    for match in re.finditer(_TABLE, text):
        yield SymbolKind.ENTITY, match["name"].lower()
        if match["schema"]:
            yield SymbolKind.SCHEMA, match["schema"].lower()
