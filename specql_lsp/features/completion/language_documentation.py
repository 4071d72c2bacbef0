"""The documentation of SpecQL's own words, as hover has it: keys, types, patterns with their parameters, functions."""

from __future__ import annotations

from specql_lsp.features.hover.keys import key_text
from specql_lsp.features.hover.patterns import action_pattern_text, parameter_text, table_pattern_text
from specql_lsp.features.hover.sql import function_text
from specql_lsp.features.hover.types import type_text
from specql_lsp.features.model import DocumentationKey
from specql_lsp.language.keys import entity_keys
from specql_lsp.language.patterns import action_patterns, table_patterns
from specql_lsp.language.sql import functions


def of_language(key: DocumentationKey) -> str | None:
    """The documentation; None where the key names no word of the language."""
    name = key.values.get("name", "")
    match key.kind:
        case "key":
            level = entity_keys().levels.get(key.values.get("level", ""))
            spec = level.by_name.get(name) if level is not None else None
            return key_text(spec) if spec is not None else None
        case "type":
            return type_text(name)
        case "pattern":
            return _pattern(name, key.values.get("parameter"))
        case "function":
            function = functions().get(name)
            return function_text(function) if function is not None else None
    return None


def _pattern(name: str, parameter: str | None) -> str | None:
    of_table = table_patterns().get(name)
    spec = of_table or action_patterns().get(name)
    if spec is None:
        return None
    if parameter is not None:
        found = next((each for each in spec.parameters if each.name == parameter), None)
        return parameter_text(spec, found) if found is not None else None
    return table_pattern_text(spec) if of_table is not None else action_pattern_text(spec)
