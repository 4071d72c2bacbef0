"""Without PostgreSQL: a leased code is allocated and registered later; a snapshot answers, and is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.support import UNREACHABLE
from tests.editors.away import LEASED, leased_database, snapshot_instead
from tests.editors.emacs.conftest import Start
from tests.editors.emacs.test_commands import said
from tests.editors.emacs.test_language import TICKET, code_of
from tests.editors.emacs.test_registry import QUICK
from tests.support.postgres import PostgresServer


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as own:
        yield own


@pytest.mark.drives("leases")
def test_a_leased_code_is_allocated_and_registered_later(
    start: Start, server: PostgresServer, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    url = leased_database(server, workspace, state, monkeypatch)
    emacs = start(url=url, init=f'{QUICK}(setenv "XDG_STATE_HOME" "{state}")')
    emacs.visit(workspace / TICKET)
    emacs.until(lambda: "[PostgreSQL]" in emacs.mode_line(), "PostgreSQL")
    server.kill()
    emacs.until(lambda: "[YAML, read-only, 1 leased code]" in emacs.mode_line(), "YAML")
    emacs.command("specql-status")
    said(emacs, f"Until PostgreSQL is back, the leased code {LEASED} of this folder can be allocated.")
    emacs.command("specql-allocate-code", ("Domain (default 2 crm)", ""), ("Subdomain", "\t"))
    emacs.until(lambda: f"table_code: '{LEASED}'" in emacs.text(), "code")
    said(emacs, f"Ticket has the code {LEASED}.  It is a leased code, and is registered when PostgreSQL is back")
    emacs.until(lambda: "[YAML, read-only]" in emacs.mode_line(), "the lease's end")

    server.start()
    emacs.until(lambda: "[PostgreSQL" in emacs.mode_line(), "PostgreSQL again")
    said(emacs, f"Registered, with leased codes: Ticket ({LEASED}).")
    assert code_of(url, "Ticket") == LEASED


@pytest.mark.drives("snapshot")
def test_a_snapshot_answers_and_is_named(start: Start, workspace: Path, workspace_url: str) -> None:
    snapshot_instead(workspace, workspace_url)
    emacs = start(url=UNREACHABLE)
    emacs.visit(workspace / "entities/crm/contact.yaml")
    emacs.until(lambda: "[snapshot, read-only]" in emacs.mode_line(), "the snapshot")
    emacs.command("specql-status")
    said(emacs, "SpecQL registry: snapshot, read-only.", "The snapshot is registry.json of 20")
