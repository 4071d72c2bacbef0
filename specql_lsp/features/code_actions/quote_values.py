"""Quotes around what YAML 1.1 reads as something else than the text that is written: ``012031``, ``yes``, ``12:30``."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.code_actions.request import ActionRequest
from specql_lsp.features.entity_edits import shared_anchor
from specql_lsp.features.model import ActionKind, CodeAction
from specql_lsp.syntax import yaml11
from specql_lsp.syntax.editing.scalars import scalar_around
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.implicit_typing import is_changed, misreading
from specql_lsp.syntax.text import Span

_MEANT = frozenset({"true", "false", "null", "~"})
"""Values that are never meant as texts."""


def actions(request: ActionRequest) -> Iterator[CodeAction]:
    """Offered at a plain scalar of which SpecQL gets another text than the one that is written."""
    tree = request.document.tree
    found = scalar_around(tree, Span(request.span.start, request.span.start))
    if found is None or tree.has_problems or not is_changed(found.scalar):
        return
    scalar = found.scalar
    if any(finding.span == scalar.span for finding in request.findings):  # its rule has the fix
        return
    if scalar.value.lower() in _MEANT or yaml11.is_null(scalar) or shared_anchor(tree, scalar.span) is not None:
        return
    if tree.text[scalar.span.start : scalar.span.end] != scalar.value:
        return
    title = f"Quote {scalar.value}, which YAML 1.1 reads as {misreading(scalar)}"
    yield CodeAction(title, ActionKind.REFACTOR_REWRITE, edits=(TextEdit(scalar.span, yaml11.quote(scalar.value)),))
