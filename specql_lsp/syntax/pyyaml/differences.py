"""Where SpecQL's reader, PyYAML, and ours part: what it reads otherwise, though both read it.

For a whole document, whatever it is about. What PyYAML refuses is found by ``pyyaml.errors``. Each of these is rare;
together they are why a registry that was read here is the one that SpecQL reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from specql_lsp.syntax.nodes import Alias, Entry, Mapping, Scalar, walk
from specql_lsp.syntax.problems import SyntaxProblem
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree


def document_problems(tree: SyntaxTree) -> Iterator[SyntaxProblem]:
    """What makes SpecQL read something else of a text, or refuse it as several documents."""
    second = _second_document(tree)
    if second is not None:
        yield SyntaxProblem(second, "The file holds more than one YAML document; a registry is one: delete the others.")
    for found in _OTHER_BREAKS.finditer(tree.text):
        message = f"U+{ord(found.group()):04X} is a line break to SpecQL's reader: delete it, or write an escape."
        yield SyntaxProblem(Span(*found.span()), message)


def unread_text(tree: SyntaxTree, entry: Entry) -> Iterator[SyntaxProblem]:
    """Text under an entry of the document that is in no node: a key before a colon is missing, so that both are."""
    if _second_document(tree) is not None:
        return
    text, at = tree.text, entry.key.span.end
    for node in walk(entry.value) if entry.value is not None else ():
        if isinstance(node, Scalar | Alias):
            if node.span.start > at and _STRUCTURE.match(text, at, node.span.start) is None:
                yield SyntaxProblem(Span(at, node.span.start), _NO_KEY)
            at = max(at, node.span.end)
    entries = tree.root.entries if isinstance(tree.root, Mapping) else ()
    following = min((e.key.span.start for e in entries if e.key.span.start >= at), default=len(text))
    if _STRUCTURE.match(text, at, following) is None:
        yield SyntaxProblem(Span(at, at + 1), _NO_KEY)


_NO_KEY = "What follows is not read: a key is missing there."
_DOCUMENT = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
_OTHER_BREAKS = re.compile("[\x85\u2028\u2029]")
_PIECE = r"(?:[\s,\[\]{}?-]|[&!][^\s,\[\]{}]*+|(?<=\s)#[^\r\n]*+)*+"
_STRUCTURE = re.compile(rf"{_PIECE}(?::{_PIECE})?(?:\.\.\.\s*)?\Z")
"""What may be between two scalars: indicators, anchors, tags, comments, and one colon at most."""


def _second_document(tree: SyntaxTree) -> Span | None:
    root = tree.root
    marks = (Span(*mark.span()) for mark in _DOCUMENT.finditer(tree.text))
    second = next((mark for mark in marks if root is not None and mark.start > root.span.start), None)
    return second or (Span(0, 0) if tree.document_count > 1 else None)
