"""Where SpecQL's reader, PyYAML, and ours part: what it refuses though it is YAML, and what either reads otherwise.

For a whole document, whatever it is about. Each of these is rare; together they are why a registry that was read here
is the one that SpecQL reads.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.language.yaml11 import ScalarType, type_of
from specql_lsp.syntax.nodes import Alias, Entry, Mapping, Node, Scalar, ScalarStyle, Sequence, walk
from specql_lsp.syntax.parser import SyntaxTree
from specql_lsp.syntax.text import Span


class Fault(NamedTuple):
    """A place in a YAML and the sentence that says what is wrong there and what to do."""

    span: Span
    message: str
    is_repetition: bool = False
    """Whether it is only that a key stands twice: SpecQL's reader then takes the same value as ours."""


def document_faults(tree: SyntaxTree) -> Iterator[Fault]:
    """What keeps SpecQL from reading a text that is valid YAML, or makes it read something else."""
    second = _second_document(tree)
    if second is not None:
        yield Fault(second, "The file holds more than one YAML document; a registry is one: delete the others.")
    for found in _OTHER_BREAKS.finditer(tree.text):
        message = f"U+{ord(found.group()):04X} is a line break to SpecQL's reader: delete it, or write an escape."
        yield Fault(Span(*found.span()), message)
    yield from _anchors_given_twice(tree)
    for node in walk(tree.root) if tree.root is not None else ():
        if isinstance(node, Scalar):
            if node.tag not in TEXT_TAGS and type_of(node.value) not in _TAGS.get(node.tag or "", ()):
                yield Fault(node.span, f"SpecQL's reader cannot read this as {node.tag}: take the tag away.")
        elif isinstance(node, Mapping):
            for entry in node.entries:
                yield from _entry_faults(tree, entry)
        elif isinstance(node, Sequence):
            yield from (fault for item in node.items for fault in _special(item))


def unread_text(tree: SyntaxTree, entry: Entry) -> Iterator[Fault]:
    """Text under an entry of the document that is in no node: a key before a colon is missing, so that both are."""
    if _second_document(tree) is not None:
        return
    text, at = tree.text, entry.key.span.end
    for node in walk(entry.value) if entry.value is not None else ():
        if isinstance(node, Scalar | Alias):
            if node.span.start > at and _STRUCTURE.match(text, at, node.span.start) is None:
                yield Fault(Span(at, node.span.start), _NO_KEY)
            at = max(at, node.span.end)
    entries = tree.root.entries if isinstance(tree.root, Mapping) else ()
    following = min((e.key.span.start for e in entries if e.key.span.start >= at), default=len(text))
    if _STRUCTURE.match(text, at, following) is None:
        yield Fault(Span(at, at), _NO_KEY)


def block_text_faults(text: str, scalar: Scalar) -> Iterator[Fault]:
    """Where a literal or folded scalar of a text is read otherwise than by PyYAML."""
    if scalar.style not in _BLOCK_STYLES:
        return
    start, end = scalar.span
    if _INDICATORS.match(text, start) is not None:
        yield Fault(scalar.span, "The sign behind | or > is not read here: write this text between quotes.")
    behind = _WHITE_LINES.match(text, end)
    lines = text[start : behind.end() if behind is not None else end].split("\n")[1:]
    margin = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    lone = (line.rstrip("\r")[margin:] for line in lines if not line.strip())
    if text[end : end + 1] in {" ", "\t"} or any(lone):
        yield Fault(scalar.span, "White space at the end of a line of this text is not read: delete it.")
    if _CARRIAGE_RETURN.search(text, start, end) is not None:
        yield Fault(scalar.span, "A carriage return alone is not read as a line break here: write line feeds.")


_NO_KEY = "What stands below is not read: a key is missing there."
_DOCUMENT = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
_OTHER_BREAKS = re.compile("[\x85\u2028\u2029]")
_PIECE = r"(?:[\s,\[\]{}?-]|[&!][^\s,\[\]{}]*+|(?<=\s)#[^\r\n]*+)*+"
_STRUCTURE = re.compile(rf"{_PIECE}(?::{_PIECE})?(?:\.\.\.\s*)?\Z")
"""What may stand between two scalars: indicators, anchors, tags, comments, and one colon at most."""
_INDICATORS = re.compile(r"[|>]-?[+1-9]")
_WHITE_LINES = re.compile(r"(?:[^\S\n]*\n)*")
_CARRIAGE_RETURN = re.compile(r"\r(?!\n)")
_BLOCK_STYLES = frozenset({ScalarStyle.LITERAL, ScalarStyle.FOLDED})
_ANCHOR = re.compile(r"(?:^|(?<=[\s,\[{]))&([\w-]+)")
_TAG = re.compile(r"[ \t]*:(?:\s|(?<=\s)#[^\r\n]*+|&[^\s,\[\]{}]*+)*+(![^\s,\[\]{}]*)")
TEXT_TAGS = frozenset({None, "!", "!!str"})
"""The tags of a text."""
_TAGS = {
    "!!int": {ScalarType.INTEGER},
    "!!float": {ScalarType.FLOAT, ScalarType.INTEGER},
    "!!bool": {ScalarType.BOOLEAN},
    "!!null": {ScalarType.NULL},
    "!!timestamp": {ScalarType.TIMESTAMP},
}
"""What may stand behind another tag."""


def _second_document(tree: SyntaxTree) -> Span | None:
    root = tree.root
    marks = (Span(*mark.span()) for mark in _DOCUMENT.finditer(tree.text))
    second = next((mark for mark in marks if root is not None and mark.start > root.span.start), None)
    return second or (Span(0, 0) if tree.document_count > 1 else None)


def _entry_faults(tree: SyntaxTree, entry: Entry) -> Iterator[Fault]:
    if isinstance(tree.resolve(entry.key), Mapping | Sequence):
        yield Fault(entry.key.span, "SpecQL's reader refuses a key that is a list or a mapping.")
    if not isinstance(entry.value, Scalar | Alias):
        tag = _unread_tag(tree, entry)
        if tag is not None:
            yield Fault(entry.key.span, f"SpecQL's reader cannot read this as {tag}: take the tag away.")
    if isinstance(entry.key, Scalar) and entry.key.is_plain and entry.key.value == "<<":
        merged = tree.resolve(entry.value)
        several = merged.items if isinstance(merged, Sequence) else (merged,)
        if not all(isinstance(tree.resolve(each), Mapping) for each in several):
            yield Fault(entry.key.span, "SpecQL's reader merges mappings only: give << a mapping or an alias of one.")
    yield from _special(entry.value)


def _unread_tag(tree: SyntaxTree, entry: Entry) -> str | None:
    """The tag of a list, of a mapping or of nothing, as the tree knows none, where it is not the usual one."""
    found = _TAG.match(tree.text, entry.key.span.end)
    if found is None or (entry.value is None and "\n" in found.group()):
        return None
    usual = {Mapping: "!!map", Sequence: "!!seq"}.get(type(entry.value), "!!null")
    return found[1] if found[1] not in {"!", usual} else None


def _special(node: Node | None) -> Iterator[Fault]:
    """Plain scalars that YAML 1.1 keeps for itself."""
    if isinstance(node, Scalar) and node.value in {"=", "<<"} and node.is_plain and node.tag is None:
        yield Fault(node.span, f"SpecQL's reader refuses {node.value} as a value: quote it.")


def _anchors_given_twice(tree: SyntaxTree) -> Iterator[Fault]:
    """PyYAML refuses an anchor that is given again; the tree keeps the last one, for all its aliases."""
    found = list(_ANCHOR.finditer(tree.text)) if "&" in tree.text else []
    if len({match[1] for match in found}) == len(found) or tree.root is None:
        return
    scalars = [node.span for node in walk(tree.root) if isinstance(node, Scalar)]
    names: set[str] = set()
    for match in found:
        index = bisect_right(scalars, Span(match.start(), len(tree.text))) - 1
        line = tree.text[tree.lines.line_start(tree.lines.line_of(match.start())) : match.start()]
        if (index >= 0 and match.start() < scalars[index].end) or re.search(r"(?:^|\s)#", line):
            continue  # in a text or in a comment
        if match[1] in names:
            yield Fault(Span(*match.span()), f"The anchor &{match[1]} stands above already: give one another name.")
        names.add(match[1])
