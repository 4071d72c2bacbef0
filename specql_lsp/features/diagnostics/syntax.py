"""The YAML itself: ``yaml-syntax`` and ``several-documents`` where SpecQL refuses it, and ``duplicate-key``."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.findings import finding
from specql_lsp.features.model import Finding, Related
from specql_lsp.language.yaml11 import ScalarType, type_of
from specql_lsp.syntax.errors import review_syntax
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.index import place

_MERGE_KEY = "<<"


def check_syntax(document: Document) -> Iterator[Finding]:
    """Where the text is not YAML as PyYAML reads it, in plain words, and where a second document begins."""
    review = review_syntax(document.tree)
    for span, message in review.errors:
        yield finding(span, "yaml-syntax", message)
    if review.second_document is not None:
        yield finding(
            review.second_document,
            "several-documents",
            "A second YAML document begins here: SpecQL reads one document a file and refuses this one. "
            "Put each entity into a file of its own, or delete this line.",
        )


def check_duplicate_keys(document: Document) -> Iterator[Finding]:
    """Keys that stand twice in one mapping, at every depth: PyYAML keeps the last value without a word."""
    tree = document.tree
    # Where the structure is a guess, so is which mapping a key belongs to.
    if tree.has_problems or tree.root is None:
        return
    stack: list[Node] = [tree.root]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            # Most mappings have no two keys of the same text, and that is quick to see.
            names = [entry.name for entry in node.entries]
            if len(set(names)) < len(names):
                yield from _duplicates(document, node)
            stack.extend(e.value for e in node.entries if isinstance(e.value, Mapping | Sequence))
        elif isinstance(node, Sequence):
            stack.extend(item for item in node.items if isinstance(item, Mapping | Sequence))


def _duplicates(document: Document, mapping: Mapping) -> Iterator[Finding]:
    first: dict[tuple[str, ScalarType], Entry] = {}
    for entry in mapping.entries:
        key = entry.key
        if not isinstance(key, Scalar) or (key.is_plain and key.value == _MERGE_KEY):
            continue
        kind = type_of(key.value) if key.is_plain and key.tag is None else ScalarType.STRING
        earlier = first.setdefault((key.value, kind), entry)
        if earlier is not entry:
            line = document.tree.lines.line_of(earlier.span.start) + 1
            yield finding(
                key.span,
                "duplicate-key",
                f"The key {key.value} stands on line {line} already: SpecQL keeps only the last value. Delete one.",
                (Related(place(document, earlier.key.span), f"{key.value} is given here first."),),
            )
