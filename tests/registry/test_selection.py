"""Which source answers: every combination of what PostgreSQL and the YAML can be; and the pauses between attempts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from specql_lsp.registry.model import Domain, Entity, LeasedCode, Rules, Subdomain
from specql_lsp.registry.serialization import domains_to_json, status_to_json, timestamp
from specql_lsp.registry.service.backoff import Backoff
from specql_lsp.registry.service.merging import merge
from specql_lsp.registry.service.source_selection import PrimaryReading, Selector, YamlReading, visibly_different
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import RegistryState, Source

_AT = datetime(2025, 11, 21, 15, 53, 37, 813506, tzinfo=UTC)
_LATER = datetime(2025, 11, 21, 16, tzinfo=UTC)
_PRIMARY = Snapshot([Domain("1", "primary")])
_YAML = Snapshot([Domain("1", "yaml")], Rules(reserved_codes=frozenset({"011011"})))

_GOOD = PrimaryReading(Source.POSTGRESQL, _PRIMARY, _AT, unavailable=None, server="host:5432/db")
_READ_ONLY = PrimaryReading(Source.POSTGRESQL, _PRIMARY, _AT, unavailable=None, write_obstacle="No rights.")
_LOST = PrimaryReading(Source.POSTGRESQL, _PRIMARY, _AT, unavailable="Lost.")
_NEVER = PrimaryReading(Source.POSTGRESQL, unavailable="Lost.")
_MEMORY = PrimaryReading(Source.IN_MEMORY, _PRIMARY, _AT, unavailable=None)

_YAML_GOOD = YamlReading(_YAML, _AT, problem=None)
_YAML_MISSING = YamlReading(None, problem="Missing.", missing=True)
_YAML_REMOVED = YamlReading(_YAML, _AT, problem="Missing.", missing=True)
_YAML_BROKEN = YamlReading(_YAML, _AT, problem="Broken.")
_YAML_TYPING = YamlReading(_YAML, _AT, problem="Broken.", unsaved=True)
_YAML_NEVER = YamlReading(None, problem="Broken.")


_LEASED = {"011012": LeasedCode("011012", "anna@laptop", _LATER, "t")}


@pytest.mark.parametrize(
    ("yaml", "name"),
    [(_YAML_GOOD, "yaml"), (_YAML_TYPING, "yaml"), (_YAML_BROKEN, "primary"), (_YAML_MISSING, "primary")],
)
def test_leases_are_kept_while_the_database_is_away(yaml: YamlReading, name: str) -> None:
    leased = _PRIMARY.with_leased(_LEASED)
    selector = Selector("No URL.")
    good = selector.select(replace(_GOOD, snapshot=leased), yaml, RegistryState(), _AT)
    assert good.snapshot is not None and good.snapshot.leased == _LEASED
    away = selector.select(replace(_LOST, snapshot=leased), yaml, good, _LATER)
    assert away.snapshot is not None and away.snapshot.leased == _LEASED
    assert away.snapshot.domains[0].name == name
    assert away.yaml is None or away.yaml.leased == {}
    ended = selector.select(_GOOD, yaml, away, _LATER)
    assert ended.snapshot is not None and ended.snapshot.leased == {}


@pytest.mark.parametrize(
    ("primary", "yaml", "source", "writable", "stale", "name", "reason", "compared", "reserved"),
    [
        (_GOOD, _YAML_GOOD, Source.POSTGRESQL, True, False, "primary", "", True, "011011"),
        (_GOOD, _YAML_TYPING, Source.POSTGRESQL, True, False, "primary", "", False, "011011"),
        (_GOOD, _YAML_BROKEN, Source.POSTGRESQL, True, False, "primary", "", False, "011011"),
        (_GOOD, _YAML_REMOVED, Source.POSTGRESQL, True, False, "primary", "", False, "000000"),
        (_GOOD, _YAML_MISSING, Source.POSTGRESQL, True, False, "primary", "", False, "000000"),
        (_READ_ONLY, _YAML_GOOD, Source.POSTGRESQL, False, False, "primary", "No rights.", True, "011011"),
        (_LOST, _YAML_GOOD, Source.YAML, False, False, "yaml", "Lost.", False, "011011"),
        (_LOST, _YAML_TYPING, Source.YAML, False, False, "yaml", "Lost.", False, "011011"),
        (_LOST, _YAML_BROKEN, Source.POSTGRESQL, False, True, "primary", "Lost. Broken.", False, "011011"),
        (_LOST, _YAML_MISSING, Source.POSTGRESQL, False, True, "primary", "Lost. Missing.", False, "000000"),
        (_NEVER, _YAML_GOOD, Source.YAML, False, False, "yaml", "Lost.", False, "011011"),
        (_NEVER, _YAML_BROKEN, Source.YAML, False, True, "yaml", "Lost. Broken.", False, "011011"),
        (_NEVER, _YAML_MISSING, Source.NONE, False, False, None, "Lost. Missing.", False, None),
        (_NEVER, _YAML_NEVER, Source.NONE, False, False, None, "Lost. Broken.", False, None),
        (None, _YAML_GOOD, Source.YAML, False, False, "yaml", "No URL.", False, "011011"),
        (None, _YAML_MISSING, Source.NONE, False, False, None, "No URL. Missing.", False, None),
        (_MEMORY, _YAML_GOOD, Source.IN_MEMORY, True, False, "primary", "", False, "011011"),
    ],
)
def test_the_choice(
    primary: PrimaryReading | None,
    yaml: YamlReading,
    source: Source,
    writable: bool,
    stale: bool,
    name: str | None,
    reason: str,
    compared: bool,
    reserved: str | None,
) -> None:
    state = Selector("No URL.").select(primary, yaml, RegistryState(), _LATER)
    provenance = state.provenance
    assert (provenance.source, provenance.writable, provenance.stale) == (source, writable, stale)
    assert provenance.reason == reason
    assert provenance.since == _LATER
    assert (state.snapshot.domains[0].name if state.snapshot else None) == name
    assert (state.discrepancies is not None) is compared
    assert state.snapshot is None or reserved in state.snapshot.rules.reserved_codes


def test_what_is_unchanged_stays_the_same_object() -> None:
    selector = Selector()
    first = selector.select(_GOOD, _YAML_GOOD, RegistryState(), _AT)
    reread = PrimaryReading(Source.POSTGRESQL, Snapshot([Domain("1", "primary")]), _LATER, None, None, "host:5432/db")
    second = selector.select(reread, _YAML_GOOD, first, _LATER)
    assert second.snapshot is first.snapshot
    assert second.provenance.since == first.provenance.since == _AT
    assert second.provenance.loaded_at == _LATER
    assert not visibly_different(first, second)
    assert visibly_different(first, selector.select(_LOST, _YAML_GOOD, second, _LATER))


def test_short_codes_come_from_the_yaml() -> None:
    def registry(number: str, name: str, entity_code: str | None) -> Snapshot:
        return Snapshot(
            [Domain("A", "x", subdomains=(Subdomain(number, "y", entities=(Entity(name, "01A0A1", 1, entity_code),)),))]
        )

    merged = merge(registry("0A", "Contact", None), registry("0a", "contact", "CON"))
    assert merged.domains[0].subdomains[0].entities[0] == Entity("Contact", "01A0A1", 1, "CON")


def test_the_pauses_grow_to_a_minute() -> None:
    backoff = Backoff(chance=lambda: 0)
    assert [backoff.pause() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    backoff.reset()
    assert backoff.pause() == 1
    assert Backoff(chance=lambda: 1).pause() == pytest.approx(1.1)


def test_status_as_json() -> None:
    state = Selector().select(_GOOD, _YAML_GOOD, RegistryState(), _AT)
    assert status_to_json(state) == {
        "source": "postgresql",
        "writable": True,
        "stale": False,
        "reason": "",
        "since": "2025-11-21T15:53:37.813Z",
        "loadedAt": "2025-11-21T15:53:37.813Z",
        "domains": 1,
        "subdomains": 0,
        "entities": 0,
        "discrepancies": 1,
        "server": "host:5432/db",
        "listening": False,
        "databaseFrom": None,
        "databaseOverrides": [],
        "awaitsTrust": False,
        "snapshot": None,
        "leased": 0,
    }
    empty = status_to_json(RegistryState())
    assert (empty["source"], empty["domains"], empty["discrepancies"]) == ("none", None, None)
    assert timestamp(_AT) == "2025-11-21T15:53:37.813Z"


def test_domain_trees_as_json() -> None:
    entities = (Entity("Contact", "01203a"), Entity("Odd", "12345678", 7))
    subdomain = Subdomain("03", "customer", "People", 5, entities)
    snapshot = Snapshot([Domain("2", "crm", None, True, ("management",), (subdomain,))])
    assert domains_to_json(snapshot, used={"012031"}) == [
        {
            "number": "2",
            "name": "crm",
            "description": None,
            "multiTenant": True,
            "aliases": ["management"],
            "subdomains": [
                {
                    "number": "03",
                    "name": "customer",
                    "description": "People",
                    "nextEntitySequence": 5,
                    "free": 13,
                    "nextTableCode": "012032",
                    "leased": [],
                    "entities": [
                        {"name": "Contact", "tableCode": "01203A", "sequence": 10, "entityCode": "CNT"},
                        {"name": "Odd", "tableCode": "12345678", "sequence": 7, "entityCode": "ODD"},
                    ],
                }
            ],
        }
    ]
