"""``ref(…)`` in field types: ``ref(Entity)``, ``ref(schema.Entity)``, ``ref(A|B)``, also inside ``list(…)``."""

from __future__ import annotations

import re
from typing import NamedTuple

_REF = re.compile(r"\bref\s*\(([^()]*)\)?")
_TARGET = re.compile(r"[^|\s]+")


class Reference(NamedTuple):
    """One entity named by a ``ref``. ``start`` and ``end`` count within the type's text."""

    schema: str | None
    name: str
    start: int
    end: int


def references(type_text: str) -> tuple[Reference, ...]:
    """The entities that a field's type refers to; a missing closing parenthesis is forgiven."""
    if "ref" not in type_text:
        return ()
    found: list[Reference] = []
    for match in _REF.finditer(type_text):
        for target in _TARGET.finditer(type_text, match.start(1), match.end(1)):
            schema, dot, name = target.group().rpartition(".")
            found.append(Reference(schema if dot else None, name, target.start(), target.end()))
    return tuple(found)


class OpenReference(NamedTuple):
    """What is typed of a ``ref(`` target before the cursor."""

    schema: str | None
    """The schema before the dot, where there is a dot."""
    partial: str
    """What is typed of the name."""
    start: int
    """Where the target begins, schema included, within the text."""


def open_reference(before_cursor: str) -> OpenReference | None:
    """The ``ref(`` that the text before a cursor leaves open, or None."""
    match = re.search(r"\bref\s*\(([^()]*)\Z", before_cursor)
    if match is None:
        return None
    typed = match.group(1)
    start = match.start(1) + (typed.rfind("|") + 1)
    target = before_cursor[start:]
    start += len(target) - len(target.lstrip())
    schema, dot, partial = target.strip().rpartition(".")
    return OpenReference(schema if dot else None, partial, start)
