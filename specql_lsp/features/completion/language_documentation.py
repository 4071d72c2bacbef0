"""The documentation of SpecQL's own words, as hover has it: keys, types, patterns, functions; and a field in short."""

from __future__ import annotations

from specql_lsp.features.hover.keys import key_text
from specql_lsp.features.hover.patterns import action_pattern, action_pattern_text, parameter_text, table_pattern_text
from specql_lsp.features.hover.request import paragraphs
from specql_lsp.features.hover.sql import function_text
from specql_lsp.features.hover.types import type_line, type_text
from specql_lsp.features.markdown import code, title
from specql_lsp.features.model import DocumentationKey
from specql_lsp.language.keys import level_named
from specql_lsp.language.patterns import table_patterns
from specql_lsp.language.sql import functions
from specql_lsp.workspace.analysis import Analysis


def of_language(analysis: Analysis, key: DocumentationKey) -> str | None:
    """The documentation; None where the key names no word of the language.

    Args:
        analysis: has the workspace's own patterns, and the setting ``language.release``: without one nothing is said of
            what SpecQL generates or refuses.
        key: what the item is for.
    """
    shows_generated = bool(analysis.settings.language.release)
    name = key.values.get("name", "")
    match key.kind:
        case "key":
            level = level_named(key.values.get("level", ""))
            spec = level.by_name.get(name) if level is not None else None
            return key_text(spec) if spec is not None else None
        case "type":
            return type_text(name, shows_generated=shows_generated)
        case "pattern":
            return _pattern(analysis, name, key.values.get("parameter"), shows_generated=shows_generated)
        case "function":
            function = functions().get(name)
            return function_text(function, shows_generated=shows_generated) if function is not None else None
        case "field":
            return _field(name, key.values.get("type", ""))
    return None


def _field(name: str, type_: str) -> str:
    written = f" · {code(type_)}" if type_ else ""
    return paragraphs(f"{title(name)} · field{written}", type_line(type_))


def _pattern(analysis: Analysis, name: str, parameter: str | None, *, shows_generated: bool) -> str | None:
    of_table = table_patterns().get(name)
    spec, uri = (of_table, "") if of_table is not None else action_pattern(analysis, name) or (None, "")
    if spec is None:
        return None
    if parameter is not None:
        found = next((each for each in spec.parameters if each.name == parameter), None)
        return parameter_text(spec, found) if found is not None else None
    if of_table is None:
        return action_pattern_text(spec, uri)
    return table_pattern_text(spec, shows_generated=shows_generated)
