"""``specql-lsp completion``: the scripts, and what a shell gets for the word that is being typed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.support import COMMAND, UNREACHABLE, environment, run
from tests.support.workspaces import REGISTRY


def completed(folder: Path, *words: str, **more: str) -> list[str]:
    """What bash's script is given for the last of the words."""
    done = run(
        folder,
        _SPECQL_LSP_COMPLETE="bash_complete",
        COMP_WORDS=" ".join(["specql-lsp", *words]),
        COMP_CWORD=str(len(words)),
        **more,
    )
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.split()]


def test_commands_and_options(tmp_path: Path) -> None:
    groups = ["check", "completion", "domain", "format", "patterns", "registry", "rule", "serve", "services"]
    assert completed(tmp_path, "") == groups
    assert completed(tmp_path, "domain", "re") == ["register", "register-subdomain", "release-code", "rename-entity"]
    assert completed(tmp_path, "registry", "migrate", "--d") == ["--dry-run", "--database-url"]
    assert completed(tmp_path, "domain", "list", "--backend", "") == ["auto", "postgresql", "yaml", "in_memory"]
    assert completed(tmp_path, "patterns", "show", "crud/") == ["crud/create", "crud/delete", "crud/update"]
    assert completed(tmp_path, "completion", "") == ["bash", "zsh", "fish"]


def test_domains_and_subdomains_of_the_yaml(workspace: Path) -> None:
    numbers_and_names = ["1", "core", "2", "crm", "management", "sales", "3", "catalog", "4", "projects", "tenant"]
    assert completed(workspace, "domain", "get", "") == numbers_and_names
    assert completed(workspace, "domain", "get", "C") == ["core", "crm", "catalog"]
    assert completed(workspace, "domain", "register-subdomain", "2") == ["2"]
    subdomains = ["01", "core", "03", "customer", "04", "support"]
    assert completed(workspace, "domain", "allocate-code", "sales", "") == subdomains
    assert completed(workspace, "domain", "allocate-code", "2", "cu") == ["customer"]
    assert completed(workspace, "domain", "allocate-code", "nowhere", "") == []
    assert completed(workspace, "domain", "allocate-code", "crm", "customer", "") == []


def test_the_workspace_of_the_command_line_and_its_settings(workspace: Path, tmp_path: Path) -> None:
    (workspace / "registry").rename(workspace / "numbers")
    assert completed(workspace, "domain", "get", "cr") == []
    (workspace / "specql-lsp.toml").write_text('[registry]\nyamlPath = "numbers/domain_registry.yaml"\n')
    assert completed(workspace, "domain", "get", "cr") == ["crm"]
    assert completed(tmp_path, "domain", "get", "--workspace", str(workspace), "cr") == ["crm"]


def test_it_asks_no_database_and_never_fails(workspace: Path, tmp_path: Path) -> None:
    assert completed(workspace, "domain", "get", "cr", SPECQL_DB_URL=UNREACHABLE) == ["crm"]
    assert completed(tmp_path, "domain", "get", "") == []
    (workspace / REGISTRY).write_bytes(b"domains: [\xff")
    assert completed(workspace, "domain", "get", "") == []
    (workspace / "specql-lsp.toml").write_bytes(b"\xff[")
    assert completed(workspace, "domain", "get", "") == []
    # Without the shell's part of the bargain, too.
    done = run(tmp_path, _SPECQL_LSP_COMPLETE="bash_complete")
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_descriptions_for_the_shells_that_show_them(workspace: Path) -> None:
    path = workspace / REGISTRY
    path.write_text(path.read_text(encoding="utf-8").replace("What we sell", '"What\\nwe: sell"'), encoding="utf-8")
    words = {"COMP_WORDS": "specql-lsp domain get ca", "COMP_CWORD": "3"}
    zsh = run(workspace, _SPECQL_LSP_COMPLETE="zsh_complete", **words)
    assert zsh.stdout == "plain\ncatalog\n3: What we: sell\n"
    fish = run(workspace, _SPECQL_LSP_COMPLETE="fish_complete", **{**words, "COMP_CWORD": "ca"})
    assert fish.stdout == "plain,catalog\t3: What we: sell\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts(tmp_path: Path, shell: str) -> None:
    done = run(tmp_path, "completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_SPECQL_LSP_COMPLETE={shell}_complete" in done.stdout
    assert run(tmp_path, _SPECQL_LSP_COMPLETE=f"{shell}_source").stdout == done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_itself(workspace: Path, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "specql-lsp"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(specql-lsp completion bash)"\n'
        'COMP_WORDS=(specql-lsp domain allocate-code crm ""); COMP_CWORD=4\n'
        "$(complete -p specql-lsp | sed 's/.*-F //; s/ .*//') specql-lsp\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=workspace,
        env={**environment(), "PATH": f"{program.parent}:{environment()['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("01 core 03 customer 04 support\n", "")
