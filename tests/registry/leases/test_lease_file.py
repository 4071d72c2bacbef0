"""The file of leases: of one folder, one database, one machine."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from specql_lsp.registry.leases.store import LeaseStore
from specql_lsp.registry.service.lease_keeper import LeaseKeeper
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.registry.leases.support import Clocks, keeper, lease, refusal, request
from tests.support.sources import postgresql_source


def test_the_file_is_no_other_machines(source: PostgresqlSource, tmp_path: Path) -> None:
    anna = keeper(tmp_path)
    lease(anna, source)
    (path,) = (tmp_path / "state" / "leases").glob("*.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    for wrong in (
        {**document, "machine": "another"},
        {**document, "folder": "/another"},
        {**document, "version": 2},
        {**document, "leases": [{}]},
        {**document, "seen": None},
        [],
        "",
    ):
        path.write_text(json.dumps(wrong), encoding="utf-8")
        assert (anna.held, anna.usable(), anna.has_waiting()) == ((), (), False)
        assert anna.take(source.load(), request("Partner")) is None
        refused = refusal(lambda: lease(anna, source))
        assert refused.message.startswith(f"The file of leases {path} ") and "Delete the file" in refused.message


def test_they_are_found_whichever_server_answered(leasing_url: str) -> None:
    """A URL with several servers names the same database before one of them has answered."""
    several = leasing_url.replace("@", "@127.0.0.1:1,")
    with closing(postgresql_source(several)) as source:
        source.load()
        assert source.address != source.location
        address = source.address
    with closing(postgresql_source(several.replace("postgres@", "nobody@"))) as away:
        with pytest.raises(SourceUnavailableError):
            away.load()
        assert away.address == address


def test_a_copied_folder_has_no_leases(source: PostgresqlSource, tmp_path: Path) -> None:
    anna = keeper(tmp_path)
    lease(anna, source)
    copied = LeaseKeeper(tmp_path / "copy", lambda: "host:5432/db", state=tmp_path / "state")
    elsewhere = LeaseKeeper(tmp_path / "team", lambda: "other:5432/db", state=tmp_path / "state")
    assert copied.held == elsewhere.held == ()


def test_another_process_waits_for_the_file(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    store = LeaseStore(tmp_path / "team", "host:5432/db", tmp_path / "state")
    with store.changing() as changing:
        changing.write(changing.holdings, Clocks().now())
        token = changing.holdings.token
    assert store.read().token == token and store.exists
