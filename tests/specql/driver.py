"""SpecQL itself as a process: runs in its own interpreter, reads a JSON object per line, answers one per line.

Only the standard library and SpecQL are imported, as nothing of ours is installed there. What SpecQL raises is part of
the answer: ``error`` holds the exception as ``KeyError: 'description'``, and is null where SpecQL reads the text.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cli  # type: ignore[import-not-found]
import jinja2
import yaml

# SpecQL 0.9.2 imports its own modules as ``src.…``, which an installed release does not have.
_ALIAS = types.ModuleType("src")
_ALIAS.__path__ = [str(Path(cli.__file__).parent.parent)]
sys.modules["src"] = _ALIAS

from cli.orchestrator import convert_entity_definition_to_entity  # type: ignore[import-not-found] # noqa: E402
from core.ast_models import Entity  # type: ignore[import-not-found] # noqa: E402
from core.specql_parser import SpecQLParser  # type: ignore[import-not-found] # noqa: E402
from src.generators.targets.postgresql.generators.schema.naming_conventions import (  # type: ignore[import-not-found] # noqa: E402
    NamingConventions,
)
from src.generators.targets.postgresql.generators.schema.schema_registry import (  # type: ignore[import-not-found] # noqa: E402
    SchemaRegistry,
)


def main() -> None:
    """Answers requests until the input ends."""
    logging.disable()
    _compile_templates_once()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "domain_registry.yaml"
        operations: dict[str, Callable[[Any], Any]] = {
            "registry": lambda text: _registry(path, text),
            "entity": _entity,
            "entity_keys": lambda text: _keys_read(lambda: _entity(text)),
            "registry_keys": lambda text: _keys_read(lambda: _registry(path, text)),
            "fields": _fields,
            "action": _action,
            "sql": _sql,
            "table": lambda text: str(_generated(text).table_sql),
            "refused_sql": _refused_sql,
            "short_code": lambda name: NamingConventions.derive_entity_code(None, name),
        }
        for line in sys.stdin:
            request = json.loads(line)
            answer: dict[str, Any] = {"value": None, "error": None}
            try:
                answer["value"] = operations[request["operation"]](request["argument"])
            except Exception as error:
                answer["error"] = f"{type(error).__name__}: {error}"
            sys.stdout.write(_as_json(answer) + "\n")
            sys.stdout.flush()


def _compile_templates_once() -> None:
    """Keeps the code of templates: SpecQL compiles each for every file, which is 19 parts of 20 of what that takes."""
    compiled: dict[tuple[Any, ...], Any] = {}
    original = jinja2.Environment.compile

    def compile_once(environment: jinja2.Environment, source: Any, *arguments: Any, **options: Any) -> Any:
        if not isinstance(source, str):
            return original(environment, source, *arguments, **options)
        layout = environment.trim_blocks, environment.lstrip_blocks, environment.keep_trailing_newline
        key = (source, arguments, tuple(options.items()), *layout, frozenset(environment.filters))
        if key not in compiled:
            compiled[key] = original(environment, source, *arguments, **options)
        return compiled[key]

    jinja2.Environment.compile = compile_once  # type: ignore[method-assign,assignment]


def _as_json(answer: dict[str, Any]) -> str:
    """An answer as a line; what YAML can hold and JSON cannot (a date, a list in itself) as Python shows it."""
    try:
        return json.dumps(answer, default=repr)
    except (TypeError, ValueError):
        return json.dumps({**answer, "value": repr(answer["value"])})


def _registry(path: Path, text: str) -> dict[str, Any]:
    """Loads a registry with SpecQL's reader, and asks it everything that its generator asks.

    A ValueError of the generator is a sentence for its user (a code that is taken, say), and no failure to read.
    """
    path.write_text(text, encoding="utf-8", newline="")
    naming = NamingConventions(str(path))
    reader = naming.registry
    domains = reader.registry["domains"]
    schemas = SchemaRegistry(reader)
    reader.is_code_available("01FFFF")
    for name in ("no such domain", *domains, *(domain["name"] for domain in domains.values())):
        schemas.is_multi_tenant(name)
        schemas.get_canonical_schema_name(name)
    found = {entry.entity_name: [entry.table_code, entry.entity_code] for entry in naming.get_all_entities()}
    keys = [*_keys(domains), *reader.registry.get("reserved_codes", [])]
    if "schema_layers" in reader.registry:
        keys += reader.registry["schema_layers"]
        naming.generate_file_path(Entity(name="Zebra"), "01FFFF")
        _ask(lambda: naming.validate_table_code("01FFFF", Entity(name="Zebra")))
    for number, domain in list(domains.items()):
        _ask(lambda domain=domain: naming.derive_table_code(Entity(name="Zebra", schema=domain["name"])))
        for subnumber, subdomain in list(domain.get("subdomains", {}).items()):
            reader.get_subdomain(number, subnumber)
            _ask(
                lambda domain=domain, subdomain=subdomain: naming.derive_table_code(
                    Entity(name="Zebra", schema=domain["name"]), subdomain=subdomain["name"]
                )
            )
            reader.register_entity(f"Zebra{number}{subnumber}", f"01{number}{subnumber}F", "ZBR", number, subnumber)
    # What SpecQL itself has written must be what it can read.
    NamingConventions(str(path))
    return {"entities": found, "keysThatAreNoTexts": [repr(key) for key in keys if not isinstance(key, str)]}


def _keys(domains: dict[Any, Any]) -> list[Any]:
    keys = list(domains)
    for domain in domains.values():
        keys += domain.get("subdomains", {})
        for subdomain in domain.get("subdomains", {}).values():
            keys += subdomain.get("entities") or {}
    return keys


def _ask(question: Callable[[], object]) -> None:
    try:
        question()
    except ValueError:
        return


def _entity(text: str) -> dict[str, Any]:
    """Parses an entity file as the generator does."""
    entity = convert_entity_definition_to_entity(SpecQLParser().parse(text))
    organization = entity.organization
    return {
        "name": entity.name,
        "schema": entity.schema,
        "tableCode": organization.table_code if organization else None,
        "fields": list(entity.fields),
    }


def _fields(text: str) -> dict[str, Any]:
    """What the parser makes of each field of an entity."""
    return {
        name: {
            "tier": field.tier.value,
            "postgres": field.postgres_type,
            "nullable": field.nullable,
            "default": field.default,
            "pattern": field.validation_pattern,
            "minimum": field.min_value,
            "maximum": field.max_value,
            "graphql": field.fraiseql_type,
            "values": field.values,
            "target": field.reference_entity,
            "parts": sorted(field.composite_def.fields) if field.composite_def else [],
            "description": field.description,
        }
        for name, field in SpecQLParser().parse(text).fields.items()
    }


def _sql(statement: str) -> dict[str, Any]:
    """What PostgreSQL's parser makes of a statement: its structure as a fingerprint, its columns and tables."""
    from pglast.parser import fingerprint, parse_sql_json  # type: ignore[import-not-found]

    found: dict[str, list[str]] = {"ColumnRef": [], "RangeVar": []}
    nodes = [json.loads(parse_sql_json(statement))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes += node
        elif isinstance(node, dict):
            nodes += node.values()
            for kind in found.keys() & node.keys():
                parts = [part.get("String", {}).get("sval", "*") for part in node[kind].get("fields", [])]
                found[kind].append(".".join(parts) or node[kind]["relname"])
    return {
        "fingerprint": fingerprint(statement),
        "columns": sorted(found["ColumnRef"]),
        "tables": sorted(found["RangeVar"]),
    }


def _action(text: str) -> str:
    """The SQL that is generated for the only action of an entity file."""
    (mutation,) = _generated(text).mutations
    return str(mutation.core_logic_sql)


def _generated(text: str) -> Any:
    from src.generators.targets.postgresql.generators.schema_orchestrator import (  # type: ignore[import-not-found]
        SchemaOrchestrator,
    )

    entity = convert_entity_definition_to_entity(SpecQLParser().parse(text))
    return SchemaOrchestrator(registry_optional=True).generate_split_schema(entity)


def _refused_sql(text: str) -> dict[str, str]:
    """The parts of the SQL that is generated for an entity file which PostgreSQL's parser refuses, with its words."""
    from pglast.parser import parse_sql_json

    generated = _generated(text)
    parts = {"table": generated.table_sql, "helpers": generated.helpers_sql, "types": generated.input_types_sql or ""}
    for mutation in generated.mutations:
        parts[f"{mutation.action_name} app"] = mutation.app_wrapper_sql
        parts[f"{mutation.action_name} core"] = mutation.core_logic_sql
        parts[f"{mutation.action_name} comments"] = mutation.fraiseql_comments_sql
    refused: dict[str, str] = {}
    for title, sql in parts.items():
        try:
            parse_sql_json(sql)
        except Exception as error:
            refused[title] = str(error)
    return refused


class _Recorded(dict):  # type: ignore[type-arg]
    """A mapping of a file that notes which of its keys are asked for. ``where`` is its path from the root."""

    def __init__(self, entries: dict[Any, Any], where: list[str], found: list[list[str]]) -> None:
        super().__init__({key: _recorded(value, [*where, str(key)], found) for key, value in entries.items()})
        self._where = where
        self._found = found

    def _note(self, key: object) -> None:
        if super().__contains__(key):
            self._found.append([*self._where, str(key)])

    def __getitem__(self, key: object) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)

    def get(self, key: object, default: object = None) -> Any:
        self._note(key)
        return super().get(key, default)


def _recorded(value: Any, where: list[str], found: list[list[str]]) -> Any:
    if isinstance(value, dict):
        return _Recorded(value, where, found)
    if isinstance(value, list):
        return [_recorded(item, [*where, "[]"], found) for item in value]
    return value


def _keys_read(operation: Callable[[], object]) -> list[list[str]]:
    """The paths of the keys that SpecQL asks for while the operation reads a file."""
    found: list[list[str]] = []
    original = yaml.safe_load
    for dumper in (yaml.Dumper, yaml.SafeDumper):
        dumper.add_representer(_Recorded, lambda dumper, data: dumper.represent_dict(dict(data).items()))
    yaml.safe_load = lambda stream: _recorded(original(stream), [], found)
    try:
        operation()
    finally:
        yaml.safe_load = original
    return found


if __name__ == "__main__":
    main()
