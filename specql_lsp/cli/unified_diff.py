"""A changed text as a unified diff that ``git apply`` and ``patch`` take."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

_QUOTED = re.compile(r'[\x00-\x1f\x7f"\\]')
_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def unified_diff(path: str, before: str, after: str) -> Iterator[str]:
    r"""The lines of the diff, each with its line feed; a carriage return is a part of its line, as it is to git.

    Args:
        path: the file's, with ``/`` between its parts, relative to where the diff is applied.
        before: the old text.
        after: the new text.
    """
    old, new = _lines(before), _lines(after)
    path = path.lstrip("/")
    for line in difflib.unified_diff(old, new, _name(f"a/{path}"), _name(f"b/{path}")):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """The lines with their line feeds; ``str.splitlines`` splits at other characters, too."""
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _name(path: str) -> str:
    """A name as git writes it: between quotes if it holds control characters, before a tab if it holds blanks."""
    if _QUOTED.search(path):
        return '"' + _QUOTED.sub(lambda found: _ESCAPES.get(found[0]) or f"\\{ord(found[0]):03o}", path) + '"'
    return path + "\t" if " " in path else path
