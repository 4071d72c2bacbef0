"""``unknown-pattern`` and ``invalid-pattern-config``: action patterns, against the pattern files of the workspace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as Ordered

from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.index.library import ParameterFacts
from specql_lsp.items.entity import ActionItem, moved_scalar
from specql_lsp.language.names import nearest
from specql_lsp.language.patterns import action_patterns, table_patterns
from specql_lsp.language.release import REFERENCE
from specql_lsp.semantics.pattern_values import got_instead
from specql_lsp.severity import Severity
from specql_lsp.syntax.nodes import Alias, Mapping, Scalar, shifted
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.yaml11 import is_null


def _example(pattern: str, from_states: str) -> str:
    return f"""\
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
actions:
  - name: qualify
    pattern: {pattern}
    config:
      from_states: {from_states}
      to_state: customer
-- stdlib/actions/state_machine/transition.yaml --
pattern: state_machine/transition
version: 1.0
description: Moves to another state
template: 'steps: []'
parameters:
  - {{name: from_states, type: array<string>, required: true}}
  - {{name: to_state, type: string, required: true}}
"""


_BETTER = _example("state_machine/transition", "[lead]")
_UNKNOWN = Rule(
    code="unknown-pattern",
    severity=Severity.WARNING,
    summary="An action names a pattern that no pattern file of the workspace has.",
    explanation=(
        "The beta line of SpecQL builds an action of a pattern: `pattern: state_machine/transition` with `config`. It "
        "reads the pattern from a file under `stdlib/actions` of the workspace, and refuses a name that none of them "
        "has. SpecQL 0.9.2 reads neither key.\n\n"
        "The patterns of SpecQL's own standard library are known, too. Where the workspace has no pattern files, they "
        "may be elsewhere when SQL is generated: then a name is reported only if it is nearly that of a standard "
        "pattern. So it is in the entity's own `patterns`, of which SpecQL 0.9.2 ignores what it does not know."
    ),
    example=_example("state_machine/transtion", "[lead]"),
    better=_BETTER,
    waits=True,
    fix="Changes the name to the nearest one.",
)
_CONFIG = Rule(
    code="invalid-pattern-config",
    severity=Severity.WARNING,
    summary="The config of an action lacks a parameter that its pattern requires, or has a value of another type.",
    explanation=(
        "A pattern file says which parameters the pattern has, of which types, and which it requires. The beta line of "
        "SpecQL refuses an action whose `config` lacks a required one (\"Missing required parameter 'x' for pattern "
        "'y'\"), or has a value of another type (\"Parameter 'x' has invalid value. Expected T, got U\").\n\n"
        "Nothing is said where the workspace has no pattern files."
    ),
    example=_example("state_machine/transition", "lead"),
    better=_BETTER,
    waits=True,
    fix="Adds the missing parameter, or renames the key that was meant.",
)
RULES = (_UNKNOWN, _CONFIG)


def check(context: RuleContext) -> Iterator[Finding]:
    """The patterns of actions and their config; of the entity's own patterns names that are nearly right."""
    for action in context.entity.actions:
        if action.node.pattern is not None:
            yield from _action(context, action, moved_scalar(action.node.pattern, action.shift))
    for pattern in context.entity.patterns:
        name = pattern.name.value
        near = nearest(name, table_patterns()) if name not in table_patterns() else None
        if near is not None:
            message = f"{REFERENCE} knows no pattern {shortened(name)} and ignores it. Did you mean {near}?"
            yield _UNKNOWN.finding(pattern.name.text_span, message, replacements=(near,))


def _action(context: RuleContext, action: ActionItem, pattern: Scalar) -> Iterator[Finding]:
    index, name = context.analysis.index, _name(pattern)
    # Asked first: what names a pattern that is there is not checked again for each pattern file that is read.
    names = index.pattern_names() if index.pattern(name) is None else (name,)
    if not names:
        yield from _nearly_standard(context, pattern, name)
        return
    parameters = _parameters(context, name)
    if parameters is not None:
        yield from _config(context, action, pattern, name, parameters)
    elif context.analysis.knows_all_files():
        near = nearest(name, [*names, *action_patterns()])
        hint = f"Did you mean {near}?" if near else "Name one of them, or add its file."
        message = f"No pattern file under stdlib/actions has the pattern {shortened(name)}. {hint}"
        yield _UNKNOWN.finding(pattern.text_span, message, replacements=(near,) if near else ())


def _nearly_standard(context: RuleContext, pattern: Scalar, name: str) -> Iterator[Finding]:
    """A name that is nearly that of a standard pattern, where the workspace has no pattern files."""
    near = nearest(name, action_patterns()) if name not in action_patterns() else None
    if near is not None and context.analysis.knows_all_files():
        message = f"SpecQL's standard library has no pattern {shortened(name)}. Did you mean {near}?"
        yield _UNKNOWN.finding(pattern.text_span, message, replacements=(near,))


def _name(pattern: Scalar) -> str:
    return pattern.value.strip().removeprefix("actions/")


def _parameters(context: RuleContext, name: str) -> tuple[ParameterFacts, ...] | None:
    """The parameters of a pattern, by the workspace's file before the standard library; None where none has it."""
    own, standard = context.analysis.index.pattern(name), action_patterns().get(name)
    if own is not None:
        return own.parameters
    if standard is not None:
        return tuple(ParameterFacts(each.name, each.type, each.required) for each in standard.parameters)
    return None


def _config(
    context: RuleContext, action: ActionItem, pattern: Scalar, name: str, parameters: Ordered[ParameterFacts]
) -> Iterator[Finding]:
    written = action.node.body.value("config")
    # Nodes that have aliases or merge keys are those of the tree itself.
    config = context.document.tree.mapping(written)
    if written is not None and config is None:
        return
    keys = [entry.name for entry in config.entries if entry.name] if config is not None else []
    known = {parameter.name for parameter in parameters}
    for parameter in parameters:
        entry = config.entry(parameter.name) if config is not None else None
        if entry is None:
            if parameter.required:
                near = nearest(parameter.name, [key for key in keys if key not in known])
                yield _missing(action, pattern, name, parameter, config, near)
            continue
        is_empty = entry.value is None or (isinstance(entry.value, Scalar) and is_null(entry.value))
        got = "NoneType: None" if is_empty and parameter.required else got_instead(entry.value, parameter.type or "")
        if got is not None:
            span = entry.value.span if isinstance(entry.value, Scalar) and entry.value.value else entry.key.span
            message = (
                f"Parameter '{parameter.name}' has invalid value. Expected {parameter.type}, got {shortened(got)}: "
                "the beta line of SpecQL refuses the action."
            )
            yield _CONFIG.finding(span.shifted(action.shift), message)


def _missing(
    action: ActionItem,
    pattern: Scalar,
    name: str,
    parameter: ParameterFacts,
    config: Mapping | None,
    near: str | None,
) -> Finding:
    words = f"Missing required parameter '{parameter.name}' for pattern '{shortened(name)}'"
    if near is not None and config is not None and (entry := config.entry(near)) is not None:
        span = entry.key.span.shifted(action.shift)
        message = f"{words}: {shortened(near)} is none of its parameters. Write {parameter.name}."
        return _CONFIG.finding(span, message, replacements=(parameter.name,))
    place: Span = pattern.text_span
    return _CONFIG.finding(place, f"{words}: add {parameter.name} to config.")


_PLACEHOLDERS = {"array": "[]", "object": "{}", "integer": "0", "number": "0", "boolean": "false"}
_MISSING = re.compile(r"Missing required parameter '(?P<name>[^']+)'")


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """Adds the missing parameter to the config, with a value of its type to be filled in."""
    from specql_lsp.features.entry_edits import add_after, add_last
    from specql_lsp.syntax.editing.edits import YamlWriter
    from specql_lsp.syntax.editing.values import MapValue, RawScalar, TextScalar

    missing = _MISSING.match(finding.message)
    found = _at(context, finding.span) if missing is not None and not finding.replacements else None
    if missing is None or found is None:
        return
    body, pattern = found
    name = missing["name"]
    types = {parameter.name: parameter.type or "" for parameter in _parameters(context, _name(pattern)) or ()}
    value = RawScalar(_placeholder(types.get(name, "")))
    config = body.entry("config")
    tree = context.document.tree
    if config is not None and isinstance(config.value, Alias):
        return  # what it repeats is not this action's alone
    if config is not None and isinstance(config.value, Mapping) and config.value.entries:
        edits = add_last(tree, config.value, name, value)
    elif config is not None:
        edits = YamlWriter(tree).set_entries(config, MapValue(((TextScalar(name), value),)), in_flow=body.flow)
    else:
        after = body.entry("pattern")
        assert after is not None  # noqa: S101 - the finding is at its value
        edits = add_after(tree, body, after, "config", MapValue(((TextScalar(name), value),)))
    yield CodeAction(f"Add {name} to config", ActionKind.QUICK_FIX, (finding,), edits, preferred=True)


def _at(context: RuleContext, span: Span) -> tuple[Mapping, Scalar] | None:
    """The mapping of the action whose pattern is at a span, and the pattern."""
    for action in context.entity.actions:
        if action.node.pattern is not None:
            pattern, body = moved_scalar(action.node.pattern, action.shift), shifted(action.node.body, action.shift)
            if pattern.text_span == span and isinstance(body, Mapping):
                return body, pattern
    return None


def _placeholder(type_: str) -> str:
    kind = re.split(r"[<\[]", type_)[0].strip()
    if kind == "enum" and "[" in type_:
        return type_.partition("[")[2].rstrip("]").split(",")[0].strip() or "''"
    return _PLACEHOLDERS.get(kind, "''")
