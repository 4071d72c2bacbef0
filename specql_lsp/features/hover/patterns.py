"""Hover of patterns and their parameters: those of actions, and those of tables."""

from __future__ import annotations

from specql_lsp.features import descriptions
from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.markdown import code, escape, link, table, title
from specql_lsp.language.patterns import PatternParameter, PatternSpec, action_patterns, table_patterns
from specql_lsp.language.release import REFERENCE, Release
from specql_lsp.workspace.analysis import Analysis

_TABLE_PATTERN = f"{REFERENCE} reads it and generates nothing for it."


def pattern(request: HoverRequest) -> Text | None:
    """A pattern by its name."""
    name = request.symbol.name
    if request.symbol.path[:1] == ("patterns",):
        spec = table_patterns().get(name)
        if spec is None:
            return Text(f"{title(name)} · not a pattern of {REFERENCE}, which ignores it")
        return Text(table_pattern_text(spec, shows_generated=request.shows_generated))
    found = action_pattern(request.analysis, name)
    if found is None:
        return None
    spec, uri = found
    return Text(action_pattern_text(spec, uri))


def action_pattern(analysis: Analysis, name: str) -> tuple[PatternSpec, str] | None:
    """An action pattern, and the file of the workspace that has it: that counts before a standard one."""
    name = name.strip().removeprefix("actions/")
    own, standard = analysis.index.pattern(name), action_patterns().get(name)
    if own is None:
        return (standard, "") if standard is not None else None
    known = {each.name: each for each in standard.parameters} if standard is not None else {}
    parameters = tuple(
        PatternParameter(
            each.name,
            each.type or "",
            each.required,
            known[each.name].default if each.name in known else None,
            each.description or (known[each.name].description if each.name in known else ""),
        )
        for each in own.parameters
    )
    description = own.description or (standard.description if standard is not None else "")
    return PatternSpec(own.name, description, parameters), own.uri


def table_pattern_text(spec: PatternSpec, *, shows_generated: bool = True) -> str:
    """What a pattern of tables is, and if that is wanted what SpecQL 0.9.2 makes of it."""
    return _pattern_text(spec, "pattern of the table", _TABLE_PATTERN if shows_generated else "")


def action_pattern_text(spec: PatternSpec, uri: str = "") -> str:
    """What a pattern of actions is, with the file of the workspace that has it."""
    return _pattern_text(spec, "action pattern", Release.BETA.sentence, uri)


def pattern_summary(request: HoverRequest, name: str) -> str:
    """An action's pattern in a line."""
    found = action_pattern(request.analysis, name)
    about = f": {escape(found[0].description)}" if found is not None and found[0].description else ""
    return f"Made from the pattern {code(name)}{about}"


def pattern_parameter(request: HoverRequest) -> Text | None:
    """A parameter of a pattern."""
    symbol = request.symbol
    spec: PatternSpec | None
    if symbol.path[:1] == ("patterns",):
        spec = table_patterns().get(symbol.owner)
    else:
        named = action_pattern(request.analysis, symbol.owner)
        spec = named[0] if named is not None else None
    found = next((each for each in spec.parameters if each.name == symbol.name), None) if spec is not None else None
    return Text(parameter_text(spec, found)) if spec is not None and found is not None else None


def parameter_text(spec: PatternSpec, parameter: PatternParameter) -> str:
    """What a parameter of a pattern is."""
    head = f"{title(parameter.name)} · parameter of {escape(spec.name)} · {code(parameter.type)}"
    return paragraphs(f"{head} · {_need(parameter)}", escape(parameter.description))


def _pattern_text(spec: PatternSpec, what: str, release: str, uri: str = "") -> str:
    rows = [(code(each.name), code(each.type), _need(each), escape(each.description)) for each in spec.parameters]
    parameters = table(("Parameter", "Type", "", "What it is"), rows) if rows else ""
    file = f" · {link(descriptions.file_name(uri), uri)}" if uri else ""
    return paragraphs(f"{title(spec.name)} · {what}{file}", escape(spec.description), parameters, release)


def _need(parameter: PatternParameter) -> str:
    if parameter.required:
        return "required"
    return f"default {code(_shown(parameter.default))}" if parameter.default is not None else "optional"


def _shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)
