"""The snapshot file as a source: canonical text, what is read of it, and what is refused with a sentence."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.features.provenance import describe
from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import RegistrySource, SourceUnavailableError, WritableSource
from specql_lsp.registry.sources.snapshot_file.format import (
    SnapshotFormatError,
    TakenSnapshot,
    read_snapshot,
    same_but_for_the_time,
    snapshot_text,
)
from specql_lsp.registry.sources.snapshot_file.source import SnapshotFileSource
from specql_lsp.registry.sources.yaml.source import YamlSource
from specql_lsp.registry.state import RegistryState, Source
from tests.support.corpus import REGISTRIES
from tests.support.effort import SEED, times
from tests.support.patience import PATIENCE
from tests.support.registries import large_registry, small_registry, yaml_text

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RULES = Rules(
    {"01": "write_side"},
    frozenset({"01201F"}),
    {"crm": {"support": ("ticket",), "customer": ("contact", "company")}},
)


def taken(snapshot: Snapshot | None = None) -> TakenSnapshot:
    wanted = snapshot if snapshot is not None else Snapshot(small_registry().domains, RULES)
    return TakenSnapshot(wanted, AT, Source.POSTGRESQL, "host:5432/db")


def document(**changes: Any) -> dict[str, Any]:
    """A snapshot as JSON, with other values for some keys; None takes one out."""
    found = {**json.loads(snapshot_text(taken())), **changes}
    return {key: value for key, value in found.items() if value is not None}


# The text


def test_the_text() -> None:
    small = Snapshot(
        (Domain("2", "crm", "Ключ", True, ("b", "a"), (small_registry().domains[0].subdomains[1],)),), RULES
    )
    assert snapshot_text(taken(small)) == (
        "{\n"
        '"format": "specql-registry-snapshot",\n'
        '"version": 1,\n'
        '"takenAt": "2026-01-02T03:04:05Z",\n'
        '"source": {"kind": "postgresql", "location": "host:5432/db"},\n'
        '"schemaLayers": {"01": "write_side"},\n'
        '"reservedCodes": [\n  "01201F"\n],\n'
        '"subdomainInference": {\n  "crm": {"support": ["ticket"], "customer": ["contact", "company"]}\n},\n'
        '"domains": [\n'
        '  {"number": "2", "name": "crm", "description": "Ключ", "multiTenant": true, "aliases": ["a", "b"], '
        '"subdomains": [\n'
        '    {"number": "03", "name": "customer", "description": "Customers", "nextEntitySequence": 5, "entities": [\n'
        '      {"name": "Contact", "tableCode": "012031", "sequence": 1},\n'
        '      {"name": "Company", "tableCode": "012032", "sequence": 2},\n'
        '      {"name": "Account", "tableCode": "012034", "sequence": 4}\n'
        "    ]}\n"
        "  ]}\n"
        "]\n"
        "}\n"
    )


@pytest.mark.parametrize("snapshot", [small_registry(), large_registry(3, 4, 5), Snapshot(())])
def test_what_is_written_is_read(snapshot: Snapshot) -> None:
    wanted = taken(Snapshot(snapshot.domains, RULES))
    found = read_snapshot(snapshot_text(wanted))
    assert found == wanted
    assert list(found.snapshot.rules.subdomain_inference["crm"]) == ["support", "customer"], "the first that fits wins"


def test_the_order_of_what_is_equal_does_not_show() -> None:
    """Sources give equal registries in orders of their own."""
    wanted = snapshot_text(taken())
    chance = random.Random(SEED)
    for _ in range(20):
        domains = [
            domain._replace(
                aliases=tuple(chance.sample(domain.aliases, len(domain.aliases))),
                subdomains=tuple(
                    s._replace(entities=tuple(chance.sample(s.entities, len(s.entities))))
                    for s in chance.sample(domain.subdomains, len(domain.subdomains))
                ),
            )
            for domain in chance.sample(small_registry().domains, 3)
        ]
        assert snapshot_text(taken(Snapshot(domains, RULES))) == wanted


def test_only_the_time_may_differ() -> None:
    text = snapshot_text(taken())
    later = taken()._replace(taken_at=AT + timedelta(days=1))
    assert same_but_for_the_time(text, later)
    assert not same_but_for_the_time(text, later._replace(location="other:5432/db"))
    assert not same_but_for_the_time(text, taken(small_registry())), "other rules"
    assert not same_but_for_the_time(text.replace("  {", "   {", 1), later), "formatted by something else"
    assert not same_but_for_the_time("", later)


def test_the_registries_of_the_corpus_are_written_and_read() -> None:
    for path in REGISTRIES:
        try:
            snapshot = YamlSource(path).load()
        except SourceUnavailableError:
            continue
        text = snapshot_text(TakenSnapshot(snapshot, AT, Source.YAML, path.name))
        found = read_snapshot(text)
        assert snapshot_text(found) == text
        assert found.snapshot.entity_count == snapshot.entity_count
        assert found.snapshot.rules == snapshot.rules


# The source


def test_it_is_a_source_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    source = SnapshotFileSource(path, "registry/snapshot.json")
    assert isinstance(source, RegistrySource) and not isinstance(source, WritableSource)
    assert (source.kind, source.location) == (Source.SNAPSHOT, "registry/snapshot.json")
    path.write_text(snapshot_text(taken()), encoding="utf-8-sig")
    assert source.taken() == taken()
    path.write_text(snapshot_text(taken()).replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert source.load() == taken().snapshot, "a checkout with Windows' line ends"


REFUSED: list[tuple[bytes | dict[str, Any] | str, str]] = [
    (b"", "is not valid JSON: Expecting value in line 1"),
    (b"\xff", "is not UTF-8 (line 1)"),
    ("[]", "holds no object"),
    ("null", "holds no object"),
    ("{}", "is no registry snapshot (specql-lsp registry snapshot writes one)"),
    ("domains:\n  '1': {}\n", "is not valid JSON: Expecting value in line 1"),
    ('{"format": "other"}', "is no registry snapshot (specql-lsp registry snapshot writes one)"),
    ("[" * 200_000, "is nested too deeply"),
    ('{"a": ' * 200_000, "is nested too deeply"),
    ('{"format": NaN}', "is not valid JSON: NaN is no number"),
    ('{"version": ' + "9" * 5000 + "}", "has a number that is too large"),
    ('{"format": 1, "format": 2}', "has a key twice in one object"),
    (
        "{\n<<<<<<< HEAD\n=======\n>>>>>>> branch\n}",
        "has conflict markers of a merge (specql-lsp registry snapshot writes it again)",
    ),
    (document(version=2), "was written by a newer release of specql-lsp (its format is 2)"),
    (document(version=True), "has no valid version"),
    (document(version="1"), "has no valid version"),
    (document(version=0), "has no valid version"),
    (document(takenAt="yesterday"), "has a takenAt that is no time with a time zone"),
    (document(takenAt="2026-01-02T03:04:05"), "has a takenAt that is no time with a time zone"),
    (document(takenAt="0001-01-01T00:00:00+23:59"), "has a takenAt that is no time with a time zone"),
    (document(takenAt=7), "has no text as takenAt"),
    (document(takenAt=None), "lacks takenAt"),
    (document(domains=None), "lacks domains"),
    (document(domains={}), "has no list as domains"),
    (document(domains=[1]), "has no object as a domain"),
    (document(domains=[{}]), "lacks number in a domain"),
    (document(domains=[{"number": "1"}]), "lacks name in domain 1"),
    (document(domains=[{"number": 1, "name": "a"}]), "has no text as number of a domain"),
    (document(domains=[{"number": "1", "name": ""}]), "has no text as name of domain 1"),
    (document(domains=[{"number": "1", "name": "\ud800"}]), "has half a surrogate pair as name of domain 1"),
    (document(extra=1), "has an unknown key in the file: extra"),
    (document(source={"kind": "in_memory"}), "names no known source"),
    (document(source=None), "lacks source"),
    (document(reservedCodes=[5]), "has no text as reservedCodes"),
    (document(schemaLayers=[]), "has no object as schemaLayers"),
    (document(subdomainInference={"crm": []}), "has no object as subdomainInference"),
]


def domain(**changes: Any) -> dict[str, Any]:
    base = {"number": "1", "name": "core", "multiTenant": False, "aliases": [], "subdomains": []}
    return document(domains=[{**base, **changes}])


def entity(**changes: Any) -> dict[str, Any]:
    entities = [{"name": "A", "tableCode": "011011", **changes}]
    return domain(subdomains=[{"number": "01", "name": "s", "entities": entities}])


REFUSED += [
    (domain(multiTenant=0), "has in domain 1 a multiTenant that is neither true nor false"),
    (domain(aliases="a"), "has no list as aliases of domain 1"),
    (domain(aliases=[None]), "has no text as aliases of domain 1"),
    (domain(description=5), "has no text as description of domain 1"),
    (domain(subdomains=[{"number": "01"}]), "lacks name in subdomain 01 of domain 1"),
    (
        domain(subdomains=[{"number": "01", "name": "s", "entities": []}] * 2),
        "has the subdomain 01 twice in domain 1",
    ),
    (
        domain(subdomains=[{"number": "01", "name": "s", "nextEntitySequence": 1.0, "entities": []}]),
        "has no integer as nextEntitySequence of subdomain 01 of domain 1",
    ),
    (document(domains=document()["domains"] * 2), "has the domain 2 twice in the file"),
    (entity(tableCode=11011), "has no text as tableCode of entity A of subdomain 01 of domain 1"),
    (entity(sequence=True), "has no integer as sequence of entity A of subdomain 01 of domain 1"),
    (entity(sequence=2**63), "has no integer as sequence of entity A of subdomain 01 of domain 1"),
    (entity(entityCode=[]), "has no text as entityCode of entity A of subdomain 01 of domain 1"),
    (entity(**{"x" * 99: 1}), f"has an unknown key in an entity of subdomain 01 of domain 1: {'x' * 40}…"),
    (domain(number="\x1b[31m", name=None), r"lacks name in domain \x1b[31m"),
]


@pytest.mark.parametrize(("content", "fault"), REFUSED)
def test_what_is_no_snapshot_is_unavailable(tmp_path: Path, content: bytes | dict[str, Any] | str, fault: str) -> None:
    path = tmp_path / "snapshot.json"
    if isinstance(content, dict):
        content = json.dumps(content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SourceUnavailableError) as caught:
        SnapshotFileSource(path, "s.json").load()
    assert caught.value.reason == f"The registry snapshot s.json {fault}."


def test_what_is_no_file_is_unavailable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, fault in (
        ("missing", "does not exist"),
        (".", "is a folder"),
        ("pipe", "is not read: it is a pipe"),
        ("a\0b", "cannot be read (ValueError)"),
        ("x" * 300, "cannot be read (File name too long)"),
    ):
        with pytest.raises(SourceUnavailableError) as caught:
            SnapshotFileSource(tmp_path / name, "s.json").load()
        assert caught.value.reason.startswith(f"The registry snapshot s.json {fault}"), caught.value.reason


def test_damaged_snapshots_are_read_or_refused_with_a_sentence() -> None:
    chance = random.Random(SEED)
    text = snapshot_text(taken())
    for _ in range(times(300)):
        at = chance.randrange(len(text))
        piece = chance.choice(['"', "{", "}", "[", "]", ",", ":", "0", "null", "\\u0000", "\\", "1e999", "\n", "é", ""])
        damaged = text[:at] + piece + text[at + chance.randrange(8) :]
        try:
            found = read_snapshot(damaged)
        except ValueError as error:
            assert isinstance(error, SnapshotFormatError) and str(error)
        else:
            assert read_snapshot(snapshot_text(found)) == found


# What answers


def state_of(settings: RegistrySettings, folder: Path) -> RegistryState:
    service = RegistryService(settings, folder)
    first = service.refresh()
    service.start()
    try:
        return first.result(PATIENCE)
    finally:
        service.close()


SETTINGS = RegistrySettings(yaml_path="registry.yaml", snapshot_path="snapshot.json")
NO_FILE = "The registry file registry.yaml does not exist."


def test_it_answers_after_postgresql_and_yaml(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "snapshot.json").write_text(snapshot_text(taken()), encoding="utf-8")
    state = state_of(SETTINGS, tmp_path)
    assert state.snapshot == taken().snapshot and state.discrepancies is None and state.yaml is None
    provenance = state.provenance
    assert (provenance.source, provenance.writable, provenance.stale) == (Source.SNAPSHOT, False, False)
    assert provenance.reason.endswith(NO_FILE)
    assert provenance.file == ("snapshot.json", AT, Source.POSTGRESQL, "host:5432/db")
    assert describe(provenance, AT + timedelta(days=3)) == (
        "Snapshot snapshot.json of 2026-01-02 03:04 UTC (PostgreSQL at host:5432/db), 3 days ago, read-only: "
        + provenance.reason
    )
    (tmp_path / "registry.yaml").write_text(yaml_text(large_registry(1, 1, 1)), encoding="utf-8")
    assert state_of(SETTINGS, tmp_path).provenance.source is Source.YAML
    reachable = replace(SETTINGS, database_url=database_url, connect_timeout_seconds=60.0)
    assert state_of(reachable, tmp_path).provenance.source is Source.POSTGRESQL
    (tmp_path / "registry.yaml").write_text("domains: [", encoding="utf-8")
    unreachable = replace(SETTINGS, database_url="postgresql://127.0.0.1:1/db")
    state = state_of(unreachable, tmp_path)
    assert (state.provenance.source, state.provenance.server) == (Source.SNAPSHOT, "127.0.0.1:1/db")


def test_it_alone_answers_where_it_is_asked_for(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "registry.yaml").write_text(yaml_text(large_registry(1, 1, 1)), encoding="utf-8")
    only = replace(SETTINGS, database_url=database_url, snapshot_only=True)
    state = state_of(only, tmp_path)
    assert (state.snapshot, state.provenance.source) == (None, Source.NONE)
    assert state.provenance.reason == "The registry snapshot snapshot.json does not exist."
    (tmp_path / "snapshot.json").write_text(snapshot_text(taken()), encoding="utf-8")
    state = state_of(only, tmp_path)
    assert state.snapshot == taken().snapshot and state.yaml is not None and state.discrepancies is None
    assert (state.provenance.source, state.provenance.reason) == (Source.SNAPSHOT, "")


def test_it_is_followed_while_it_answers(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    service = RegistryService(replace(SETTINGS, refresh_seconds=3600), tmp_path)
    first = service.refresh()
    service.start()
    try:
        state = first.result(PATIENCE)
        assert state.snapshot is None
        assert state.provenance.reason.endswith(f"{NO_FILE} The registry snapshot snapshot.json does not exist.")
        path.write_text(snapshot_text(taken()), encoding="utf-8")
        assert service.refresh().result(PATIENCE).snapshot == taken().snapshot
        grown = Subdomain("01", "new", None, 2, (Entity("New", "019011", 1),))
        other = Snapshot((*small_registry().domains, Domain("9", "new", subdomains=(grown,))), RULES)
        path.write_text(snapshot_text(taken(other)), encoding="utf-8")
        assert service.refresh().result(PATIENCE).snapshot == other
        path.write_text("{", encoding="utf-8")
        state = service.refresh().result(PATIENCE)
        assert state.snapshot is None and "snapshot.json is not valid JSON" in state.provenance.reason
    finally:
        service.close()
