"""What a command imports: never the protocol, and of the rest only what it needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.support import environment

FIXTURE = Path(__file__).parents[2] / "fixtures" / "workspace"
PROTOCOL = {"pygls", "lsprotocol", "cattrs", "attrs", "attr"}
SCRIPT = """
import json, sys
from specql_lsp.__main__ import main
sys.argv = ["specql-lsp", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
sys.stdout.flush()
print("\\n" + json.dumps(sorted(sys.modules)))
"""


def imported(*arguments: str) -> set[str]:
    """The modules that a command had imported when it ended."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=FIXTURE,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "command",
    [
        "--help",
        "check --format sarif",
        "check --backend postgresql",
        "completion bash",
        "domain list --json",
        "domain check-consistency",
        "registry status",
        "registry install --print",
        "rule unknown-domain --json",
    ],
)
def test_no_command_imports_the_protocol(command: str) -> None:
    assert not imported(*command.split()) & PROTOCOL


@pytest.mark.parametrize("command", ["check", "domain get crm", "completion zsh", "format --diff", "rule"])
def test_what_needs_no_database_imports_no_driver(command: str) -> None:
    assert not imported(*command.split()) & {*PROTOCOL, "psycopg", "ruamel", "specql_lsp.lsp"}


def test_a_command_imports_no_other_command() -> None:
    modules = imported("check")
    assert "specql_lsp.cli.check" in modules
    assert not modules & {"specql_lsp.cli.domain", "specql_lsp.cli.registry", "specql_lsp.cli.completion"}
    assert not imported("--version") & {"specql_lsp.config", "specql_lsp.check_workspace", "specql_lsp.cli.check"}
