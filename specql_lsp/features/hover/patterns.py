"""Hover of patterns and their parameters: those of actions, and those of tables."""

from __future__ import annotations

from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.markdown import code, escape, table
from specql_lsp.language.patterns import PatternParameter, PatternSpec, action_patterns, table_patterns
from specql_lsp.language.release import REFERENCE, Release

_TABLE_PATTERN = f"{REFERENCE} reads it and generates nothing of it."


def pattern(request: HoverRequest) -> Text | None:
    """A pattern by its name."""
    name = request.symbol.name
    if request.symbol.path[:1] == ("patterns",):
        spec = table_patterns().get(name)
        if spec is None:
            return Text(f"**{escape(name)}** · no pattern of {REFERENCE}, which ignores it")
        return Text(table_pattern_text(spec, tells_generated=request.tells_generated))
    spec = action_patterns().get(name)
    return Text(action_pattern_text(spec)) if spec is not None else None


def table_pattern_text(spec: PatternSpec, *, tells_generated: bool = True) -> str:
    """What a pattern of tables is, and if that is wanted what SpecQL 0.9.2 makes of it."""
    return _pattern_text(spec, "pattern of the table", _TABLE_PATTERN if tells_generated else "")


def action_pattern_text(spec: PatternSpec) -> str:
    """What a pattern of actions is."""
    return _pattern_text(spec, "action pattern", Release.BETA.sentence)


def pattern_summary(request: HoverRequest, name: str) -> str:
    """An action's pattern in a line."""
    spec = action_patterns().get(name)
    return f"Made from the pattern {code(name)}" + (f": {escape(spec.description)}" if spec is not None else "")


def pattern_parameter(request: HoverRequest) -> Text | None:
    """A parameter of a pattern."""
    symbol = request.symbol
    spec = (table_patterns() if symbol.path[:1] == ("patterns",) else action_patterns()).get(symbol.owner)
    found = next((each for each in spec.parameters if each.name == symbol.name), None) if spec is not None else None
    return Text(parameter_text(spec, found)) if spec is not None and found is not None else None


def parameter_text(spec: PatternSpec, parameter: PatternParameter) -> str:
    """What a parameter of a pattern is."""
    head = f"**{escape(parameter.name)}** · parameter of {escape(spec.name)} · {code(parameter.type)}"
    return paragraphs(f"{head} · {_need(parameter)}", escape(parameter.description))


def _pattern_text(spec: PatternSpec, what: str, release: str) -> str:
    rows = [(code(each.name), code(each.type), _need(each), escape(each.description)) for each in spec.parameters]
    parameters = table(("Parameter", "Type", "", "What it is"), rows) if rows else ""
    return paragraphs(f"**{escape(spec.name)}** · {what}", escape(spec.description), parameters, release)


def _need(parameter: PatternParameter) -> str:
    if parameter.required:
        return "required"
    return f"default {code(_shown(parameter.default))}" if parameter.default is not None else "optional"


def _shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)
