"""What code actions are asked for."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from specql_lsp.features.model import Finding
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


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
