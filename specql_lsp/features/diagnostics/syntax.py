"""The YAML itself: ``yaml-syntax`` and ``several-documents`` where SpecQL refuses it, and ``duplicate-key``."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import islice

from specql_lsp.features.diagnostics.findings import finding
from specql_lsp.features.model import Finding, Related
from specql_lsp.index.symbols import place
from specql_lsp.syntax.merging import is_merge, key_value
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.pyyaml.errors import review_syntax
from specql_lsp.syntax.yaml11 import ScalarType, type_of
from specql_lsp.workspace.documents import Document

_MOST = 20


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
    """Keys that are twice in one mapping, at every depth: PyYAML keeps the last value without a word.

    Cut to what a person reads; linear in the text.
    """
    # Where the structure is a guess, so is which mapping a key belongs to.
    if not document.tree.has_problems:
        yield from islice(_all_duplicates(document), _MOST)


def _all_duplicates(document: Document) -> Iterator[Finding]:
    tree = document.tree
    kinds = _KeyKinds()
    stack: list[Node] = [root for root in (tree.root, *tree.further_roots) if root is not None]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            keys = [tree.resolve(entry.key) if tree.anchors else entry.key for entry in node.entries]
            if kinds.may_repeat([key.value for key in keys if isinstance(key, Scalar)]):
                yield from _duplicates(document, node, keys)
            stack.extend(e.value for e in reversed(node.entries) if isinstance(e.value, Mapping | Sequence))
        elif isinstance(node, Sequence):
            stack.extend(item for item in reversed(node.items) if isinstance(item, Mapping | Sequence))


class _KeyKinds:
    """Sees quickly that no two keys of a mapping are the same, as in most mappings; texts come again and again."""

    def __init__(self) -> None:
        self._strings: set[str] = set()
        self._others: set[str] = set()

    def may_repeat(self, names: list[str]) -> bool:
        """Whether two of the keys may be the same: their texts are, or both may be something else than texts."""
        distinct = set(names)
        if len(distinct) < len(names):
            return True
        for name in distinct - self._strings - self._others:
            (self._strings if type_of(name) is ScalarType.STRING else self._others).add(name)
        return len(distinct & self._others) > 1


def _duplicates(document: Document, mapping: Mapping, keys: list[Node | None]) -> Iterator[Finding]:
    first: dict[Hashable, tuple[Entry, Scalar]] = {}
    for entry, key in zip(mapping.entries, keys, strict=True):
        if not isinstance(key, Scalar) or is_merge(entry):
            continue
        earlier, as_written = first.setdefault(key_value(key), (entry, key))
        if earlier is not entry:
            line = document.tree.lines.line_of(earlier.span.start) + 1
            is_same_text = as_written.value == key.value
            same = (
                f"stands on line {line} already"
                if is_same_text
                else f"is the same as {as_written.value} on line {line}"
            )
            yield finding(
                entry.key.span,
                "duplicate-key",
                f"The key {key.value} {same}: SpecQL keeps only the last value. Delete one.",
                (Related(place(document, earlier.key.span), f"{as_written.value} is given here first."),),
            )
