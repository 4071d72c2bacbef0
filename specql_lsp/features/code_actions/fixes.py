"""The fixes of one finding: the texts that may replace its span, and what its rule offers."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.code_actions.replacements import replacement_actions
from specql_lsp.features.diagnostics.rules import fixes_of
from specql_lsp.features.model import CodeAction, Finding
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


def fixes(analysis: Analysis, document: Document, finding: Finding) -> Iterator[CodeAction]:
    """The fixes of a finding in the text as it is, best first."""
    yield from replacement_actions(document, finding)
    yield from fixes_of(analysis, document, finding)
