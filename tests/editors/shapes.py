"""For the tests of editors that nobody here can run: the settings' names, and the server as their files start it."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from specql_lsp.config import Settings
from tests.e2e import editor as real
from tests.e2e.editor import Editor

ROOT = Path(__file__).parents[2]
EDITORS = ROOT / "editors"
TICKET = "entities/crm/ticket.yaml"


def setting_names() -> set[str]:
    """Every setting of the server as its users write it, without ``specql.``: ``registry.yamlPath``."""
    return {
        f"{section.name}.{_camel(setting.name)}"
        for section in fields(Settings)
        for setting in fields(getattr(Settings(), section.name))
        if setting.compare  # what is not compared is no setting
    }


def names_in(settings: Mapping[str, Any]) -> Iterator[str]:
    """The settings that nested tables set, as ``setting_names`` writes them."""
    for section, table in settings.items():
        assert isinstance(table, Mapping), f"{section} is not a table"
        for name in table:
            yield f"{section}.{name}"


def names_mentioned(text: str) -> set[str]:
    """The settings that a text names in full, such as ``specql.registry.yamlPath``."""
    return set(re.findall(r"\bspecql\.((?:registry|files|diagnostics)\.[A-Za-z]+)", text))


def nested(dotted: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted keys as tables: ``{"registry.backend": 1}`` becomes ``{"registry": {"backend": 1}}``."""
    result: dict[str, Any] = {}
    for key, value in dotted.items():
        table = result
        *parents, last = key.split(".")
        for parent in parents:
            table = table.setdefault(parent, {})
        table[last] = value
    return result


def without_comments(text: str) -> str:
    """JSON as Sublime Text reads it, without its comments (on lines of their own) and trailing commas."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("//")]
    return re.sub(r",(\s*[}\]])", r"\1", "\n".join(lines))


async def assert_serves(
    command: Sequence[str],
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    settings: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> None:
    """Starts the server by an editor's command and arguments, and sees that its settings arrive and that it completes.

    Args:
        command: program and arguments; the program is looked for where this Python's programs are.
        workspace: a copy of fixtures/workspace.
        settings: section ``specql`` as the editor answers ``workspace/configuration``; they, or the options, make a
            missing code a warning.
        options: ``initializationOptions`` as the editor sends them.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    program = shutil.which(command[0], path=path)
    assert program is not None, f"{command[0]} is not installed"
    monkeypatch.setattr(real, "SERVER", [program, *command[1:]])
    async with Editor(
        workspace,
        settings=dict(settings) if settings is not None else None,
        options=dict(options) if options is not None else None,
    ) as editor:
        await editor.source("yaml")
        (missing,) = await editor.codes(TICKET, "missing-table-code")
        assert missing.severity is types.DiagnosticSeverity.Warning
        offered = {item.label for item in await editor.complete("entities/crm/new.yaml", "entity: New\nschema: $0\n")}
        assert {"crm", "catalog", "projects"} <= offered
        assert not [message.message for message in editor.messages if "setting" in message.message.lower()]


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
