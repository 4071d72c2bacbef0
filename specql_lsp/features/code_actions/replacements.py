"""``Finding.replacements`` as code actions."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.entity_edits import shared_anchor
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.language.names import edit_distance
from specql_lsp.syntax.editing.scalars import replace_text
from specql_lsp.workspace.documents import Document

_CLOSE = 2
_LONGEST_TITLE = 120


def replacement_actions(document: Document, finding: Finding) -> Iterator[CodeAction]:
    """An action for each text that may replace the span of a finding, best first.

    None where what is written there is read in another place, too, through an alias.
    """
    if not finding.replacements or shared_anchor(document.tree, finding.span) is not None:
        return
    written = document.text[finding.span.start : finding.span.end]
    for number, text in enumerate(finding.replacements):
        edit = replace_text(document.tree, finding.span, text)
        preferred = number == 0 and _is_clearly_best(written, finding.replacements)
        yield CodeAction(
            f"Change to {shortened(text, _LONGEST_TITLE)}",
            ActionKind.QUICK_FIX,
            (finding,),
            (edit,),
            preferred=preferred,
            safe=number == 0 and finding.safe,
        )


def _is_clearly_best(written: str, replacements: tuple[str, ...]) -> bool:
    """Whether the first text is the only one, or a slip of the finger away and nearer than all others."""
    first, *others = (edit_distance(written.lower(), text.lower(), _CLOSE) for text in replacements)
    return not others or (first <= _CLOSE and first < min(others))
