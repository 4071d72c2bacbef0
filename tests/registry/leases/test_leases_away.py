"""Leased codes that are given out while PostgreSQL is away, and registered when it is back."""

from __future__ import annotations

from pathlib import Path

from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import Allocation, AllocationRequest
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.registry.leases.support import (
    expire,
    keeper,
    lease,
    leased,
    registered,
    request,
)


def test_what_was_given_out_is_registered_once(source: PostgresqlSource, leasing_url: str, tmp_path: Path) -> None:
    anna = keeper(tmp_path)
    lease(anna, source)
    known = source.load()
    first = anna.take(known, request("Partner", used=frozenset({"012033"})))
    assert first is not None and (first.table_code, first.created, first.leased) == ("012035", True, True)
    again = anna.take(known, request("PARTNER"))
    assert again is not None and (again.table_code, again.created, again.leased) == ("012035", False, True)
    second = anna.take(known, request("Supplier"))
    assert second is not None and second.table_code == "012033"
    assert anna.take(known, AllocationRequest("Other", "crm", "core")) is None, "nothing is leased there"
    assert anna.take(known, request("Other", table_code="01203A")) is None
    assert registered(leasing_url).keys().isdisjoint({"012033", "012035"})
    done = anna.confirm(source, Rules())
    assert [(each.table_code, each.entity, each.refused) for each in done] == [
        ("012033", "Supplier", None),
        ("012035", "Partner", None),
    ]
    names = registered(leasing_url)
    assert (names["012033"], names["012035"]) == ("Supplier", "Partner")
    assert leased(leasing_url) == {"012036"}
    assert anna.confirm(source, Rules()) == ()
    assert [each.table_code for each in anna.held] == ["012036"]


def test_a_preview_gives_nothing_out(source: PostgresqlSource, tmp_path: Path) -> None:
    anna = keeper(tmp_path)
    lease(anna, source, 2)
    known = source.load()
    otherwise = Refused(RefusalKind.REGISTRY_READ_ONLY, "PostgreSQL is away.")
    wanted = [request("A"), request("B"), request("C"), request("Contact"), request("D", domain="9")]
    first, second, third, fourth, fifth = anna.preview(known, wanted, otherwise)
    assert [each.table_code for each in (first, second) if isinstance(each, Allocation)] == ["012033", "012035"]
    assert third is otherwise and fourth is otherwise
    assert isinstance(fifth, Refused) and fifth.kind is RefusalKind.UNKNOWN_DOMAIN
    assert len(anna.usable()) == 2 and not anna.has_waiting()


def test_what_has_ended_meanwhile_is_registered_if_it_is_still_free(
    source: PostgresqlSource, leasing_url: str, tmp_path: Path
) -> None:
    anna = keeper(tmp_path)
    lease(anna, source)
    known = source.load()
    for entity in ("Partner", "Supplier"):
        anna.take(known, request(entity))
    expire(leasing_url)
    assert source.allocate(request("Theirs"), Rules()).table_code == "012033"
    taken, free = anna.confirm(source, Rules())
    assert (free.entity, free.refused) == ("Supplier", None)
    assert taken.refused == (
        "Partner got the code 012033 while PostgreSQL was away, and PostgreSQL cannot register it: The code 012033 is "
        "registered to Theirs in domain 2 (crm): take another. Give Partner another code."
    )
    assert not anna.has_waiting(), "it is not tried again and again"
    assert anna.confirm(source, Rules(), again=True)[0].refused == taken.refused
    assert anna.take(known, request("Partner", used=frozenset({"012036"}))) is None
    assert anna.release(source, ["012033"]) == ("012033",)
    assert registered(leasing_url)["012033"] == "Theirs"


def test_a_code_that_another_leases_meanwhile_is_refused(
    source: PostgresqlSource, leasing_url: str, tmp_path: Path
) -> None:
    anna, boris = keeper(tmp_path), keeper(tmp_path, state="boris")
    lease(anna, source, 1)
    anna.take(source.load(), request("Partner"))
    expire(leasing_url)
    assert lease(boris, source, 1) == ["012033"]
    (refused,) = anna.confirm(source, Rules())
    assert "The code 012033 is leased to anna@laptop until" in (refused.refused or "")
    assert leased(leasing_url) == {"012033"}, "the lease of the other one is kept"


def test_an_entity_that_others_registered_keeps_its_code(source: PostgresqlSource, tmp_path: Path) -> None:
    anna = keeper(tmp_path)
    lease(anna, source, 1)
    anna.take(source.load(), request("Partner"))
    other = source.allocate(request("Partner"), Rules())
    (refused,) = anna.confirm(source, Rules())
    assert f"Partner is registered already, with code {other.table_code}" in (refused.refused or "")
