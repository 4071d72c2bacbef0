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
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "domain_registry.yaml"
        operations: dict[str, Callable[[Any], Any]] = {
            "registry": lambda text: _registry(path, text),
            "entity": _entity,
            "short_code": lambda name: NamingConventions.derive_entity_code(None, name),
        }
        for line in sys.stdin:
            request = json.loads(line)
            answer: dict[str, Any] = {"value": None, "error": None}
            try:
                answer["value"] = operations[request["operation"]](request["argument"])
            except Exception as error:
                answer["error"] = f"{type(error).__name__}: {error}"
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


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


if __name__ == "__main__":
    main()
