"""The keys of SpecQL's entity files as a JSON schema, so that a server for any YAML knows as much of them as it can."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from specql_lsp.language.keys import KeyTable, Level, Meaning, ValueSpec, entity_keys
from specql_lsp.language.types import types


def entity_schema() -> dict[str, Any]:
    """A schema of draft 7: each level of the table is a definition, each key has its documentation."""
    table = entity_keys()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "SpecQL entity",
        "allOf": [_value(table, table.root)],  # draft 7 takes nothing beside a $ref
        "definitions": {_name(level.name): _level(table, level) for level in table.levels.values()},
    }


def _level(table: KeyTable, level: Level) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            key.name: {"description": key.markdown, "markdownDescription": key.markdown, **_value(table, key.value)}
            for key in level.keys
        },
        "additionalProperties": level.any_key is not None and _value(table, level.any_key.value),
    }
    required = [key.name for key in level.keys if key.required]
    return {**schema, "required": required} if required else schema


def _value(table: KeyTable, value: ValueSpec) -> dict[str, Any]:
    forms = list(_forms(table, value))
    return forms[0] if len(forms) == 1 else {"anyOf": forms}


def _forms(table: KeyTable, value: ValueSpec) -> Iterator[dict[str, Any]]:
    if value.meaning is Meaning.CHOICE:
        yield {"enum": list(value.choices)}
    elif value.meaning in {Meaning.FIELD_TYPE, Meaning.TYPE}:
        yield {"enum": list(types())}
        yield {"type": "string"}
    elif value.meaning is Meaning.BOOLEAN:
        yield {"type": "boolean"}
    elif value.meaning is Meaning.ANY:
        yield {}
    elif value.meaning is not Meaning.NOTHING:
        yield {"type": ["string", "number", "boolean", "null"]}
    if value.level in table.levels:
        yield {"$ref": f"#/definitions/{_name(value.level)}"}
    if value.items is not None:
        yield {"type": "array", "items": _value(table, value.items)}


def _name(level: str) -> str:
    return level.replace(" ", "-")
