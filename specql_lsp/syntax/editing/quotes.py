"""Which scalars need no quotes, and which may get them without another value (YAML 1.1, as PyYAML reads it)."""

from __future__ import annotations

import re

from specql_lsp.syntax import yaml11
from specql_lsp.syntax.editing.layout import QuotedScalar

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_CODE = re.compile(r"(?=.*[0-9])[0-9A-Fa-f]+\Z")
"""Digits as those of codes and numbers in the registry, which have quotes, also where they could do without."""
_NUMBER_KEY = re.compile(r"[0-9A-F]{1,2}\Z")
"""A hexadecimal number of a domain or subdomain: its siblings have quotes."""
_NUMBER = re.compile(r"[-+]?(?:0o[0-7]+|0x[0-9A-Fa-f]+|(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)\Z")
"""A number to YAML 1.2, section 10.3.2."""
_ELSEWHERE_BOOLEAN = frozenset("yYnN")
"""Booleans to YAML 1.1, and to other readers than PyYAML."""
_FLOW_INDICATORS = frozenset(",[]{}:?#")
_BEHIND_SCALAR = frozenset({"", " ", "\t", "\r", "\n"})
_BEHIND_FLOW_SCALAR = _BEHIND_SCALAR | frozenset(",]}")


def is_plain_text(raw: str) -> bool:
    """Whether what is written is a plain scalar that is read as this very text."""
    return bool(raw) and raw[0] not in "'\"|>*&!{[" and not yaml11.needs_quotes(raw)


def needs_no_quotes(text: str, found: QuotedScalar) -> bool:
    """Whether a quoted scalar is read as the same text without its quotes."""
    raw = text[found.token.start : found.token.end]
    inner = raw[1:-1]
    if not inner or (raw[0] == '"' and "\\" in inner):
        return False
    value = inner.replace("''", "'") if raw[0] == "'" else inner
    following = text[found.token.end : found.token.end + 1]
    if found.is_key:
        is_word = _WORD.match(value) is not None and _NUMBER_KEY.match(value) is None
        return is_word and not _is_special(value) and following in {":", " "}
    if following not in (_BEHIND_FLOW_SCALAR if found.in_flow else _BEHIND_SCALAR):
        return False
    if found.in_flow and not _FLOW_INDICATORS.isdisjoint(value):
        return False
    return not _is_special(value)


def _is_special(value: str) -> bool:
    return (
        yaml11.needs_quotes(value)
        or value in _ELSEWHERE_BOOLEAN
        or value.startswith(("---", "..."))
        or _CODE.match(value) is not None
        or _NUMBER.match(value) is not None
    )
