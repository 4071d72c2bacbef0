"""What is known of SpecQL's own words, as Markdown: keys, types, patterns with their parameters, functions."""

from __future__ import annotations

from specql_lsp.features.markdown import code, escape, table
from specql_lsp.features.model import DocumentationKey
from specql_lsp.language.keys import entity_keys
from specql_lsp.language.patterns import PatternSpec, action_patterns, table_patterns
from specql_lsp.language.sql import functions
from specql_lsp.language.types import TypeSpec, type_named

_CONSTRUCTORS = {
    "enum": "One of several values: a TEXT column with a CHECK.\n\n`status: enum(lead, customer) = lead`",
    "list": "Several values of one type in a JSONB column.\n\n`tags: list(text)`",
    "ref": "A reference to an entity: an INTEGER column `fk_<field>` with a foreign key.\n\n`company: ref(Company)`",
}


def of_language(key: DocumentationKey) -> str | None:
    """The documentation; None where the key names no word of the language."""
    values = key.values
    match key.kind:
        case "key":
            level = entity_keys().levels.get(values.get("level", ""))
            spec = level.by_name.get(values.get("name", "")) if level is not None else None
            return spec.markdown if spec is not None else None
        case "type":
            name = values.get("name", "")
            type_spec = type_named(name)
            return _type(type_spec) if type_spec is not None else _CONSTRUCTORS.get(name)
        case "pattern":
            name = values.get("name", "")
            pattern = table_patterns().get(name) or action_patterns().get(name)
            return _pattern(pattern, values.get("parameter")) if pattern is not None else None
        case "function":
            function = functions().get(values.get("name", ""))
            return f"`{function.signature}` → {function.returns}\n\n{function.documentation}" if function else None
    return None


def _type(spec: TypeSpec) -> str:
    head = f"**{escape(spec.name)}** · {code(spec.postgres)}"
    lines = [f"{head} · GraphQL {code(spec.graphql)}" if spec.graphql else head, escape(spec.description)]
    lines.extend(f"CHECK {code(check)}" for check in spec.checks)
    if spec.pattern:
        lines.append(f"CHECK: it matches {code(spec.pattern)}, whatever its case")
    if spec.example:
        lines.append(f"Example: {code(spec.example)}")
    if spec.fields:
        rows = [(code(part.name), code(part.type), escape(part.description)) for part in spec.fields]
        lines.append(table(("Part", "Type", "Description"), rows))
    return "\n\n".join(line for line in lines if line)


def _pattern(pattern: PatternSpec, parameter: str | None) -> str:
    if parameter is not None:
        found = next((each for each in pattern.parameters if each.name == parameter), None)
        if found is None:
            return ""
        facts = [code(found.type), "required" if found.required else ""]
        if found.default is not None:
            facts.append(f"default {code(str(found.default))}")
        lines = [f"**{escape(found.name)}** · {' · '.join(fact for fact in facts if fact)}", escape(found.description)]
        return "\n\n".join(line for line in lines if line)
    rows = [
        (code(each.name), code(each.type), "yes" if each.required else "", escape(each.description))
        for each in pattern.parameters
    ]
    parts = [f"**{escape(pattern.name)}**", escape(pattern.description)]
    if rows:
        parts.append(table(("Parameter", "Type", "Required", "Description"), rows))
    return "\n\n".join(part for part in parts if part)
