"""Tags and directives, by the rules of PyYAML's scanner (``scan_tag``, ``scan_directive``)."""

from __future__ import annotations

import re
from typing import NamedTuple

_B = "\n\r\x85\u2028\u2029"
_HANDLE = re.compile(r"!(?:[0-9A-Za-z_-]*!)?")
_URI = re.compile(r"(?:[0-9A-Za-z\-;/?:@&=+$,_.!~*'()\[\]]|(?:%[0-9A-Fa-f]{2})+)+")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_BEHIND_TAG = re.compile(rf"[ {_B}]|\Z")
_EXCLAMATION = re.compile(rf"[^ {_B}!]*!")
_REST = re.compile(rf"[ ]*(?:\#[^{_B}]*)?(?=[{_B}]|\Z)")
_NAME = re.compile(rf"%([0-9A-Za-z_-]+)(?=[ {_B}]|\Z)")
_VERSION = re.compile(rf"[ ]*([0-9]+)\.([0-9]+)(?=[ {_B}]|\Z)")
_ANY_TEXT = re.compile(rf"[^{_B}]*")
_SPACES = re.compile("[ ]*")
_MOST_DIGITS = 4300
"""``int`` refuses more (Python's default of ``sys.set_int_max_str_digits``)."""

DEFAULT_HANDLES = {"!": "!", "!!": "tag:yaml.org,2002:"}


class Tag(NamedTuple):
    """A tag as written: ``handle`` is None for ``!<uri>`` and for a lone ``!``; ``end`` is an offset."""

    handle: str | None
    suffix: str
    end: int


class Directive(NamedTuple):
    """A directive: for ``%YAML`` the major version, for ``%TAG`` handle and prefix; ``end`` is an offset."""

    name: str
    version: int | None
    handle: str | None
    prefix: str
    end: int


def read_tag(text: str, at: int) -> Tag | None:
    """The tag at ``at``, where a ``!`` is; None where PyYAML refuses it."""
    if text.startswith("<", at + 1):
        uri = _uri(text, at + 2)
        if uri is None or not text.startswith(">", uri[1]):
            return None
        tag = Tag(None, uri[0], uri[1] + 1)
    elif _BEHIND_TAG.match(text, at + 1) or text.startswith("\t", at + 1):
        tag = Tag(None, "!", at + 1)
    else:
        handle = "!"
        start = at + 1
        if _EXCLAMATION.match(text, at + 1):
            found = _handle(text, at)
            if found is None:
                return None
            handle, start = found, at + len(found)
        uri = _uri(text, start)
        if uri is None:
            return None
        tag = Tag(handle, *uri)
    return tag if _BEHIND_TAG.match(text, tag.end) else None


def read_directive(text: str, at: int) -> Directive | None:
    """The directive at ``at``, where a ``%`` is, up to the end of its line; None where PyYAML refuses it."""
    name = _NAME.match(text, at)
    if name is None:
        return None
    version: int | None = None
    handle: str | None = None
    prefix = ""
    end = name.end()
    if name[1] == "YAML":
        number = _VERSION.match(text, end)
        if number is None or max(len(number[1]), len(number[2])) > _MOST_DIGITS:
            return None
        version, end = int(number[1]), number.end()
    elif name[1] == "TAG":
        start = _SPACES.match(text, end)
        assert start is not None  # noqa: S101 - it matches the empty text
        handle = _handle(text, start.end())
        if handle is None or not text.startswith(" ", start.end() + len(handle)):
            return None
        behind = _SPACES.match(text, start.end() + len(handle))
        assert behind is not None  # noqa: S101 - it matches the empty text
        uri = _uri(text, behind.end())
        if uri is None or not _BEHIND_TAG.match(text, uri[1]):
            return None
        prefix, end = uri
    else:
        rest = _ANY_TEXT.match(text, end)
        assert rest is not None  # noqa: S101 - it matches the empty text
        end = rest.end()
    line = _REST.match(text, end)
    return Directive(name[1], version, handle, prefix, line.end()) if line else None


def _handle(text: str, at: int) -> str | None:
    """``!``, ``!!`` or ``!name!``; PyYAML takes ``!`` alone only before a space."""
    found = _HANDLE.match(text, at)
    if found is None or (found.group() == "!" and not text.startswith(" ", at + 1)):
        return None
    return found.group()


def _uri(text: str, at: int) -> tuple[str, int] | None:
    """A URI with its escapes decoded, and where it ends."""
    found = _URI.match(text, at)
    if found is None or text.startswith("%", found.end()):
        return None
    try:
        decoded = _ESCAPES.sub(lambda m: bytes.fromhex(m.group().replace("%", "")).decode("utf-8"), found.group())
    except UnicodeDecodeError:
        return None
    return decoded, found.end()
