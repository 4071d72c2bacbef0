"""A registry YAML that holds no registry: the editor says so at its first place, and ``check`` with a finding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lsprotocol import types

from tests.cli.support import run
from tests.e2e.conftest import REGISTRY
from tests.e2e.editor import Editor


@pytest.mark.parametrize("text", ["", "[]\n", "- domains\n", "text\n", "domains:\n"])
async def test_it_is_reported(workspace: Path, text: str) -> None:
    before = (workspace / REGISTRY).read_text()
    (workspace / REGISTRY).write_text(text)
    async with Editor(workspace) as editor:
        await editor.source("none")
        (found,) = await editor.codes(REGISTRY, "invalid-registry")
        assert found.severity == types.DiagnosticSeverity.Error
        assert "domains" in found.message
        editor.write(REGISTRY, before)
        await editor.codes(REGISTRY, "subdomain-mismatch")
    (workspace / REGISTRY).write_text(text)
    done = run(workspace, "check", "--format", "json")
    assert [f["code"] for f in json.loads(done.stdout) if f["path"] == REGISTRY] == ["invalid-registry"]
    assert done.returncode == 2


async def test_postgresql_answers_and_it_is_reported(workspace: Path, workspace_url: str) -> None:
    (workspace / REGISTRY).write_text("")
    done = run(workspace, "check", "--format", "json", url=workspace_url)
    assert [f["code"] for f in json.loads(done.stdout) if f["path"] == REGISTRY] == ["invalid-registry"]
    assert done.returncode == 1
