"""Takes passwords out of text that is shown or logged. It hides too much rather than too little."""

from __future__ import annotations

import re
from collections.abc import Callable

HIDDEN = "***"

_SETTING_HEAD = r"\b(?:database[_-]?url|SPECQL_DB_URL)\b(?:\\?['\"])?\s*[=:]\s*"
_SETTING = (
    rf"(?P<head>{_SETTING_HEAD})"
    rf"(?:\"(?:(?!{_SETTING_HEAD})[^\"\\]|\\.)*(?:\"|(?={_SETTING_HEAD})|\Z)"
    rf"|'(?:(?!{_SETTING_HEAD})[^'\\]|\\.)*(?:'|(?={_SETTING_HEAD})|\Z))"
)
"""The quoted value of the setting itself, whatever it is: a URL may be mistyped around its password.

A quote that is never closed ends before the next occurrence of the setting, or that one's quote would close it.
"""

_DATABASE_URL = re.compile(r"postgres(?:ql)?(?:\+\w+)?:?[/\\]+(?:\[[0-9a-f.]*:[0-9a-f:.]*\]|[^\n:@])*:", re.IGNORECASE)
"""The beginning of a database URL up to the colon before its password, or before a port.

One slash suffices: path libraries fold ``//``, and write ``\\`` on Windows.
"""
_LONGEST_PASSWORD = 1_000
"""Within how many characters after the colon an ``@`` is looked for where the line does not end the search."""
_PORTS = re.compile(r"\d{0,5}(?:,[^\s/?]*)?(?=[/?\s\"'.,;)]|\Z)")
_NO_PORT = re.compile(r"[^\s/?\"']+")

_OTHER_URL = re.compile(r"\b[a-z][a-z0-9+]+(?::/|:?//)[^\s:/@]*:", re.IGNORECASE)
_BLANK = re.compile(r"\s")

_SECRET_KEYWORDS = ("password", "passwd", "passphrase", "client_secret", "scram_client_key", "scram_server_key")
"""The ends of the names of secrets: those of libpq (``PQconndefaults``) and of its environment variables."""


def _in_any_spelling(keyword: str) -> str:
    """A pattern of a keyword whose letters may be percent-encoded, as libpq reads the query of a URL."""
    return "".join(f"(?:{letter}|%{ord(letter):02x}|%{ord(letter.upper()):02x})" for letter in keyword)


_KEYWORD_HEAD = rf"(?:{'|'.join(map(_in_any_spelling, _SECRET_KEYWORDS))})(?:\\?['\"])?\s*[=:]\s*"
_KEYWORD_VALUE = (
    rf"(?P<head>{_KEYWORD_HEAD})"
    rf"(?:'(?:(?!{_KEYWORD_HEAD})[^'\\]|\\+[^\\])*(?:'|(?={_KEYWORD_HEAD})|\Z)"
    rf"|\"(?:(?!{_KEYWORD_HEAD})[^\"\\]|\\+[^\\])*(?:\"|(?={_KEYWORD_HEAD})|\Z)"
    # Without quotes a value ends before the next keyword of the connection string: a blank may be part of it.
    r"|(?:(?!\s{1,9}\w{1,40}\s{0,3}=)[^\n])+)"
)
_FLAGS = re.IGNORECASE | re.DOTALL
"""Of the two long patterns, which ``re`` compiles, and keeps, when they are first used: it takes a while."""


def redact(text: str) -> str:
    """The text without the passwords of URLs and connection strings; ``***`` is in their place."""
    text = re.sub(_SETTING, rf"\g<head>{HIDDEN}", text, flags=_FLAGS)
    text = _without_passwords(text, _DATABASE_URL, _end_of_database_password)
    text = _without_passwords(text, _OTHER_URL, _end_of_other_password)
    return re.sub(_KEYWORD_VALUE, rf"\g<head>{HIDDEN}", text, flags=_FLAGS)


def looks_like_a_url(text: str) -> bool:
    """Whether a text that should be a path is a URL or a connection string instead."""
    return bool(re.match(r"\s*(?:[a-z][a-z0-9+.-]+:/|postgres(?:ql)?:)", text, re.IGNORECASE)) or redact(text) != text


def _without_passwords(text: str, head: re.Pattern[str], end_of: Callable[[str, int], int | None]) -> str:
    """The text without what follows each ``head``, up to where ``end_of`` says; None hides nothing."""
    if head is _OTHER_URL and "@" not in text:
        return text
    parts: list[str] = []
    done = 0
    while (found := head.search(text, done)) is not None:
        parts.append(text[done : found.end()])
        done = found.end()
        end = end_of(text, done)
        if end is not None:
            parts.append(HIDDEN)
            done = end
    return "".join([*parts, text[done:]])


def _end_of_database_password(text: str, start: int) -> int | None:
    """Where the password of a database URL ends that begins at ``start``; None if a port is there.

    A password may hold ``@``, ``/``, quotes and blanks that should have been percent-encoded, so that the last ``@`` of
    the line ends it.
    """
    line_end = text.find("\n", start)
    at = text.rfind("@", start, line_end if line_end >= 0 else len(text))
    if at < 0 and line_end >= 0:
        at = text.find("@", start, start + _LONGEST_PASSWORD)
    if at >= 0:
        return at
    if _PORTS.match(text, start):
        return None
    without = _NO_PORT.match(text, start)
    return without.end() if without is not None else None


def _end_of_other_password(text: str, start: int) -> int | None:
    """Where the password of any URL ends that begins at ``start``: at the last ``@`` before a blank."""
    limit = min(start + _LONGEST_PASSWORD, len(text))
    blank = _BLANK.search(text, start, limit)
    at = text.rfind("@", start, blank.start() if blank is not None else limit)
    return at if at >= 0 else None
