"""Whether PyYAML reads an edited text, by its sections: only those that the edit touched are looked at.

A section is a block of its own: PyYAML reads the whole where it reads every section by itself, and every alias has
its anchor in a section above it. That the whole has no problem to its parser is given, as there are sections.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from specql_lsp.syntax.parsing.sections import Section
from specql_lsp.syntax.pyyaml import parse_events
from specql_lsp.syntax.pyyaml.simple_text import first_unprintable, has_simple_lines_only
from specql_lsp.syntax.pyyaml.tokens import Event

if TYPE_CHECKING:
    from specql_lsp.syntax.pyyaml.construction import Anchors

_DOCUMENT_START = re.compile(r"(?:(?:[ ]*(?:#[^\r\n]*)?)\r?\n)*---[ ]*(?:(?<=[ ])#[^\r\n]*)?\r?\n")


class _Verdict(NamedTuple):
    """What is known of a section whose grammar and values are right: the anchors of the sections in it, in order."""

    anchors: tuple[Anchors, ...]


def is_fine(root: Section) -> bool:
    """Whether PyYAML surely reads the text with these sections, apart from unprintable characters."""
    head = _DOCUMENT_START.sub("", root.text, count=1)
    if head and not has_simple_lines_only(head):
        return False
    verdict = _of_children(root)
    return verdict is not None and _fit(verdict.anchors)


def is_plain(section: Section) -> bool:
    """Whether PyYAML surely reads a section by itself, and nothing in it has to do with another one."""
    verdict = section.fact(_verdict)
    return verdict is not None and not verdict.anchors


def has_unprintable(section: Section) -> bool:
    """Whether a section has a character that PyYAML refuses."""
    return first_unprintable(section.text) is not None or any(section.facts_of_children(has_unprintable))


def _verdict(section: Section) -> _Verdict | None:
    """None where PyYAML may find a problem."""
    if not section.is_understood:
        return None
    if section.children:
        return _of_children(section) if has_simple_lines_only(section.text) else None
    if has_simple_lines_only(section.text):
        return _NOTHING
    parsed = parse_events(section.text)
    wanted = Event.MAPPING if section.entries else Event.SEQUENCE
    if parsed.error is not None or parsed.second_document is not None or parsed.events[1].event is not wanted:
        return None
    from specql_lsp.syntax.pyyaml.construction import NO_ANCHORS, anchors_of_part

    anchors = anchors_of_part(section.text, parsed)
    if anchors is None:
        return None
    return _Verdict((anchors,)) if anchors is not NO_ANCHORS else _NOTHING


_NOTHING = _Verdict(())


def _of_children(section: Section) -> _Verdict | None:
    found: list[Anchors] = []
    for verdict in section.facts_of_children(_verdict):
        if verdict is None:
            return None
        found += verdict.anchors
    return _Verdict(tuple(found)) if found else _NOTHING


def _fit(parts: tuple[Anchors, ...]) -> bool:
    """Whether every alias has its anchor above it, and one that it may have where it is."""
    keys: dict[str, bool] = {}
    mappings: dict[str, bool] = {}
    for part in parts:
        if not part.used <= keys.keys():
            return False
        if not all(keys[name] for name in part.as_keys) or not all(mappings[name] for name in part.merged):
            return False
        for name, may_be_key, may_be_merged in part.defined:
            if name in keys:
                return False
            keys[name], mappings[name] = may_be_key, may_be_merged
    return True
