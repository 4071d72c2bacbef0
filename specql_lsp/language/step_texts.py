"""The texts of steps as SpecQL 0.9.2 reads them: which it refuses, and what it misses in them.

Source: ``SpecQLParser._parse_update_step``, ``_parse_call_step`` and ``_parse_notify_step``. Tolerant parsers of the
same texts are in ``specql_lsp.language.expressions.heads``.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from specql_lsp.language.expressions.heads import CallHead, parse_call_head
from specql_lsp.syntax.text import Span

_CALL = re.compile(r"(\w+)\s*\((.*)\)")
_NOTIFY = re.compile(r"(\w+)\s*\(([^,]+),\s*(.+)\)")
_SET = re.compile(r"\bset\b", re.IGNORECASE)
_QUOTED = re.compile(r"'[^']*'?|\"[^\"]*\"?")


class TextProblem(Enum):
    """Why SpecQL refuses the text of a step."""

    NO_SET = "no set"
    """An ``update`` without SET."""
    SET_IS_NOT_FOUND = "set is not found"
    """An ``update`` whose SET is not in capitals, or not between two blanks: on a line of its own, say."""
    NO_NAME = "no name"
    """Of the function, or of the recipient."""
    QUALIFIED_NAME = "qualified name"
    NO_PARENTHESES = "no parentheses"
    NOT_CLOSED = "not closed"
    """The parenthesis is not closed, or not on the same line."""
    NO_CHANNEL = "no channel"
    NO_MESSAGE = "no message"


class RefusedText(NamedTuple):
    """A text that SpecQL refuses; ``span`` is the part of it that is wrong."""

    problem: TextProblem
    span: Span
    name: str = ""
    """The name of the function or recipient, as far as there is one."""


@lru_cache(maxsize=4096)
def refused_text(kind: str, text: str) -> RefusedText | None:
    """Why SpecQL refuses the text of a step of that kind; None where it reads it."""
    match kind:
        case "update":
            return None if " SET " in text else _update(text)
        case "call":
            return None if _CALL.match(text) else _call(text)
        case "notify":
            return None if _NOTIFY.match(text) else _notify(text)
    return None


def _update(text: str) -> RefusedText:
    without_quotes = _QUOTED.sub(lambda match: " " * len(match[0]), text)
    found = _SET.search(without_quotes)
    if found is None:
        return RefusedText(TextProblem.NO_SET, _bare(text))
    return RefusedText(TextProblem.SET_IS_NOT_FOUND, Span(*found.span()))


def _bare(text: str) -> Span:
    """The span of a text without white space around it."""
    start = len(text) - len(text.lstrip())
    return Span(start, max(len(text.rstrip()), start))


def _call(text: str) -> RefusedText:
    return _head(text, parse_call_head(text))


def _head(text: str, head: CallHead) -> RefusedText:
    function = head.function
    if function is None or function.span.start > 0:
        return RefusedText(TextProblem.NO_NAME, _bare(text))
    if len(function.parts) > 1:
        span = function.span if head.opened else _bare(text)
        return RefusedText(TextProblem.QUALIFIED_NAME, span, function.parts[-1].text)
    if not head.opened:
        return RefusedText(TextProblem.NO_PARENTHESES, _bare(text), function.text)
    return RefusedText(TextProblem.NOT_CLOSED, _bare(text), function.text)


def _notify(text: str) -> RefusedText:
    head = parse_call_head(text)
    if _CALL.match(text) is None:
        return _head(text, head)
    if not head.arguments:
        return RefusedText(TextProblem.NO_CHANNEL, _bare(text), text[: text.index("(")].strip())
    return RefusedText(TextProblem.NO_MESSAGE, _bare(text), text[: text.index("(")].strip())
