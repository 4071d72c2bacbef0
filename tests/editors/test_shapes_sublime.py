"""Sublime Text's files against what its package LSP documents.

The shape is the one of "Client Configuration" (docs/src/client_configuration.md of sublimelsp/LSP).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.editors.shapes import (
    EDITORS,
    assert_serves,
    names_in,
    names_mentioned,
    nested,
    setting_names,
    without_comments,
)

SUBLIME = EDITORS / "sublime"
CLIENT_KEYS = {
    *("enabled", "command", "env", "settings", "initializationOptions", "selector", "priority_selector", "schemes"),
    *("diagnostics_mode", "tcp_port", "experimental_capabilities", "disabled_capabilities"),
}


def client() -> dict[str, Any]:
    text = (SUBLIME / "LSP.sublime-settings").read_text(encoding="utf-8")
    read = json.loads(without_comments(text))
    assert set(read) == {"clients"}
    assert set(read["clients"]) == {"specql"}
    found: dict[str, Any] = read["clients"]["specql"]
    return found


def example() -> dict[str, Any]:
    """The settings that the file shows in comments, nested as LSP answers a section."""
    text = (SUBLIME / "LSP.sublime-settings").read_text(encoding="utf-8")
    lines = re.findall(r'^\s*// ("specql\.[^\n]*?),?$', text, re.MULTILINE)
    settings: dict[str, Any] = nested(json.loads("{" + ",".join(lines) + "}"))["specql"]
    return settings


def test_the_file_has_the_documented_shape() -> None:
    read = client()
    assert set(read) <= CLIENT_KEYS
    assert read["enabled"] is True
    assert all(isinstance(word, str) for word in read["command"])
    assert read["selector"].startswith("source.yaml")
    assert isinstance(read["settings"], dict)
    assert "disabled_capabilities" not in read, "nothing of the server is switched off"


def test_the_project_overrides_the_same_client() -> None:
    project = json.loads((SUBLIME / "specql.sublime-project").read_text(encoding="utf-8"))
    assert set(project) == {"folders", "settings"}
    assert set(project["settings"]["LSP"]) == {"specql"}
    assert set(project["settings"]["LSP"]["specql"]) <= CLIENT_KEYS


def test_its_settings_are_the_servers() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SUBLIME.iterdir())
    assert names_mentioned(text)
    assert names_mentioned(text) | set(names_in(example())) <= setting_names()


async def test_its_command_starts_the_server(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await assert_serves(client()["command"], workspace, monkeypatch, settings=example())
