"""Lines that lost their indentation, or have too much of it: one finding, where each key of them would have its own.

A step among the actions leaves an action without a name, as does each step behind it, and a list of steps that is
empty. A block of the top level among the fields (``translations``, say) makes a field of each of its keys.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from functools import cache
from itertools import takewhile

from specql_lsp.features.diagnostics.rules import invalid_structure, unknown_type
from specql_lsp.features.diagnostics.words import listed
from specql_lsp.features.model import Finding
from specql_lsp.items.entity import EntityItem, FieldItem
from specql_lsp.language.keys import entity_keys
from specql_lsp.language.release import REFERENCE


def said_once(entity: EntityItem, found: list[Finding]) -> list[Finding]:
    """What is found in the shape of an entity, without what follows from lines that are indented wrongly."""
    if len(found) > 1:
        empty = [
            block for block in block_keys() if any(each.message.startswith(f"{block} has no value") for each in found)
        ]
        if empty:  # its keys are at the top level, where each of them is not read
            misplaced = tuple(f"Write it beneath {block}." for block in empty)
            found = [each for each in found if not each.message.endswith(misplaced)]
        if any(each.message.endswith(invalid_structure.IS_STEP) for each in found):
            found = _in_actions(entity, found)
        if not block_keys().keys().isdisjoint(entity.field_group.names):
            found = _in_fields(entity, found)
    return found


def _in_actions(entity: EntityItem, found: list[Finding]) -> list[Finding]:
    """Without the steps right behind a step among the actions, and the empty list of steps before it."""
    starts = sorted(action.span.start for action in entity.actions)
    steps = {
        bisect_right(starts, each.span.start) for each in found if each.message.endswith(invalid_structure.IS_STEP)
    }
    kept: list[Finding] = []
    for finding in found:
        number = bisect_right(starts, finding.span.start)
        is_step = finding.message.endswith(invalid_structure.IS_STEP)
        is_empty = finding.message.startswith(invalid_structure.NO_STEPS)
        if not (is_step and number - 1 in steps) and not (is_empty and number + 1 in steps):
            kept.append(finding)
    return kept


def _in_fields(entity: EntityItem, found: list[Finding]) -> list[Finding]:
    """Without what is found in the keys of a block of the top level that is a field without a value."""
    fields = entity.fields
    for number, field in enumerate(fields):
        names = block_keys().get(field.name)
        if not names or field.node.entry.value is not None:
            continue
        own = _run_of(names, fields[number + 1 :])
        if own:
            behind = fields[number + 1 + len(own) :]
            hidden = range(own[0].name_span.start, behind[0].name_span.start if behind else entity.root.span.end + 1)
            found = [
                _indented(each, field.name, own) if each.span == field.name_span else each
                for each in found
                if each.span.start not in hidden
            ]
    return found


def _run_of(names: frozenset[str], fields: tuple[FieldItem, ...]) -> list[FieldItem]:
    """The first fields, as far as they have one of these names."""
    return list(takewhile(lambda each: each.name in names, fields))


@cache
def block_keys() -> dict[str, frozenset[str]]:
    """The blocks of the top level that are mappings, each with its keys."""
    levels = entity_keys().levels
    return {
        key.name: frozenset(levels[key.value.level].by_name)
        for key in levels["entity file"].read()
        if key.value.level and key.value.items is None and key.name not in {"entity", "fields"}
    }


def _indented(finding: Finding, block: str, own: list[FieldItem]) -> Finding:
    """The finding about a block that is a field without a type."""
    if finding.code != unknown_type.RULE.code:
        return finding
    names = listed([block, *(field.name for field in own)])
    message = (
        f"{block} is indented like a field: {REFERENCE} makes columns of {names}. Begin its line in the first column, "
        "or write a type."
    )
    return replace(finding, message=message)
