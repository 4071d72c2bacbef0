"""What is true of every command: its streams, its exit status, its progress, and that no password is ever shown."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest

from specql_lsp.cli import progress
from tests.cli.support import COMMAND, PASSWORD, UNREACHABLE, all_of, answer, environment, on_terminal, refusal, run
from tests.support.patience import FOREVER, PATIENCE
from tests.support.patient import PROGRESS_VARIABLE
from tests.support.ports import silent_server

SECRET_URL = f"postgresql://someone:{PASSWORD}@127.0.0.1:{{port}}/registry"


# Wrong calls


def test_wrong_calls_read_as_sentences(tmp_path: Path) -> None:
    for message, *arguments in (
        ("Missing argument 'NUMBER'.", "domain", "get"),
        ("Missing option '--number'.", "domain", "register", "--name", "crm"),
        ("No such option", "domain", "list", "--jsn"),
        ("The workspace nowhere is not a folder.", "registry", "status", "--workspace", "nowhere"),
        ("No such command 'lst'.", "domain", "lst"),
    ):
        done = run(tmp_path, *arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert done.stderr.startswith("Usage: specql-lsp "), arguments
        assert f"\nError: {message}" in done.stderr, (arguments, done.stderr)


def test_wrong_calls_are_json_where_that_was_asked_for(tmp_path: Path) -> None:
    for arguments in (("domain", "get"), ("domain", "lst"), ("registry", "migrate", "--form")):
        refused = answer(tmp_path, *arguments, status=2)
        assert refused["error"]["kind"] == "invalid-argument", arguments
    # After -- it is a word like any other.
    done = run(tmp_path, "domain", "get", "--", "crm", "--json")
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: ")


@pytest.mark.parametrize("group", ["domain", "registry"])
def test_a_group_without_a_command_shows_its_help(tmp_path: Path, group: str) -> None:
    done = run(tmp_path, group)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Usage: specql-lsp {group} " in done.stderr
    assert done.stderr.rstrip("\n") == run(tmp_path, group, "--help").stdout.rstrip("\n")


def test_a_url_of_the_command_line_that_cannot_be_used_is_not_replaced_by_another(
    workspace: Path, workspace_url: str
) -> None:
    given = ("domain", "list", "--database-url", "postgresql://${env:NOT_SET}@127.0.0.1/registry")
    kind, message = refusal(workspace, *given, url=workspace_url, status=2)
    assert kind == "invalid-argument"
    assert "names the environment variable NOT_SET, which is not set" in message


def test_wrong_settings_are_warnings(workspace: Path, workspace_url: str) -> None:
    (workspace / "specql-lsp.toml").write_text('[registry]\nrefreshSeconds = "soon"\n')
    done = run(workspace, "registry", "status", "--json", url=workspace_url)
    assert done.returncode == 0
    assert done.stderr.startswith("specql-lsp: specql.registry.refreshSeconds in specql-lsp.toml must be a number")


# Secrets


def test_no_password_is_ever_shown(workspace: Path) -> None:
    url = UNREACHABLE
    dsn = f"host=127.0.0.1 port=1 dbname=registry user=someone password={PASSWORD}"
    calls: list[tuple[str, ...]] = [
        ("registry", "status", "--database-url", url),
        ("registry", "status", "--json", "--database-url", dsn),
        ("registry", "verify", "--database-url", f"postgresql://someone:{PASSWORD}@[broken/registry"),
        ("registry", "install", "--database-url", url),
        ("registry", "migrate", "--json", "--database-url", dsn),
        ("domain", "allocate-code", "crm", "customer", "Partner", "--database-url", url),
        ("domain", "performance-report", "--json", "--samples", "1", "--database-url", url),
        # In the wrong place:
        ("domain", "get", url),
        ("domain", "get", "--json", url),
        ("domain", "list", url),
        ("domain", "list", "--json", url),
        ("domain", "list", "--backend", url),
        ("domain", "list", f"--{url}"),
        ("domain", "register", "--number", "9", "--name", url, "--database-url", url),
        ("registry", "status", "--workspace", url),
        ("registry", "migrate", "--from", url, "--database-url", url),
        (url,),
    ]
    for call, done in zip(calls, all_of(partial(run, workspace, *call) for call in calls), strict=True):
        assert PASSWORD not in done.stdout + done.stderr, call
        assert "Traceback" not in done.stderr, call
        assert done.stdout + done.stderr, call


def test_settings_keep_their_password_too(workspace: Path) -> None:
    (workspace / "specql-lsp.toml").write_text(f'[registry]\ndatabaseUrl = "{UNREACHABLE}"\nbackend = "oracle"\n')
    for arguments in (("domain", "list"), ("registry", "status"), ("registry", "verify")):
        done = run(workspace, *arguments)
        assert PASSWORD not in done.stdout + done.stderr
        assert "registry.backend" in done.stderr


# Progress

SOON = {PROGRESS_VARIABLE: "0.1"}


@pytest.fixture
def impatient(workspace: Path) -> Path:
    """A workspace whose settings wait for PostgreSQL much longer than it takes until progress is shown."""
    (workspace / "specql-lsp.toml").write_text("[registry]\nconnectTimeoutSeconds = 3\n")
    return workspace


def test_progress_is_a_line_that_goes_away(impatient: Path) -> None:
    with silent_server() as port:
        shown = on_terminal(impatient, "registry", "verify", url=SECRET_URL.format(port=port), variables=SOON)
    assert (shown.stdout, shown.status) == ("", 2)
    erase = "\r\x1b[2K"
    *lines, last = shown.stderr.removesuffix("\n").split(erase)[1:]
    seconds = [int(line.removeprefix("Reading the registry … ").removesuffix(" s")) for line in lines]
    assert len(seconds) > 1 and seconds == sorted(seconds)
    assert last.startswith("specql-lsp: PostgreSQL and the registry YAML cannot be compared. ")
    assert PASSWORD not in shown.stderr


def test_progress_is_cut_to_a_narrow_terminal(impatient: Path) -> None:
    with silent_server() as port:
        url = SECRET_URL.format(port=port)
        shown = on_terminal(impatient, "registry", "verify", url=url, variables=SOON, columns=12)
    assert shown.stderr.split("\r\x1b[2K")[1] == "Reading th…"


def test_progress_is_one_line_where_no_terminal_is(impatient: Path) -> None:
    with silent_server() as port:
        done = run(impatient, "registry", "status", url=SECRET_URL.format(port=port), **SOON)
    assert done.stderr == "specql-lsp: Reading the registry …\n"
    assert done.stdout.startswith("Source ")


@pytest.mark.parametrize(("terminals", "is_shown"), [((), False), (("stderr",), True), (("stdout", "stderr"), False)])
def test_progress_never_gets_between_json(impatient: Path, terminals: tuple[str, ...], is_shown: bool) -> None:
    with silent_server() as port:
        url = SECRET_URL.format(port=port)
        shown = on_terminal(impatient, "registry", "status", "--json", terminals=terminals, url=url, variables=SOON)
    assert ("Reading the registry" in shown.stderr) is is_shown
    assert shown.stdout.startswith("{")
    assert "Reading" not in shown.stdout.replace("has not been read", "")


def test_what_takes_less_time_than_that_says_nothing(workspace: Path) -> None:
    assert on_terminal(workspace, "registry", "status").stderr == ""


def test_a_step_that_ends_in_an_error_takes_its_line_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "DELAY_SECONDS", 0.0)
    told: list[str] = []
    teller = progress.Progress(lambda doing, _seconds: told.append(doing), lambda: told.append("gone"), 10.0)
    with pytest.raises(ValueError, match="broken"), teller.step("Working"):
        while not told:
            time.sleep(0.001)
        raise ValueError("broken")
    assert told == ["Working", "gone"]


# How it ends


def test_interrupted(workspace: Path) -> None:
    (workspace / "specql-lsp.toml").write_text(f"[registry]\nconnectTimeoutSeconds = {FOREVER}\n")
    with silent_server() as port:
        process = subprocess.Popen(
            [*COMMAND, "registry", "verify"],
            cwd=workspace,
            env=environment(SECRET_URL.format(port=port), **SOON),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell starts what runs in the background with SIGINT ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        assert process.stderr is not None
        assert process.stderr.readline() == "specql-lsp: Reading the registry …\n"
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=PATIENCE)
    # Neither 1, which says "not consistent", nor 2.
    assert (process.returncode, stdout, stderr.strip()) == (130, "", "")


def test_a_reader_that_wants_no_more(workspace: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*COMMAND, "domain", "list"],
            cwd=workspace,
            env=environment(),
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_full_disk(workspace: Path, more: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "domain", "list", *more],
            cwd=workspace,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "specql-lsp: The answer could not be written to stdout (No space left on device).\n"


def test_closed_streams(workspace: Path) -> None:
    script = '"$@" >&- 2>&-'
    command = ["sh", "-c", script, "sh", *COMMAND, "domain", "list"]
    assert subprocess.run(command, cwd=workspace, env=environment(), check=False).returncode == 0


def test_an_encoding_that_lacks_letters(workspace: Path) -> None:
    path = workspace / "registry" / "domain_registry.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("What we sell", "Wērt"), encoding="utf-8")
    western = {"PYTHONIOENCODING": "latin-1"}
    done = run(workspace, "domain", "list", **western)
    assert (done.returncode, done.stderr) == (0, "")
    assert "  W?rt\n" in done.stdout
    # JSON is UTF-8 whatever the terminal's encoding is.
    assert answer(workspace, "domain", "get", "3", **western)["description"] == "Wērt"
