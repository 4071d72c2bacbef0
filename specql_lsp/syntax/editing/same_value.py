"""Whether PyYAML makes the same value of a text as of another one, of which only the layout is different."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from specql_lsp.syntax import yaml11
from specql_lsp.syntax.parsing import scalars
from specql_lsp.syntax.pyyaml import parse_events
from specql_lsp.syntax.pyyaml.tokens import Event, ParsedEvent, Token
from specql_lsp.syntax.pyyaml.validator import Parsed

_BREAK = re.compile(r"\r\n|\n|\r")
_HEADER = re.compile(r"[|>][-+0-9]*")


def has_same_value(text: str, parsed: Parsed, other: str) -> bool:
    """Whether two texts have the same nodes with the same anchors, tags and scalars; False where that is not certain.

    Args:
        text: a text without the line breaks that only YAML 1.1 has.
        parsed: what the parser makes of it.
        other: the other text.
    """
    again = parse_events(other)
    if again.error is not None or len(again.events) != len(parsed.events):
        return False
    pairs = zip(parsed.events, again.events, strict=True)
    return all(_is_same(text, parsed.tokens, one, other, again.tokens, two) for one, two in pairs)


def _is_same(
    text: str,
    tokens: Sequence[Token],
    one: ParsedEvent,
    other: str,
    other_tokens: Sequence[Token],
    two: ParsedEvent,
) -> bool:
    if one.event is not two.event or (one.token is None) is not (two.token is None):
        return False
    if one.event is Event.END:
        return True
    if _properties(text, tokens, one) != _properties(other, other_tokens, two):
        return False
    if one.token is None or two.token is None or one.event not in _TEXTS:
        return True
    raw, other_raw = _raw(text, tokens[one.token]), _raw(other, other_tokens[two.token])
    if raw == other_raw and raw[:1] not in "|>":
        return True
    return one.event is Event.SCALAR and _value(raw) == _value(other_raw)


_TEXTS = frozenset({Event.SCALAR, Event.ALIAS})


def _properties(text: str, tokens: Sequence[Token], event: ParsedEvent) -> list[str]:
    """The anchor and the tag of a node."""
    if event.token is None or event.token - event.first < 1:
        return []
    return [_raw(text, token) for token in tokens[event.first : event.token] if token.end > token.start]


def _raw(text: str, token: Token) -> str:
    return text[token.start : token.end]


def _value(raw: str) -> tuple[str, ...]:
    """What a scalar says: what kind of scalar it is, and its text."""
    first = raw[:1]
    if first in {"|", ">"}:
        return _block(raw)
    if first == "'":
        return "text", scalars.single_quoted(raw)
    if first == '"':
        return "text", scalars.double_quoted(raw)
    value = scalars.plain(raw)
    is_text = yaml11.type_of(value) is yaml11.ScalarType.STRING and value not in {"=", "<<"}
    return "text" if is_text else "plain", value


def _block(raw: str) -> tuple[str, ...]:
    """The signs of a block scalar, and the lines and line breaks of its text without their indentation."""
    bounds = [0, *(match.end() for match in _BREAK.finditer(raw)), len(raw)]
    rows = [raw[start:end] for start, end in pairwise(bounds) if end > start]
    header = _HEADER.match(raw)
    signs = header.group() if header is not None else ""
    indentation = 0
    for row in rows[1:]:
        bare = row.rstrip("\r\n")
        indentation = max(indentation, len(bare) - len(bare.lstrip(" ")))
        if bare.strip(" "):
            break
    body = [_dedented(row, indentation) for row in rows[1:]]
    if "+" not in signs:
        while body and not body[-1].strip("\r\n"):
            body.pop()
        if body and "-" in signs:
            body[-1] = body[-1].rstrip("\r\n")
    return (signs, *body)


def _dedented(row: str, indentation: int) -> str:
    """A line without its indentation, of which an empty one may have less."""
    line = row.rstrip("\r\n")
    return line[indentation:] + row[len(line) :]
