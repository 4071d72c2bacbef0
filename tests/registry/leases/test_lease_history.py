"""What leases leave in the history: who reserved a code until when, and what became of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.history import HistoryRequest
from specql_lsp.registry.history_in_words import event_to_json, summary
from specql_lsp.registry.model import Rules
from specql_lsp.registry.sources.postgresql.install import check_installation
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.registry.leases.support import DAY, execute, expire, keeper, lease, request
from tests.support.registries import small_registry

PLACE = "domain 2 (crm), subdomain 03 (customer)"


def said(source: PostgresqlSource, **filters: Any) -> list[str]:
    """The summaries, oldest first; moments are left out."""
    history = source.history(HistoryRequest(**filters))
    assert history.unavailable is None
    lines = [summary(event, small_registry()) for event in reversed(history.events)]
    return [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "T", line) for line in lines]


def test_what_is_said_of_them(source: PostgresqlSource, leasing_url: str, tmp_path: Path) -> None:
    anna, boris = keeper(tmp_path), keeper(tmp_path, state="boris")
    lease(anna, source, 2)
    anna.take(source.load(), request("Partner"))
    anna.confirm(source, Rules())
    anna.lease(source, Rules(), "crm", "customer", 1, 30 * DAY, holder="anna@laptop")
    anna.release(source)
    lease(anna, source, 1)
    expire(leasing_url)
    boris.lease(source, Rules(), "crm", "customer", 1, DAY, holder="boris@desk")
    execute(leasing_url, "TRUNCATE specql_registry_lsp.tb_lease")
    whole = said(source)
    assert whole == [
        f"leased 012033 to anna@laptop until T in {PLACE}",
        f"leased 012035 to anna@laptop until T in {PLACE}",
        f"registered Partner with 012033 in {PLACE}, from a lease of anna@laptop",
        "extended the lease of 012035 to anna@laptop until T",
        "gave back 012035, which was leased to anna@laptop",
        f"leased 012035 to anna@laptop until T in {PLACE}",
        "changed the lease of 012035 to anna@laptop: until T",
        "removed the lease of 012035 to anna@laptop, which had ended at T",
        f"leased 012035 to boris@desk until T in {PLACE}",
        "removed all leases",
    ]
    assert said(source, table_code="012035") == [line for line in whole if "012035" in line]
    assert said(source, table_code="012033") == [line for line in whole if "012033" in line]
    assert said(source, entity="Partner") == [whole[2]]
    assert said(source, domain="2") == whole[:-1]
    assert said(source, limit=2) == whole[-2:]


def test_the_document_of_a_lease(source: PostgresqlSource, tmp_path: Path) -> None:
    anna = keeper(tmp_path)
    lease(anna, source, 1)
    anna.take(source.load(), request("Partner"))
    anna.confirm(source, Rules())
    registered, leased = (event_to_json(each) for each in source.history(HistoryRequest()).events)
    assert (leased["action"], leased["tableCode"], leased["entity"], leased["lease"]) == (
        "code-leased",
        "012033",
        None,
        None,
    )
    assert leased["after"] == registered["lease"]
    assert leased["after"].keys() == {"tableCode", "domain", "subdomain", "holder", "role", "leasedAt", "expiresAt"}
    assert (leased["after"]["holder"], leased["after"]["role"]) == ("anna@laptop", "postgres")
    assert (registered["action"], registered["before"]) == ("entity-registered", None)


def test_who_gave_a_code_is_who_registered_it(source: PostgresqlSource, tmp_path: Path) -> None:
    anna = keeper(tmp_path)
    lease(anna, source, 2)
    assert source.origins(None) is not None
    origins = source.origins(None)
    assert origins is not None and origins.of("012033") is None, "a lease is no registration"
    anna.take(source.load(), request("Partner"))
    anna.confirm(source, Rules())
    origins = source.origins(origins)
    assert origins is not None and origins.of("012033") is not None and origins.of("012035") is None


def test_a_lease_that_cannot_be_recorded_is_made_all_the_same(
    source: PostgresqlSource, leasing_url: str, tmp_path: Path
) -> None:
    execute(leasing_url, "ALTER TABLE specql_registry_lsp.tb_event ADD CHECK (table_name <> 'tb_lease')")
    codes = lease(keeper(tmp_path), source)
    assert [each.table_code for each in source.leases()] == codes
    assert check_installation(RegistrySettings(database_url=leasing_url)).unrecorded == 1
    source.load()
    lease(keeper(tmp_path, state="boris"), source, 1)
    assert list(source.load().leased) == [*codes, "012037"], "what could not be recorded has everything read"
