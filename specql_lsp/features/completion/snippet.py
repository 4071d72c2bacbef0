"""A snippet: lines of YAML with placeholders (LSP 3.17, "Snippet Syntax"), for clients that expand them or do not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_PLACEHOLDER = re.compile(r"\$\{\d+:(?P<text>[^}]*)\}|\$\{\d+\|(?P<first>(?:\\.|[^,|\\])*)[^}]*\|\}|\$\d+")


@dataclass(frozen=True, slots=True)
class Snippet:
    """Lines that begin at the cursor.

    Attributes:
        label: what the user types and sees.
        detail: what it is, in a few words.
        lines: the lines without the indentation of the place; with ``${1:default}``, ``${1|one,two|}`` and ``$0``.
        name: what is compared with the typed text where that is not the label.
    """

    label: str
    detail: str
    lines: tuple[str, ...]
    name: str = ""

    @property
    def compared(self) -> str:
        """What is compared with the typed text."""
        return self.name or self.label

    def text(self, indentation: int) -> str:
        """The snippet with its placeholders; the lines behind the first get ``indentation`` blanks."""
        return _joined(self.lines, indentation)

    def plain(self, indentation: int) -> str:
        """The text with every placeholder as it is; the lines behind the first get ``indentation`` blanks."""
        return _joined(tuple(expanded(line) for line in self.lines), indentation)


@lru_cache(maxsize=1024)
def expanded(line: str) -> str:
    """A line of a snippet as it reads where nothing is typed over its placeholders."""
    return _PLACEHOLDER.sub(lambda match: match["text"] or (match["first"] or "").replace("\\", ""), line)


@lru_cache(maxsize=256)
def choice(number: int, values: tuple[str, ...]) -> str:
    """A placeholder that offers values, the first of which is the default."""
    escaped = (re.sub(r"[\\,|]", r"\\\g<0>", value) for value in values)
    return f"${{{number}|{','.join(escaped)}|}}"


def _joined(lines: tuple[str, ...], indentation: int) -> str:
    blanks = " " * indentation
    return "\n".join(blanks + line if number and line else line for number, line in enumerate(lines))
