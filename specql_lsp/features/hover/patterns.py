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
        release = _TABLE_PATTERN if request.tells_generated else ""
        return Text(_pattern_text(spec, "pattern of the table", release))
    spec = action_patterns().get(name)
    return Text(_pattern_text(spec, "action pattern", Release.BETA.sentence)) if spec is not None else None


def pattern_summary(request: HoverRequest, name: str) -> str:
    """An action's pattern in a line."""
    spec = action_patterns().get(name)
    return f"Made from the pattern {code(name)}" + (f": {escape(spec.description)}" if spec is not None else "")


def pattern_parameter(request: HoverRequest) -> Text | None:
    """A parameter of a pattern."""
    symbol = request.symbol
    spec = (table_patterns() if symbol.path[:1] == ("patterns",) else action_patterns()).get(symbol.owner)
    found = next((each for each in spec.parameters if each.name == symbol.name), None) if spec is not None else None
    if spec is None or found is None:
        return None
    return Text(
        paragraphs(
            f"**{escape(found.name)}** · parameter of {escape(spec.name)} · {code(found.type)} · {_need(found)}",
            escape(found.description),
        )
    )


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
