"""Zed's extension against what Zed documents.

The shape is the one of "Developing Extensions" and "Language Extensions" (docs/src/extensions of zed-industries/zed),
and of the trait ``Extension`` of zed_extension_api 0.7. The queries are compiled by the grammar for YAML itself.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tree_sitter_yaml
from tree_sitter import Language, Parser, Query, QueryCursor

from specql_lsp import __version__
from tests.editors.shapes import EDITORS, assert_serves, names_in, setting_names

ZED = EDITORS / "zed"
LANGUAGE = ZED / "languages" / "specql"
LANGUAGE_KEYS = {
    *("name", "grammar", "path_suffixes", "line_comments", "tab_size", "hard_tabs", "first_line_pattern", "debuggers"),
    *("autoclose_before", "brackets", "increase_indent_pattern", "decrease_indent_pattern", "word_characters"),
}
CAPTURES = {
    "highlights.scm": {
        *("attribute", "boolean", "comment", "constant", "function", "keyword", "label", "number", "operator"),
        *("property", "punctuation", "punctuation.bracket", "punctuation.delimiter", "punctuation.special"),
        *("string", "string.escape", "type", "variable"),
    },
    "outline.scm": {"name", "item", "context"},
    "brackets.scm": {"open", "close"},
}
"""The captures that Zed documents for each query; ``_key`` is a helper of a query, as names with ``_`` are."""
SAMPLE = b"""\
entity: Contact # who
schema: crm
organization:
  table_code: '012031'
fields:
  email: text!
  company: ref(crm.Company)
actions:
  - name: act
    steps:
      - validate: email = 'a'
"""


def toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def example() -> dict[str, Any]:
    """The settings that the README shows."""
    line = re.search(r'`(\{"diagnostics": .*\})`', (ZED / "README.md").read_text(encoding="utf-8"))
    assert line is not None
    settings: dict[str, Any] = json.loads(line[1])
    return settings


def program() -> str:
    found = re.search(r'const PROGRAM: &str = "([^"]+)";', (ZED / "src" / "lib.rs").read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def test_the_manifest_has_the_documented_shape() -> None:
    manifest = toml(ZED / "extension.toml")
    assert {"id", "name", "version", "schema_version", "authors", "description"} <= set(manifest)
    assert manifest["schema_version"] == 1
    assert manifest["version"] == toml(ZED / "Cargo.toml")["package"]["version"] == __version__
    ((server_id, server),) = manifest["language_servers"].items()
    assert server_id == program()
    assert {"name", "languages"} <= set(server) <= {"name", "languages", "language_ids"}
    assert set(server["language_ids"]) == set(server["languages"])
    assert toml(LANGUAGE / "config.toml")["name"] in server["languages"]


def test_the_crate_is_one_that_zed_compiles() -> None:
    cargo = toml(ZED / "Cargo.toml")
    assert cargo["lib"]["crate-type"] == ["cdylib"]
    assert set(cargo["dependencies"]) == {"zed_extension_api"}
    code = (ZED / "src" / "lib.rs").read_text(encoding="utf-8")
    assert "impl zed::Extension for SpecqlExtension" in code
    assert "zed::register_extension!(SpecqlExtension);" in code
    for method in ("new", "language_server_command", "language_server_workspace_configuration"):
        assert re.search(rf"fn {method}\(", code)
    # The section that the server asks its settings by.
    assert 'const SECTION: &str = "specql";' in code


def test_the_language_has_the_documented_shape() -> None:
    config = toml(LANGUAGE / "config.toml")
    assert {"name", "grammar"} <= set(config) <= LANGUAGE_KEYS
    assert all("*" not in suffix and "/" not in suffix for suffix in config["path_suffixes"]), "globs are for settings"
    for bracket in config["brackets"]:
        assert {"start", "end", "close", "newline"} <= set(bracket) <= {"start", "end", "close", "newline", "not_in"}


@pytest.mark.parametrize("name", sorted(CAPTURES))
def test_the_queries_are_of_the_grammar(name: str) -> None:
    language = Language(tree_sitter_yaml.language())
    query = Query(language, (LANGUAGE / name).read_text(encoding="utf-8"))
    captures = {query.capture_name(index) for index in range(query.capture_count)}
    assert {capture for capture in captures if not capture.startswith("_")} <= CAPTURES[name]
    found = QueryCursor(query).captures(Parser(language).parse(SAMPLE).root_node)
    if name == "highlights.scm":
        texts = {
            capture: {node.text.decode() for node in nodes if node.text is not None} for capture, nodes in found.items()
        }
        assert {"Contact", "crm", "ref(crm.Company)"} <= texts["type"]
        assert "text!" not in texts["type"]
        assert "'012031'" in texts["constant"]
        assert texts["keyword"] == {"validate"}
        assert {"entity", "email"} <= texts["property"]
        assert texts["comment"] == {"# who"}
    if name == "outline.scm":
        assert len(found["item"]) == len(found["name"]) == SAMPLE.count(b":")


def test_the_settings_are_zeds_and_the_servers() -> None:
    settings = json.loads((ZED / "settings.json").read_text(encoding="utf-8"))
    assert set(settings) == {"file_types", "languages", "lsp"}
    name = toml(LANGUAGE / "config.toml")["name"]
    assert set(settings["file_types"]) == set(settings["languages"]) == {name}
    assert settings["languages"][name]["language_servers"] == [program()]
    assert set(settings["lsp"]) == {program()}
    assert set(names_in(settings["lsp"][program()]["settings"])) <= setting_names()
    assert set(names_in(example())) <= setting_names()


async def test_its_command_starts_the_server(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The arguments are none unless the user gives some; the settings are put below the section by the extension.
    await assert_serves([program()], workspace, monkeypatch, settings=example())
