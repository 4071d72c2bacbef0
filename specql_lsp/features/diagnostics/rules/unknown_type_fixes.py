"""The type that was meant where that is more than another text: keys beside the type, or a type where none is."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.misplaced_fixes import unindented_block
from specql_lsp.features.diagnostics.rule import RuleContext
from specql_lsp.features.diagnostics.rules.key_not_read_fixes import enumeration
from specql_lsp.features.diagnostics.rules.unknown_entity import nearest_entity
from specql_lsp.features.entry_edits import WrittenEntry, add_after, set_value, sibling, written_entry
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.language.type_repair import MeantType, meant_types
from specql_lsp.language.type_syntax import parse_field_type
from specql_lsp.syntax.constructed import Constructed, constructed
from specql_lsp.syntax.editing.scalars import replace_text
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.editing.values import RawScalar, TextScalar, quotes_of, write
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.tree import SyntaxTree


def fixes_of_type(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """What a text that replaces the type cannot say: keys beside it, or a type where none is written."""
    tree = context.document.tree
    yield from unindented_block(context, finding)
    place = written_entry(tree, finding.span)
    if place is None:
        return
    value = place.entry.value
    if constructed(value) is Constructed.NULL:
        yield CodeAction("Write text", ActionKind.QUICK_FIX, (finding,), set_value(tree, place, TextScalar("text")))
        return
    if isinstance(value, Scalar):
        yield from _of_nearest_entity(context, finding, value.value)
    if finding.replacements or place.entry.name != "type" or not isinstance(value, Scalar):
        return
    values = sibling(place, "values")
    change = enumeration(tree, values) if values is not None else None
    if change is not None:
        yield CodeAction(change[0], ActionKind.QUICK_FIX, (finding,), change[1], preferred=True)
    for meant in meant_types(value.value):
        title = f"Write {meant.type}" + ("".join(f", {name}: {text}" for name, text in _beside(meant)))
        edits = _in_mapping(tree, place, value, meant)
        yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), edits, preferred=True)


def _of_nearest_entity(context: RuleContext, finding: Finding, text: str) -> Iterator[CodeAction]:
    """The reference to the entity that was meant, where the text names one that is not there: ``ref(Comp``."""
    analysis, snapshot = context.analysis, context.analysis.snapshot
    targets = list(parse_field_type(text).targets())
    if snapshot is None or len(targets) != 1 or not finding.replacements:
        return
    target = targets[0].name.text
    is_known = analysis.index.schemas_of(target) or snapshot.by_entity(target)
    near = nearest_entity(analysis, snapshot, target) if target and not is_known else None
    if near is not None:
        meant = finding.replacements[0].replace(target, near, 1)
        edit = replace_text(context.document.tree, finding.span, meant)
        yield CodeAction(f"Change to {meant}", ActionKind.QUICK_FIX, (finding,), (edit,))


def _beside(meant: MeantType) -> Iterator[tuple[str, str]]:
    if meant.not_null:
        yield "nullable", "false"
    if meant.default is not None:
        yield "default", meant.default


def _in_mapping(tree: SyntaxTree, place: WrittenEntry, type_: Scalar, meant: MeantType) -> tuple[TextEdit, ...]:
    """The type in a mapping, with what it says besides in keys of their own."""
    edits = [TextEdit(type_.span, write(TextScalar(meant.type, quotes_of(type_)), in_flow=place.in_flow))]
    added: list[tuple[str, TextScalar | RawScalar]] = []
    for name, text in _beside(meant):
        value = RawScalar(text) if name == "nullable" else TextScalar(text.strip("'\""))
        known = sibling(place, name)
        if known is not None:
            edits += set_value(tree, known, value)
        else:
            added.append((name, value))
    for name, value in added:
        edits += add_after(tree, place.mapping, place.entry, name, value)
    return tuple(edits)
