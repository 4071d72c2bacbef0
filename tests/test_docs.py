"""README and CONTRIBUTING say what is so: settings, codes, commands, options, paths and targets are the code's."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import click
import pytest

from specql_lsp.cli.check import check
from specql_lsp.cli.main import cli
from specql_lsp.config import BACKEND_VARIABLE, CONFIG_FILE, URL_VARIABLE, Layer, Settings, load_settings
from specql_lsp.features.diagnostics.rules import RULES
from specql_lsp.lsp.routes import COMMANDS, REQUESTS
from specql_lsp.registry.refusals import RefusalKind

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

METHODS = re.compile(r"(textDocument|workspace|completionItem|window|specql)/[a-zA-Z]+")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no {heading}"
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The rows of a text's tables, as cells, without their heads."""
    lines = [line for line in text.split("\n") if line.startswith("| ") and "---" not in line]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if row[0].startswith("`")]


def ticked(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


def camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def settings_in_code() -> dict[str, Any]:
    """Every key with its default; what does not count when settings are compared is none."""
    settings = Settings()
    found: dict[str, Any] = {}
    for part in fields(settings):
        table = getattr(settings, part.name)
        assert is_dataclass(table)
        for key in (each for each in fields(table) if each.compare):
            found[f"{camel(part.name)}.{camel(key.name)}"] = getattr(table, key.name)
    return found


def written(default: Any) -> str:
    """A default as the table has it."""
    if isinstance(default, Enum):
        return str(default.value)
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float | int):
        return f"{default:g}"
    if isinstance(default, Mapping):
        return "{}"
    return str(default) or '""'


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    table = {ticked(key)[0]: default for key, default, *_ in rows(section(README, "## Settings"))}
    code = settings_in_code()
    assert sorted(table) == sorted(code)
    for key, default in code.items():
        if not key.startswith("files."):
            assert table[key] == f"`{written(default)}`", key
    assert all(f'"{glob}"' in table["files.include"] for glob in code["files.include"])
    excluded = next(row[2] for row in rows(section(README, "## Settings")) if "files.exclude" in row[0])
    assert sorted(ticked(excluded)) == sorted(
        glob.removeprefix("**/").removesuffix("/**") for glob in code["files.exclude"]
    )


@pytest.mark.parametrize("name", [BACKEND_VARIABLE, URL_VARIABLE, CONFIG_FILE, "${env:NAME}"])
def test_every_other_place_of_settings_is_named(name: str) -> None:
    assert f"`{name}`" in section(README, "## Settings")


def test_the_example_of_a_settings_file_is_valid() -> None:
    example = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert example
    environment = {"REGISTRY_PASSWORD": "hidden"}
    settings, warnings = load_settings([Layer(CONFIG_FILE, tomllib.loads(example[1]))], environment)
    assert warnings == ()
    assert "specql:hidden@" in settings.registry.database_url
    assert set(settings.diagnostics.severity) <= set(RULES)


def test_every_command_is_in_the_readme() -> None:
    table = [ticked(row[0])[0] for row in rows(section(README, "## For authors of clients"))]
    assert sorted(table) == sorted(route.method for route in COMMANDS)


def test_every_request_is_in_the_readme() -> None:
    named = set(ticked(section(README, "## For authors of clients")))
    assert {route.method for route in REQUESTS} <= named


def test_every_kind_of_refusal_is_in_the_readme() -> None:
    assert {kind.value for kind in RefusalKind} <= set(ticked(section(README, "## For authors of clients")))


def test_every_option_of_check_is_in_the_readme() -> None:
    table = section(README, "## Check files in CI")
    named = {word for row in rows(table) for text in ticked(row[0]) for word in text.split() if word.startswith("--")}
    assert named == {option for parameter in check.params for option in parameter.opts if option.startswith("--")}


@pytest.mark.parametrize("group", ["domain", "registry"])
def test_every_command_of_the_registry_is_in_the_readme_with_its_options(group: str) -> None:
    commands = cli.commands[group]
    assert isinstance(commands, click.Group)
    section_text = section(README, "## Run the registry from the command line")
    named = {command: text for row in rows(section_text) for text in ticked(row[0]) for command in [_command_of(text)]}
    assert {name for name in named if name.startswith(group)} == {f"{group} {name}" for name in commands.commands}
    for name, command in commands.commands.items():
        own = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
        shared = {"--json", "--workspace", "--database-url", "--backend"}
        reads = ("list", "get", "check", "performance", "history")
        writes = not name.startswith(reads) if group == "domain" else name == "renumber"
        assert ("--update-yaml" in own) is writes, name
        named_here = set(re.findall(r"--[a-z-]+", named[f"{group} {name}"]))
        assert named_here == own - shared - {"--update-yaml"}, name
        assert shared <= own
        assert {*shared, "--update-yaml"} <= set(re.findall(r"--[a-z-]+", section_text))


def _command_of(text: str) -> str:
    return " ".join(text.split()[:2])


def test_every_option_of_serve_is_in_the_readme() -> None:
    options = {o for p in cli.commands["serve"].params for o in p.opts if o.startswith("--")} - {"--stdio"}
    assert options <= set(re.findall(r"--[a-z-]+", section(README, "## Messages and log")))


def test_what_is_not_there_yet_is_not_there() -> None:
    coming = section(README, "## Not yet")
    assert not [route.method for route in COMMANDS if f"`{route.method}`" in coming]


def test_every_editor_s_files_are_in_the_readme_with_three_steps_at_most() -> None:
    table = section(README, "## Install it in your editor").split("### ")[0]
    steps = {line for line in table.split("\n") if line.startswith("| **")}
    named = {name for line in steps for name in re.findall(r"editors/([a-z]+)", line)}
    assert named == {path.name for path in (ROOT / "editors").iterdir() if path.is_dir()}
    for line in steps:
        assert re.findall(r"(\d)\. ", line) == ["1", "2", "3"], line
    assert 'specql-lsp = "specql_lsp.__main__:main"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_named_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:^    |`)make ([a-z0-9-]+)", text, re.MULTILINE))
    assert {"demo", "test"} <= targets
    assert targets <= set(re.findall(r"^([a-z0-9-]+):", MAKEFILE, re.MULTILINE))


def test_every_path_in_contributing_exists() -> None:
    prose = re.sub(r"```.*?```", "", CONTRIBUTING, flags=re.DOTALL)
    words = {word for text in ticked(prose) for word in text.split()}
    words |= set(re.findall(r"^    .*?(?<=\s)(\.?[\w.]+/[\w./-]+)", prose, re.MULTILINE))
    paths = {word for word in words if re.fullmatch(r"[\w./*-]+", word) and not METHODS.fullmatch(word)}
    paths = {path for path in paths if "/" in path or path.endswith((".py", ".md", ".toml"))}
    assert len(paths) > 30
    made = (".venv/", "dist/", "editors/vscode/.test/")  # by running what the document says
    missing = [path for path in sorted(paths) if not path.startswith(made) and not _exists(path)]
    assert missing == []


def _exists(path: str) -> bool:
    # Short names are those of a folder named before; specql-lsp.toml is the user's.
    candidates = (ROOT, ROOT / "specql_lsp" / "lsp")
    return path == CONFIG_FILE or any(any(folder.glob(path)) for folder in candidates)


def test_every_name_in_the_picture_of_the_layers_exists() -> None:
    picture = re.search(r"```text\n(.*?)```", CONTRIBUTING, re.DOTALL)
    assert picture
    names = set(re.findall(r"\b[a-z_]+(?:\.py|/)", picture[1]))
    layers = {path.name for path in (ROOT / "specql_lsp").iterdir() if path.is_dir()} - {"__pycache__"}
    assert layers == {name.rstrip("/") for name in names if name.endswith("/")} & layers
    for name in names:
        assert any((ROOT / "specql_lsp").rglob(name.rstrip("/"))), name


def test_linked_files_exist_and_the_picture_refers_to_nothing_outside() -> None:
    for text in (README, CONTRIBUTING, CHANGELOG):
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert target.startswith("https://") or (ROOT / target).is_file(), target
    picture = (ROOT / "docs" / "images" / "demo.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"[a-z]+://[^\"'\s<)]+", picture)) == {"http://www.w3.org/2000/svg"}


def test_files_that_the_list_of_documents_links_exist() -> None:
    listed = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)]+)\)", listed)
    assert targets and all((ROOT / "docs" / target).is_file() for target in targets)
    editors = {path.parent.name for path in (ROOT / "editors").glob("*/README.md")}
    assert {path.split("/")[2] for path in targets if path.startswith("../editors/")} == editors


def test_links_within_the_readme_lead_somewhere() -> None:
    anchors = {
        re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-")
        for line in README.split("\n")
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= anchors


def test_the_changelog_has_this_version() -> None:
    from specql_lsp import __version__

    assert "## [Unreleased]" in CHANGELOG
    assert f"## {__version__}" in CHANGELOG
