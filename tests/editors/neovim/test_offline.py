"""Without PostgreSQL: a leased code is allocated and registered later; a snapshot answers, and is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.support import UNREACHABLE
from tests.editors.away import LEASED, leased_database, snapshot_instead
from tests.editors.neovim.conftest import QUICK, Start
from tests.editors.neovim.test_commands import TICKET, code_of
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
    neovim = start(url=url, init=QUICK, environment={"XDG_STATE_HOME": str(state)})
    neovim.open(TICKET)
    neovim.source("postgresql", writable=True, leased=0)
    server.kill()
    neovim.source("yaml", writable=False, leased=1)
    neovim.type(":Specql status<CR>")
    neovim.says(f"Until PostgreSQL is back, the leased code {LEASED} of this folder can be allocated.")
    neovim.type(":Specql register-domain<CR>")
    neovim.says("No domain can be registered: the registry is read-only.")
    neovim.type(":Specql allocate<CR>")
    assert "catalog (3)" not in neovim.sees("crm (2), 1 code leased", "Type number")
    neovim.choose("crm (2)")
    assert "customer (03)" not in neovim.sees(f"support (04), 1 leased, next {LEASED}", "Type number")
    neovim.choose("support (04)")
    neovim.says(f"Allocated {LEASED} to Ticket (crm, support). It is a leased code, and is registered when")
    neovim.until(lambda: any(f"'{LEASED}'" in line for line in neovim.lines()), "the code in the file")
    neovim.source("yaml", leased=0)

    server.start()
    neovim.source("postgresql", writable=True)
    neovim.says(f"Registered, with leased codes: Ticket ({LEASED}).")
    assert code_of(url, "Ticket") == LEASED
    neovim.not_stuck()


@pytest.mark.drives("snapshot")
def test_a_snapshot_answers_and_is_named(start: Start, workspace: Path, workspace_url: str) -> None:
    snapshot_instead(workspace, workspace_url)
    neovim = start(url=UNREACHABLE)
    neovim.open("entities/crm/contact.yaml")
    neovim.source("snapshot", writable=False)
    neovim.type(":Specql status<CR>")
    neovim.says("The snapshot is registry.json of 20")
    neovim.type("/012031<CR>K")
    neovim.sees("Contact", "Snapshot registry.json of 20")
