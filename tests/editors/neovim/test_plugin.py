"""The plugin itself: health, help, README, start, and the Lua it is made of."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from specql_lsp.config import Settings
from tests.editors.neovim.conftest import Start
from tests.editors.neovim.neovim import PLUGIN, Neovim, program
from tests.support.completeness import missing
from tests.support.patience import PATIENCE
from tests.test_docs import camel, settings_in_code

TICKET = "entities/crm/ticket.yaml"
HELP = (PLUGIN / "doc" / "specql.txt").read_text(encoding="utf-8")
README = (PLUGIN / "README.md").read_text(encoding="utf-8")


def health(neovim: Neovim) -> str:
    """What ``:checkhealth specql`` says."""
    neovim.type(":checkhealth specql<CR>")
    neovim.until(lambda: neovim.lua("return vim.bo.filetype") == "checkhealth", "the report")
    neovim.until(lambda: any("Registries" in line for line in neovim.lines()), "all of the report")
    return "\n".join(neovim.lines())


def test_health_where_all_is_well(start: Start, workspace: Path, workspace_url: str) -> None:
    neovim = start(url=workspace_url)
    neovim.open(TICKET)
    neovim.source("postgresql")
    report = health(neovim)
    assert "OK Neovim 0.11" in report
    assert "OK Version: specql-lsp, version" in report
    assert "OK The settings of vim.lsp.config" in report
    assert re.search(rf"OK .*{workspace.name}: PostgreSQL", report)
    assert "ERROR" not in report
    assert "WARNING" not in report


def test_health_says_what_is_wrong(start: Start) -> None:
    neovim = start(
        environment={"PATH": "/usr/bin:/bin"},
        init="vim.lsp.config('specql', { settings = { specql = {"
        " registry = { refreshSecs = 3, listen = 'yes', databaseUrl = 'postgresql://me:secret@db/x' },"
        " nothing = 1 } } })",
    )
    neovim.edit(TICKET)
    report = health(neovim)
    assert "ERROR There is no program specql-lsp." in report
    assert "WARNING There is no setting specql.registry.refreshSecs." in report
    assert "WARNING There is no setting specql.nothing." in report
    assert "WARNING specql.registry.listen must be a boolean; it is a string." in report
    assert "WARNING specql.registry.databaseUrl holds a password." in report
    assert "secret" not in report


def test_an_answer_that_arrives_during_the_check_does_not_take_its_window(start: Start, workspace_url: str) -> None:
    """The server answers in order, so the report's window opens while the check waits for the registry's status."""
    neovim = start(url=workspace_url)
    neovim.open(TICKET)
    neovim.source("postgresql")
    neovim.lua("vim.cmd('Specql report') vim.cmd('checkhealth specql')")
    neovim.until(lambda: neovim.lua("return vim.bo.filetype") == "checkhealth", "the report on health")
    assert any("Registries" in line for line in neovim.lines())
    performance = int(neovim.lua("return vim.fn.bufnr('specql://performance')"))
    assert neovim.lines(performance)[0].startswith("Performance of the SpecQL registry since")


def test_health_knows_every_setting(neovim: Neovim) -> None:
    known = neovim.lua("return require('specql.health').settings")
    names = {f"{table}.{key}" for table, keys in known.items() for key in keys}
    assert names == set(settings_in_code())
    assert set(known) == {camel(section) for section in Settings.__dataclass_fields__}


def test_every_command_setting_and_function_has_its_help(neovim: Neovim) -> None:
    tags = set(re.findall(r"(?<!\S)\*(\S+)\*(?!\S)", HELP))
    commands = neovim.lua("return require('specql.commands').names()")
    assert {f":Specql-{name}" for name in commands} == {tag for tag in tags if tag.startswith(":Specql-")}
    functions = neovim.lua("return vim.tbl_keys(require('specql'))")
    assert {f"specql.{name}()" for name in functions} == {tag for tag in tags if tag.endswith("()")}
    section = HELP[HELP.index("*specql-settings*") : HELP.index("*specql-database*")]
    assert set(settings_in_code()) <= set(section.split())
    lua = "".join(path.read_text(encoding="utf-8") for path in PLUGIN.rglob("*.lua"))
    variables = set(re.findall(r"vim\.g\.(specql_\w+)", lua)) - {"specql_missing"}
    assert {f"g:{name}" for name in variables} == {tag for tag in tags if tag.startswith("g:")}


def test_the_tags_of_the_help_are_current(neovim: Neovim, tmp_path: Path) -> None:
    """``:help specql`` needs them, and who puts the folder onto the 'runtimepath' makes none."""
    copy = shutil.copytree(PLUGIN / "doc", tmp_path / "doc", ignore=shutil.ignore_patterns("tags"))
    neovim.command(f"helptags {copy}")
    assert (PLUGIN / "doc" / "tags").read_text() == (copy / "tags").read_text(), "run :helptags editors/neovim/doc"


def test_help_is_found_where_the_folder_is_on_the_runtimepath(start: Start) -> None:
    neovim = start(plugin="vim.opt.runtimepath:append(PLUGIN)")
    neovim.command("help specql")
    assert neovim.ask("nvim_buf_get_name", 0) == str(PLUGIN / "doc" / "specql.txt")
    assert "OK The help of specql is found." in health(neovim)


def test_health_misses_the_tags_of_the_help(start: Start, tmp_path: Path) -> None:
    shutil.copytree(PLUGIN, tmp_path / "specql", ignore=shutil.ignore_patterns("tags"))
    neovim = start(plugin=f"vim.opt.runtimepath:append([[{tmp_path / 'specql'}]])")
    assert "WARNING The help of specql is not found" in health(neovim)


def test_help_is_found_and_its_and_its_links_lead_somewhere(start: Start, tmp_path: Path) -> None:
    copy = shutil.copytree(PLUGIN, tmp_path / "pack" / "all" / "start" / "specql")
    neovim = start(plugin=f"vim.opt.packpath:prepend([[{tmp_path}]])")
    for topic in ("specql", ":Specql-allocate", "specql.status()"):
        neovim.command(f"help {topic}")
        assert neovim.ask("nvim_buf_get_name", 0) == str(copy / "doc" / "specql.txt")
    prose = re.sub(r">lua\n.*?\n<", "", HELP, flags=re.DOTALL)
    links = set(re.findall(r"(?<![\w\[])\|([^|\s]+)\|", prose))
    missing = neovim.lua(
        "return vim.tbl_filter(function(tag) return #vim.fn.getcompletion(tag, 'help') == 0 end, ...)", sorted(links)
    )
    assert (missing, len(links) > 20) == ([], True)
    assert [line for line in HELP.split("\n") if len(line) > 100] == []
    # A package under pack/*/start is all that is needed.
    neovim.command("only")
    neovim.open(TICKET)


def test_the_start_reads_nothing_that_is_not_used(start: Start, workspace: Path) -> None:
    neovim = start()
    other = workspace / "notes.txt"
    loaded = "return vim.tbl_filter(function(n) return n:find('^specql') ~= nil end, vim.tbl_keys(package.loaded))"
    assert neovim.lua(loaded) == []
    neovim.edit(other)
    assert neovim.lua(loaded) == []


def test_the_start_reads_one_file(tmp_path: Path) -> None:
    log = tmp_path / "start.log"
    command = [program(), "--headless", "--clean", "--startuptime", log, "--cmd", f"set rtp+={PLUGIN}", "+qall!"]
    subprocess.run(command, check=True, timeout=PATIENCE, stdin=subprocess.DEVNULL, capture_output=True)
    assert len([line for line in log.read_text().split("\n") if "neovim/plugin/specql.lua" in line]) == 1
    assert "neovim/lua/" not in log.read_text()


def snippet(after: str) -> str:
    """The first Lua code of the README after a text."""
    found = re.search(r"```lua\n(.*?)```", README[README.index(after) :], re.DOTALL)
    assert found
    return found[1]


def test_the_configuration_for_older_ones_works_without_the_plugin(start: Start) -> None:
    neovim = start(plugin="", init=snippet("With Neovim 0.8 to 0.10 alone"))
    neovim.edit(".github/workflows/build.yaml")
    assert neovim.attached() == []
    neovim.edit("entities/crm/company.yaml")
    neovim.until(lambda: neovim.attached() == ["specql"], "attaching")
    neovim.until(lambda: ("unquoted-table-code", 5) in neovim.findings(), "the diagnostic")


def test_the_settings_of_the_readme_work(start: Start) -> None:
    neovim = start(init=snippet("## Settings"))
    neovim.open(TICKET)
    severity = "return vim.tbl_map(function(d) return d.severity end, vim.diagnostic.get(0))"
    neovim.until(lambda: neovim.lua(severity) == [2], "the warning instead of a hint")


@pytest.mark.parametrize("path", sorted(PLUGIN.rglob("*.lua")), ids=lambda path: str(path.relative_to(PLUGIN)))
def test_lua_is_well_formed(neovim: Neovim, path: Path) -> None:
    problem = neovim.lua("local _, problem = loadfile(...) return problem", str(path))
    assert problem is None
    assert all(len(line) <= 120 for line in path.read_text(encoding="utf-8").split("\n"))


def test_luacheck_finds_nothing() -> None:
    luacheck = shutil.which("luacheck")
    if luacheck is None:
        missing("luacheck")
    done = subprocess.run([luacheck, "--no-color", "."], cwd=PLUGIN, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
