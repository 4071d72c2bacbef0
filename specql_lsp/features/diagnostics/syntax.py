"""The YAML itself: ``yaml-syntax`` and ``several-documents`` where SpecQL refuses it, and ``duplicate-key``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from specql_lsp.features.diagnostics.findings import finding
from specql_lsp.features.model import Finding, Related
from specql_lsp.index.symbols import place
from specql_lsp.syntax.duplicate_keys import repeated_keys
from specql_lsp.syntax.pyyaml.errors import review_syntax
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

    Cut to what a person reads; linear in the text, in what was edited for an edited one.
    """
    tree = document.tree
    # Where the structure is a guess, so is which mapping a key belongs to.
    for repeated in islice(repeated_keys(tree), _MOST) if not tree.has_problems else ():
        line = tree.lines.line_of(repeated.first_span.start) + 1
        is_same_text = repeated.first_text == repeated.text
        same = f"is already on line {line}" if is_same_text else f"is the same as {repeated.first_text} on line {line}"
        yield finding(
            repeated.span,
            "duplicate-key",
            f"The key {repeated.text} {same}: SpecQL keeps only the last value. Delete one.",
            (Related(place(document, repeated.first_span), f"{repeated.first_text} is given here first."),),
        )
