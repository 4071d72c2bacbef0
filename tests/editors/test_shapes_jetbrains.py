"""The template for JetBrains' IDEs against what LSP4IJ documents.

The shape is the one of "Custom template structure" (docs/UserDefinedLanguageServer.md) and "Template descriptor"
(docs/UserDefinedLanguageServerTemplate.md) of redhat-developer/lsp4ij.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.editors.shapes import EDITORS, assert_serves, names_in, setting_names

TEMPLATE = EDITORS / "jetbrains" / "specql-lsp"
FILES = {
    *("template.json", "settings.json", "settings.schema.json", "initializationOptions.json", "clientSettings.json"),
    *("installer.json", "README.md"),
}
DESCRIPTOR_KEYS = {"id", "name", "programArgs", "fileTypeMappings", "languageMappings", "expandConfiguration"}


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((TEMPLATE / name).read_text(encoding="utf-8"))
    return found


def example() -> dict[str, Any]:
    """The settings that the README shows."""
    line = re.search(r'`(\{"specql": .*\})`', (TEMPLATE / "README.md").read_text(encoding="utf-8"))
    assert line is not None
    settings: dict[str, Any] = json.loads(line[1])["specql"]
    return settings


def test_the_folder_has_the_documented_files() -> None:
    present = {path.name for path in TEMPLATE.iterdir()}
    assert {"template.json", "README.md"} <= present <= FILES


def test_the_descriptor_has_the_documented_shape() -> None:
    template = read("template.json")
    assert {"id", "name", "programArgs", "fileTypeMappings"} <= set(template) <= DESCRIPTOR_KEYS
    assert set(template["programArgs"]) <= {"default", "windows"}
    assert "default" in template["programArgs"]
    for mapping in template["fileTypeMappings"]:
        assert set(mapping) == {"fileType", "languageId"}
        assert set(mapping["fileType"]) <= {"name", "patterns"}
        assert all("/" not in pattern for pattern in mapping["fileType"]["patterns"]), "LSP4IJ matches names, not paths"
    assert {"*.yaml", "*.yml"} <= {
        pattern for mapping in template["fileTypeMappings"] for pattern in mapping["fileType"]["patterns"]
    }


def test_its_settings_are_the_servers() -> None:
    assert set(read("settings.json")) == {"specql"}
    assert set(names_in(read("settings.json")["specql"])) <= setting_names()
    assert set(names_in(example())) <= setting_names()


async def test_its_command_starts_the_server(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = shlex.split(read("template.json")["programArgs"]["default"])
    options = read("initializationOptions.json")
    await assert_serves(command, workspace, monkeypatch, settings=example(), options=options)
