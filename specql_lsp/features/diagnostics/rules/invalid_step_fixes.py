"""The fixes of steps that SpecQL refuses: texts on one line, a list where one name is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specql_lsp.features.diagnostics.rule import RuleContext
from specql_lsp.features.diagnostics.rules.invalid_step import NO_LIST, SETS_NOTHING
from specql_lsp.features.entry_edits import WrittenEntry, set_value, sibling, written_entry
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.language.names import is_entity_name
from specql_lsp.language.step_texts import refused_text
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.removal import removals
from specql_lsp.syntax.editing.scalars import scalar_around
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.editing.values import TextScalar, quotes_of, write
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.text import Span

_KEY_END = re.compile(r"['\"]?\s*:")


def fixes_of_step(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """Joins the lines of an update whose SET is not between blanks; writes one entity to propagate as a list."""
    found = scalar_around(context.document.tree, finding.span)
    if found is None or _KEY_END.match(context.document.text, finding.span.end) is not None:
        return
    scalar = found.scalar
    if context.document.text[finding.span.start : finding.span.end] == "SET":
        joined = " ".join(scalar.value.split())
        if refused_text("update", joined) is None:
            start, end = scalar.span
            written = context.document.text[start:end].rstrip()  # a block's span holds the line break behind it
            new = write(TextScalar(joined, quotes_of(scalar)), in_flow=found.in_flow)
            edit = TextEdit(Span(start, start + len(written)), new)
            yield CodeAction("Join the lines of the update", ActionKind.QUICK_FIX, (finding,), (edit,), preferred=True)
    elif finding.message.startswith(SETS_NOTHING):
        yield from _one_line(context, finding)
    elif finding.message.startswith(NO_LIST) and scalar.is_plain and is_entity_name(scalar.value):
        edit = TextEdit(scalar.span, f"[{scalar.value}]")
        yield CodeAction(f"Change to [{scalar.value}]", ActionKind.QUICK_FIX, (finding,), (edit,), preferred=True)


def _one_line(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """Writes SET and WHERE that are keys beside ``update`` into its text."""
    tree = context.document.tree
    place = written_entry(tree, finding.span)
    if place is None or place.entry.name != "update" or not isinstance(place.entry.value, Scalar):
        return
    parts = [place.entry.value.value.strip()]
    doomed: list[WrittenEntry] = []
    for word in ("SET", "WHERE"):
        beside = sibling(place, word) or sibling(place, word.lower())
        if beside is not None and isinstance(beside.entry.value, Scalar) and beside.entry.value.value.strip():
            parts.append(f"{word} {' '.join(beside.entry.value.value.split())}")
            doomed.append(beside)
    joined = " ".join(parts)
    if not doomed or doomed[0].entry.span.start < place.entry.span.start or refused_text("update", joined) is not None:
        return
    edits = [*set_value(tree, place, TextScalar(joined, quotes_of(place.entry.value)))]
    edits += removals(YamlWriter(tree), place.mapping, [each.entry for each in doomed], None)
    edits.sort(key=lambda edit: edit.span)
    yield CodeAction("Write it on one line", ActionKind.QUICK_FIX, (finding,), tuple(edits), preferred=True)
