"""PostgreSQL lost and back: what is told of it, and that whoever types is not asked anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.failure_support import filled_database
from tests.editors.emacs.conftest import Start
from tests.editors.emacs.test_language import TICKET
from tests.support.postgres import PASSWORD, PASSWORD_USER, PostgresServer

QUICK = "(setq specql-initialization-options '(:registry (:refreshSeconds 1)))"


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as own:
        yield own


@pytest.mark.drives("lost", "status")
def test_postgresql_lost_and_back(start: Start, server: PostgresServer, workspace: Path) -> None:
    emacs = start(url=filled_database(server), init=QUICK)
    emacs.visit(workspace / TICKET)
    emacs.until(lambda: "[PostgreSQL]" in emacs.mode_line(), "PostgreSQL")
    server.kill()
    emacs.until(lambda: "[YAML, read-only" in emacs.mode_line(), "YAML")
    emacs.until(lambda: "is answered from YAML, read-only, until PostgreSQL is back" in emacs.messages(), "sentence")
    assert emacs.lisp("(minibuffer-depth)") == 0
    emacs.type("# typing goes on\r")
    emacs.until(lambda: emacs.text().startswith("# typing goes on"), "typing")
    emacs.command("specql-allocate-code")  # refused before anything is asked for
    emacs.until(
        lambda: (
            "No code can be allocated: the registry is read-only." in emacs.messages().split("PostgreSQL is back")[-1]
        ),
        "refusal",
    )
    assert "table_code" not in emacs.text()

    server.start()
    emacs.until(lambda: "[PostgreSQL]" in emacs.mode_line(), "PostgreSQL again")
    emacs.command("specql-allocate-code", ("Domain", "2\t"), ("Subdomain", "04\t"))
    emacs.until(lambda: "table_code: '012042'" in emacs.text(), "code")


def test_no_password_is_shown(start: Start, server: PostgresServer, workspace: Path) -> None:
    server.create_password_user()
    emacs = start(url=server.url("nowhere", PASSWORD_USER, PASSWORD))
    emacs.visit(workspace / TICKET)
    emacs.until(lambda: "[YAML, read-only" in emacs.mode_line(), "YAML")
    emacs.command("specql-status")
    emacs.until(lambda: "SpecQL registry: YAML" in emacs.messages(), "status")
    everything = '(mapconcat (lambda (b) (with-current-buffer b (buffer-string))) (buffer-list) "\\n")'
    text = emacs.lisp(everything)
    assert "specql/registryStatus" in text  # eglot's own log of the traffic is among the buffers
    assert PASSWORD not in text
