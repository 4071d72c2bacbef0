"""Which kinds of steps are likely at a place, by the steps before it and by what the action is called.

Source: the actions with steps in SpecQL's public repository (``examples``, ``docs``, ``entities``). Nearly all of them
check first and then change one row: an action that creates something inserts, one that reads ends with a result, any
other updates. What follows a change is a row of history, a notification or, in a file with table views, their refresh.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

_CREATES = frozenset(
    {"create", "add", "insert", "new", "register", "record", "log", "schedule", "open", "book", "place", "submit"}
)
_DELETES = frozenset({"delete", "remove", "purge", "destroy", "drop"})
_READS = frozenset(
    {"get", "search", "list", "find", "fetch", "count", "calculate", "compute", "read", "export", "report", "summarize"}
)
_FIRST_WORD = re.compile("[A-Za-z][a-z]*")

_CHECKS = frozenset({"validate", "duplicate_check"})
_CHANGES = frozenset({"insert", "update", "delete", "upsert", "partial_update"})
_AFTER_CHANGE = ("notify", "insert", "call", "update", "return")
_VIEWS = "refresh_table_view"
_COMPUTES = (
    *("assign", "query", "declare", "return", "cte", "for_query", "return_table"),
    *("cursor_declare", "cursor_open", "cursor_fetch", "cursor_close"),
)
"""The kinds of an action that computes something of rows: where one is, others are likelier than those of changes."""
_AFTER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "find": ("validate", "update", "insert", "if", "call"),
        "if": ("update", "insert", "notify", "return"),
        "call": ("update", "notify", "return"),
        "notify": ("notify", "call", "return"),
        _VIEWS: ("notify", "call", "return"),
        "declare": ("assign", "query", "declare", "cursor_declare"),
        "assign": ("assign", "query", "update", "return", "select"),
        "query": ("return", "validate", "assign", "if", "return_table", "for_query"),
        "cte": ("query", "return_table"),
        "for_query": ("return", "update"),
        "cursor_declare": ("cursor_open",),
        "cursor_open": ("cursor_fetch", "for_query"),
        "cursor_fetch": ("cursor_close", "update", "if"),
        "cursor_close": ("return", "return_table"),
        "select": ("return", "assign", "return_early"),
        "aggregate": ("assign", "update", "return"),
        "subquery": ("assign", "update", "return"),
        "call_service": ("update", "notify"),
    }
)
"""What follows a kind, likeliest first."""


def likely_kinds(
    action: str | None, before: Sequence[str], *, branch: str = "steps", has_views: bool = False
) -> tuple[str, ...]:
    """The kinds that a step is likely to be, likeliest first; any other kind is less likely.

    Args:
        action: the name of the action, None where it has none yet.
        before: the kinds of the steps before it in the same list, in their order.
        branch: the key whose list of steps it is in, as ``else``.
        has_views: whether the file has table views.
    """
    last = before[-1] if before else None
    verb = _verb(action)
    changes = _changes(verb)
    if last is None and branch == "else":
        return "reject", "update", "notify"
    if last is None:
        checks_first = verb not in _READS and verb != "update"
        return ("validate", *changes) if checks_first else (changes[0], "validate", *changes[1:])
    if last in _CHECKS:
        return (*changes, "validate", "if")
    if last in _CHANGES:
        return (_VIEWS, *_AFTER_CHANGE) if has_views and _VIEWS not in before else _AFTER_CHANGE
    follows = _AFTER.get(last, ())
    return (*follows, *(kind for kind in _COMPUTES if kind not in follows)) if last in _COMPUTES else follows


def _verb(action: str | None) -> str:
    word = _FIRST_WORD.match(action) if action else None
    return word.group().lower() if word is not None else ""


def _changes(verb: str) -> tuple[str, ...]:
    """What an action with this verb in its name does in the end."""
    if verb in _CREATES:
        return "insert", "update"
    if verb in _DELETES:
        return "delete", "update"
    if verb in _READS:
        return "query", "find", "declare", "assign", "return"
    return "update", "insert"
