"""The manifest of the VS Code extension says of the server what the server says of itself."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from specql_lsp import __version__
from specql_lsp.config import Layer, Settings, SeverityOverride, load_settings
from specql_lsp.features.diagnostics.rules import RULES
from specql_lsp.lsp.routes import COMMANDS

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"
MANIFEST: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
PROPERTIES: dict[str, dict[str, Any]] = {
    key.removeprefix("specql."): value
    for group in MANIFEST["contributes"]["configuration"]
    for key, value in group["properties"].items()
}
SERVER_SECTIONS = tuple(field.name for field in fields(Settings))


def camel_case(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found.group(1).upper(), name)


SERVER_PROPERTIES = sorted(key for key in PROPERTIES if key.split(".")[0] in map(camel_case, SERVER_SECTIONS))
BOUNDED = [key for key in SERVER_PROPERTIES if "minimum" in PROPERTIES[key]]


def as_json(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, dict) else value


def warnings_for(key: str, value: object) -> tuple[str, ...]:
    section, name = key.split(".")
    return load_settings([Layer("the editor", {section: {name: value}})], {})[1]


def server_defaults() -> dict[str, object]:
    settings = Settings()
    return {
        f"{camel_case(section)}.{camel_case(field.name)}": as_json(getattr(getattr(settings, section), field.name))
        for section in SERVER_SECTIONS
        for field in fields(getattr(settings, section))
        if field.compare  # what is not compared is no setting
    }


def test_offers_every_setting_of_the_server_with_its_default() -> None:
    assert {key: PROPERTIES[key]["default"] for key in SERVER_PROPERTIES} == server_defaults()


def test_has_no_settings_but_the_servers_and_its_own() -> None:
    assert set(PROPERTIES) - set(SERVER_PROPERTIES) == {"server.path", "server.interpreter", "trace.server"}


@pytest.mark.parametrize("key", BOUNDED)
def test_allows_the_numbers_that_the_server_allows(key: str) -> None:
    low, high = PROPERTIES[key]["minimum"], PROPERTIES[key]["maximum"]

    assert warnings_for(key, low) == warnings_for(key, high) == ()
    assert warnings_for(key, low - 0.01)
    assert warnings_for(key, high + 1)


def test_bounds_every_number() -> None:
    numbers = [key for key in SERVER_PROPERTIES if PROPERTIES[key]["type"] in {"number", "integer"}]

    assert numbers == BOUNDED
    for key in numbers:
        assert PROPERTIES[key]["type"] == ("integer" if isinstance(server_defaults()[key], int) else "number")


def test_allows_the_choices_that_the_server_allows() -> None:
    backend = PROPERTIES["registry.backend"]

    assert all(warnings_for("registry.backend", choice) == () for choice in backend["enum"])
    assert len(backend["enumDescriptions"]) == len(backend["enum"])
    assert warnings_for("registry.backend", "mysql")


def test_offers_the_codes_and_severities_of_diagnostics() -> None:
    severity = PROPERTIES["diagnostics.severity"]
    levels = [level.value for level in SeverityOverride]

    assert list(RULES) == list(severity["properties"])
    assert all(schema["enum"] == levels for schema in severity["properties"].values())
    assert severity["additionalProperties"]["enum"] == levels


def test_lets_a_folder_choose_what_concerns_it_and_nobody_but_the_machine_what_is_run() -> None:
    assert {PROPERTIES[key]["scope"] for key in SERVER_PROPERTIES} == {"resource"}
    assert PROPERTIES["server.path"]["scope"] == PROPERTIES["server.interpreter"]["scope"] == "machine"
    assert PROPERTIES["trace.server"]["scope"] == "window"


def test_restricts_the_same_settings_as_its_code() -> None:
    source = (EXTENSION / "src" / "configuration" / "settings.ts").read_text(encoding="utf-8")
    found = re.search(r"RESTRICTED: ReadonlySet<string> = new Set\(\[(.*?)\]\)", source)
    assert found
    restricted = {f"specql.{key}" for key in re.findall(r'"([^"]+)"', found.group(1))}

    capability = MANIFEST["capabilities"]["untrustedWorkspaces"]
    assert capability["supported"] == "limited"
    assert set(capability["restrictedConfigurations"]) == restricted
    assert {"specql.registry.databaseUrl", "specql.server.path", "specql.server.interpreter"} == restricted


def test_gives_its_commands_other_ids_than_the_servers() -> None:
    """vscode-languageclient registers the server's own: a second command with such an id could not be registered."""
    commands = {command["command"] for command in MANIFEST["contributes"]["commands"]}

    assert commands
    assert not commands & {route.method for route in COMMANDS}
    assert {command["category"] for command in MANIFEST["contributes"]["commands"]} == {"SpecQL"}


def test_describes_every_setting_in_sentences() -> None:
    for key, value in PROPERTIES.items():
        assert re.search(r"[.)`]$", value["markdownDescription"]), key


def test_has_the_servers_version_everywhere() -> None:
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))

    assert MANIFEST["version"] == lock["version"] == lock["packages"][""]["version"] == __version__
    assert f"## {__version__}" in (EXTENSION / "CHANGELOG.md").read_text(encoding="utf-8")


def test_locks_its_packages_without_naming_a_registry() -> None:
    lock = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))

    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
