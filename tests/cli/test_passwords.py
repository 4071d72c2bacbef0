"""A password in the wrong place (a path, an option, a setting) reaches neither stdout nor stderr nor a log file."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.cli.support import PASSWORD, all_of, run
from tests.e2e.failure_support import RawClient
from tests.support.patience import PATIENCE

AT = "127.0.0.1:1/registry"
URLS = {
    # A blank, what a path library takes away, and a keyword that only libpq recognises.
    "url": f"postgresql://someone:my {PASSWORD} a/../{PASSWORD}@{AT}?user=someone&pass%77ord={PASSWORD}",
    "dsn": f"host=127.0.0.1 port=1 dbname=registry user=someone password=my {PASSWORD}",
}


@pytest.mark.parametrize("kind", URLS)
def test_in_the_wrong_place(workspace: Path, kind: str) -> None:
    url = URLS[kind]
    calls: list[tuple[str, ...]] = [
        ("check", url),
        ("check", "--workspace", url),
        ("check", "--format", url),
        ("check", "--database-url", url, "--no-drift"),
        ("check", str(workspace / url)),
        ("serve", "--log-file", url),
        ("serve", "--log-file", f"{url}/x/y"),
        ("serve", "--log-level", url),
        ("serve", url),
        ("registry", "status", "--workspace", url),
        ("registry", "status", "--json", "--workspace", url),
        ("registry", "migrate", "--from", url, "--database-url", url),
        ("registry", "migrate", "--json", "--from", url, "--database-url", url),
        ("registry", "export", "--output", url, "--database-url", url),
        ("registry", "export", "--json", "--output", url, "--database-url", url),
        ("domain", "get", url),
        ("domain", "get", "--json", url),
        ("domain", "list", url),
        ("domain", "register", "--number", url, "--name", url),
        ("domain", "register-subdomain", url, "--number", url, "--name", url),
        ("domain", "allocate-code", url, url, url, "--layer", url),
        ("domain", "performance-report", "--samples", url),
        ("completion", url),
        (url,),
    ]
    for call, done in zip(calls, all_of(partial(run, workspace, *call) for call in calls), strict=True):
        assert PASSWORD not in done.stdout + done.stderr, call
        assert "Traceback" not in done.stderr, call
        if call != ("serve", "--log-file", url):
            assert done.returncode in {1, 2}, call
    made = {path.name for path in workspace.rglob("*")} - {path.name for path in Path(workspace).rglob("*.yaml")}
    assert not any("postgres" in name for name in made)


def test_a_path_that_is_a_url_is_refused_with_a_hint(workspace: Path) -> None:
    done = run(workspace, "check", URLS["url"])
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "Error: Invalid value for '[PATHS]...': This must be a path, and it is a URL or a connection string. "
        "The option --database-url takes one."
    )
    done = run(workspace, "serve", "--log-file", URLS["url"])
    assert done.stderr.splitlines()[-1].endswith("it is a URL or a connection string.")


@pytest.mark.parametrize("kind", URLS)
def test_in_settings(workspace: Path, kind: str) -> None:
    url = json.dumps(URLS[kind])
    lines = ["[registry]", f"yamlPath = {url}", f"backend = {url}", f"{url} = 1", f"listen = {url}"]
    (workspace / "specql-lsp.toml").write_text("\n".join(lines), encoding="utf-8")
    for arguments in (("check",), ("registry", "status"), ("registry", "status", "--json"), ("domain", "list")):
        done = run(workspace, *arguments)
        assert PASSWORD not in done.stdout + done.stderr
        assert "registry.yamlPath" in done.stderr
    (workspace / "specql-lsp.toml").write_text(f"[registry]\n{url} = 1\n[registry.{url}]\nx = 1\n{url}\n")
    done = run(workspace, "registry", "status")
    assert PASSWORD not in done.stdout + done.stderr
    assert "specql-lsp.toml is not valid TOML" in done.stderr


@pytest.mark.parametrize("kind", URLS)
def test_in_messages_of_a_client(workspace: Path, kind: str) -> None:
    url = URLS[kind]
    with RawClient(arguments=["serve", "--log-level", "info"]) as client:
        client.initialize(workspace, initializationOptions={"registry": {"yamlPath": url, url: 1}, url: {}})
        client.source("yaml")
        answers = [
            client.answer(url, {}),
            client.answer("workspace/executeCommand", {"command": url, "arguments": []}),
            client.answer("workspace/executeCommand", {"command": "specql.getDomain", "arguments": [{"name": url}]}),
            client.answer(
                "workspace/executeCommand", {"command": "specql.listDomains", "arguments": [{"folder": url}]}
            ),
            client.answer("specql/x", {"textDocument": {"uri": url}}),
        ]
        client.leave()
    assert all("error" in answer for answer in answers)
    assert PASSWORD not in json.dumps(client.messages)
    assert PASSWORD.encode() not in client.stderr


def test_in_an_exception_that_nothing_catches() -> None:
    """On the main thread, on another one, and while an object is deleted."""
    program = (
        "import sys, threading\n"
        "from specql_lsp.logs import configure_logging, log_uncaught_exceptions\n"
        "configure_logging('error', None); log_uncaught_exceptions()\n"
        "def fail(*_): raise ValueError(sys.argv[1])\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
        "class Thing: __del__ = fail\n"
        "Thing()\n"
        "fail()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, URLS["url"]], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("ValueError: postgresql://someone:***@") == 3
    assert PASSWORD not in done.stderr
