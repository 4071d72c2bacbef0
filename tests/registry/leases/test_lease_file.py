"""The file of leases: of one folder, one database, one machine."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from specql_lsp.registry.leases.model import HeldLease
from specql_lsp.registry.leases.store import LeaseStore
from specql_lsp.registry.model import Rules
from specql_lsp.registry.service.lease_keeper import LeaseKeeper
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.registry.leases.support import Clocks, keeper, lease, leased, refusal, request
from tests.support.small_disk import CannotMountError, small_disk
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
        {**document, "seen": float("inf")},
        {**document, "leases": [{**document["leases"][0], "seconds": float("nan")}]},
        {**document, "leases": [{**document["leases"][0], "since": {"wall": 1e300, "boot": "", "running": 0}}]},
        [],
        "",
    ):
        path.write_text(json.dumps(wrong), encoding="utf-8")
        assert (anna.held, anna.usable(), anna.has_waiting()) == ((), (), False)
        assert anna.own() is None
        for call in (lambda: anna.take(source.load(), request("Partner")), lambda: lease(anna, source)):
            refused = refusal(call)
            assert refused.message.startswith(f"The file of leases {path} ") and "Delete the file" in refused.message


def test_a_disk_that_is_full_gives_nothing_out(source: PostgresqlSource, tmp_path: Path) -> None:
    try:
        with small_disk(tmp_path / "state", 1) as disk:
            anna = keeper(tmp_path)
            lease(anna, source)
            known = source.load()
            disk.fill()
            refused = refusal(lambda: anna.take(known, request("Partner")))
            assert "cannot be written (No space left on device)" in refused.message
            assert "Do not delete it" in refused.message
            assert [each.entity for each in anna.held] == [None, None, None]
            disk.clear()
            taken = anna.take(known, request("Partner"))
            assert taken is not None and taken.table_code == "012033"
            disk.fill()
            assert [each.entity for each in anna.confirm(source, Rules())] == ["Partner"]
            disk.clear()
            assert [each.entity for each in anna.held] == ["Partner", None, None]
            assert [each.refused for each in anna.confirm(source, Rules())] == [None]
            assert [each.entity for each in anna.held] == [None, None]
    except CannotMountError as error:
        pytest.skip(str(error))


def test_without_a_folder_for_it_nothing_is_leased(source: PostgresqlSource, leasing_url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    anna = keeper(tmp_path, state="file/state")
    refused = refusal(lambda: lease(anna, source))
    assert "cannot be written (Not a directory)" in refused.message
    assert leased(leasing_url) == set()
    assert (anna.held, anna.own(), anna.take(source.load(), request("Partner"))) == ((), None, None)


def test_many_leases_fit(tmp_path: Path) -> None:
    """As many as 256 subdomains of 200 codes."""
    (tmp_path / "team").mkdir()
    store = LeaseStore(tmp_path / "team", "host:5432/db", tmp_path / "state")
    now = Clocks().now()
    held = tuple(HeldLease(f"{code:06X}", "2", "03", 9e5, now) for code in range(51_200))
    with store.changing() as changing:
        changing.write(replace(changing.holdings, leases=held), now)
    assert store.read().leases == held


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
