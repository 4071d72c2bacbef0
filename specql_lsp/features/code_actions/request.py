"""What code actions are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from specql_lsp.features.model import Finding
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

MOST_OF_A_KIND = 20
"""So many findings of one code get fixes of their own at once."""


class ActionRequest(NamedTuple):
    """A range of a file, with what is known of it."""

    analysis: Analysis
    document: Document
    span: Span
    """The range; empty for a cursor."""
    findings: tuple[Finding, ...]
    """Those of the file that overlap the range."""
    all_findings: tuple[Finding, ...]
    """Those of the whole file."""
    now: datetime
    """What a fix writes for the time of an assignment that is not known."""


def few_of_each_kind(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The first ``MOST_OF_A_KIND`` findings of each code, in their order.

    A range may have thousands of findings, as when a whole file is selected: their fixes would be more than a person
    reads, and take long. "Fix every ..." has those of the whole file.
    """
    counts: Counter[str] = Counter()
    for finding in findings:
        counts[finding.code] += 1
        if counts[finding.code] <= MOST_OF_A_KIND:
            yield finding
