"""The fixes of steps that SpecQL refuses: texts on one line, a list where one name is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specql_lsp.features.diagnostics.rule import RuleContext
from specql_lsp.features.diagnostics.rules.invalid_step import NO_LIST, SETS_NOTHING
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.entry_edits import WrittenEntry, set_value, sibling, written_entry
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.language.names import is_entity_name
from specql_lsp.language.step_texts import refused_text
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.removal import removals
from specql_lsp.syntax.editing.scalars import scalar_around
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.editing.values import TextScalar, quotes_of, write
from specql_lsp.syntax.nodes import Mapping, Scalar
from specql_lsp.syntax.text import Span

_KEY_END = re.compile(r"['\"]?\s*:")


def fixes_of_step(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """Joins the lines of an update whose SET is not between blanks; writes one entity to propagate as a list."""
    yield from _unwrapped(context, finding)
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
    elif (
        finding.message.startswith(NO_LIST) and scalar.is_plain and scalar.tag is None and is_entity_name(scalar.value)
    ):
        edit = TextEdit(scalar.span, f"[{scalar.value}]")
        yield CodeAction(f"Change to [{scalar.value}]", ActionKind.QUICK_FIX, (finding,), (edit,), preferred=True)


_INNER_KEYS = {
    **dict.fromkeys(("validate", "if"), ("condition", "expression")),
    **dict.fromkeys(("insert", "delete", "find"), ("entity", "name")),
}
"""The keys of a mapping that say what the text of a step would say."""


def _unwrapped(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """Writes ``insert: {entity: Contact}`` as ``insert: Contact``, where nothing else is in the mapping."""
    tree = context.document.tree
    place = written_entry(tree, finding.span)
    if place is None or place.entry.key.span != finding.span or not isinstance(place.entry.value, Mapping):
        return
    inner = place.entry.value
    name = place.entry.name or ""
    value = inner.entries[0].value if len(inner.entries) == 1 else None
    if not isinstance(value, Scalar) or inner.entries[0].name not in _INNER_KEYS.get(name, ()) or not value.value:
        return
    start, end = inner.span
    if inner.tag is not None or "#" in tree.text[start:end]:  # a comment is not to be lost
        return
    written = write(TextScalar(value.value, quotes_of(value)), in_flow=place.in_flow)
    content_end = start + len(tree.text[start:end].rstrip())
    after_colon = YamlWriter(tree).after_colon(place.entry)
    edit = TextEdit(Span(after_colon, content_end), f" {written}")
    title = f"Write it as {name}: {shortened(value.value)}"
    yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), (edit,), preferred=True)


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
