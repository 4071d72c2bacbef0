"""Helix's files against what Helix documents.

The shape is the one of "Languages" in Helix's book (book/src/languages.md of helix-editor/helix, 25.07).
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.editors.shapes import EDITORS, assert_serves, names_in, setting_names

HELIX = EDITORS / "helix"
LANGUAGE_KEYS = {
    *("name", "language-id", "scope", "injection-regex", "file-types", "shebangs", "roots", "auto-format"),
    *("diagnostic-severity", "comment-token", "comment-tokens", "block-comment-tokens", "indent", "language-servers"),
    *("grammar", "formatter", "soft-wrap", "text-width", "rulers", "path-completion", "word-completion"),
    *("workspace-lsp-roots", "persistent-diagnostic-sources"),
}
SERVER_KEYS = {"command", "args", "config", "timeout", "environment", "required-root-patterns"}


def configuration() -> dict[str, Any]:
    return tomllib.loads((HELIX / "languages.toml").read_text(encoding="utf-8"))


def example() -> dict[str, Any]:
    """The ``config`` that the file shows in a comment."""
    line = re.search(r"^# (config = .*)$", (HELIX / "languages.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert line is not None
    config: dict[str, Any] = tomllib.loads(line[1])["config"]
    return config


def matches(glob: str, path: str) -> bool:
    """As Helix matches: against the whole path, ``*/`` is put before a relative glob, and ``*`` crosses folders."""
    pieces = {"**/": "(?:.*/)?", "*": ".*"}
    pattern = "".join(pieces.get(piece, re.escape(piece)) for piece in re.split(r"(\*\*/|\*)", glob))
    return re.fullmatch(f"(?:.*/)?{pattern}", path) is not None


def test_the_file_has_the_documented_shape() -> None:
    read = configuration()
    assert set(read) == {"language-server", "language"}
    ((server_name, server),) = read["language-server"].items()
    assert set(server) <= SERVER_KEYS
    assert isinstance(server["command"], str)
    (language,) = read["language"]
    assert set(language) <= LANGUAGE_KEYS
    assert language["name"] != "yaml", "YAML of Helix's own keeps its servers"
    assert language["language-servers"] == [server_name]
    assert set(language["indent"]) == {"tab-width", "unit"}
    assert language["comment-tokens"] == ["#"]
    for pattern in language["file-types"]:
        assert isinstance(pattern, str) or set(pattern) == {"glob"}
    assert all(isinstance(root, str) for root in language["roots"])


def test_its_globs_are_those_of_specql(workspace: Path) -> None:
    (language,) = configuration()["language"]
    globs = [pattern["glob"] for pattern in language["file-types"]]
    for file in workspace.rglob("*.yaml"):
        ours = any(matches(glob, file.as_posix()) for glob in globs)
        assert ours == (".github" not in file.parts), file
    assert any(matches(glob, "/home/ada/project/entities/ticket.yml") for glob in globs)
    assert not any(matches(glob, "/home/ada/project/compose.yaml") for glob in globs)


def test_its_queries_are_those_of_the_grammar_it_names() -> None:
    (language,) = configuration()["language"]
    queries = list((HELIX / "runtime" / "queries" / language["name"]).glob("*.scm"))
    assert {"highlights.scm", "indents.scm"} <= {query.name for query in queries}
    for query in queries:
        assert query.read_text(encoding="utf-8").strip() == f"; inherits: {language['grammar']}"


def test_its_settings_are_the_servers() -> None:
    assert set(names_in(example()["specql"])) <= setting_names()


async def test_its_command_starts_the_server(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ((_, server),) = configuration()["language-server"].items()
    config = example()
    # Helix sends `config` as the initialization options, and answers the section from it.
    await assert_serves(
        [server["command"], *server.get("args", [])], workspace, monkeypatch, options=config, settings=config["specql"]
    )
    await assert_serves([server["command"], *server.get("args", [])], workspace, monkeypatch, options=config)
