"""Leases: on a real PostgreSQL, with kills, two machines, and clocks that are wrong."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import Backend, RegistrySettings
from specql_lsp.registry.client import Registry
from specql_lsp.registry.leases.model import HeldLease, Moment
from specql_lsp.registry.leases.store import LeaseStore
from specql_lsp.registry.model import Rules
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import AllocationRequest, EntityMove
from specql_lsp.registry.service.lease_keeper import LeaseKeeper
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.sources.snapshot_file.format import TakenSnapshot, snapshot_text
from specql_lsp.registry.state import Source
from tests.support.patience import PATIENCE
from tests.support.registries import small_registry, yaml_text
from tests.support.sources import fill, postgresql_source

DAY = 86_400.0
ROOT = Path(__file__).parents[2]


@dataclass
class Clocks:
    """Clocks that a test sets."""

    wall: float = 1_000_000.0
    running: float = 500.0
    boot: str = "one"

    def now(self) -> Moment:
        return Moment(self.wall, self.boot, self.running)

    def sleep(self, seconds: float) -> None:
        self.wall += seconds
        self.running += seconds


@pytest.fixture
def leasing_url(database_url: str) -> str:
    """A database with the small registry and all that this server adds."""
    with closing(postgresql_source(database_url)) as source:
        fill(source, small_registry())
    install(RegistrySettings(database_url=database_url, statement_timeout_ms=60_000, lock_timeout_ms=60_000))
    return database_url


@pytest.fixture
def source(leasing_url: str) -> Iterator[PostgresqlSource]:
    with closing(postgresql_source(leasing_url)) as source:
        yield source


def keeper(folder: Path, clocks: Clocks | None = None, state: str = "state") -> LeaseKeeper:
    (folder / "team").mkdir(exist_ok=True)
    return LeaseKeeper(folder / "team", lambda: "host:5432/db", now=(clocks or Clocks()).now, state=folder / state)


def lease(keeper: LeaseKeeper, source: PostgresqlSource, count: int = 3, days: float = 7) -> list[str]:
    held = keeper.lease(source, Rules(), "crm", "customer", count, days * DAY, holder="anna@laptop")
    return [each.table_code for each in held if each.entity is None]


def request(entity: str, **more: object) -> AllocationRequest:
    return AllocationRequest(entity, "crm", "customer", **more)  # type: ignore[arg-type]


def registered(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT table_code, entity_name FROM specql_registry.tb_entity_registration")
        return {code.upper(): name for code, name in rows}


def leased(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {code for (code,) in connection.execute("SELECT table_code FROM specql_registry_lsp.tb_lease")}


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def expire(url: str) -> None:
    """Ends every lease by the server's clock."""
    execute(url, "UPDATE specql_registry_lsp.tb_lease SET expires_at = clock_timestamp() - interval '1 second'")


def refusal(call: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value


# What nobody else gets


def test_nobody_else_gets_a_leased_code(source: PostgresqlSource, leasing_url: str, tmp_path: Path) -> None:
    assert lease(keeper(tmp_path), source) == ["012033", "012035", "012036"], "the lowest that are free"
    with closing(postgresql_source(leasing_url)) as other:
        assert other.allocate(request("Partner"), Rules()).table_code == "012037"
        answers = other.allocate_all([request("A"), request("B", table_code="012035"), request("C")], Rules())
        codes = [answer.message if isinstance(answer, Refused) else answer.table_code for answer in answers]
        assert codes[0] == "012038" and codes[2] == "012039"
        assert codes[1] == "The code 012035 is leased to another folder or machine. Take another code."
        refused = refusal(lambda: other.allocate(request("D", table_code="012036"), Rules()))
        assert refused.kind is RefusalKind.CODE_TAKEN
        assert refused.message.startswith("The code 012036 is leased to anna@laptop until ")
        core = AllocationRequest("Moved", "crm", "core")
        other.allocate(core, Rules())
        moved = other.move_entity(EntityMove("crm", "Moved", "customer"), Rules())
        assert moved.table_code == "01203A"
        yaml = small_registry()
        crm = yaml.domains[0]
        entity = crm.subdomains[1].entities[0]._replace(name="ByHand", table_code="012033", sequence=3)
        subdomain = crm.subdomains[1]._replace(entities=(*crm.subdomains[1].entities, entity))
        wanted = Snapshot((crm._replace(subdomains=(crm.subdomains[0], subdomain)), *yaml.domains[1:]))
        from specql_lsp.registry.consistency.comparison import compare

        resolution = other.keep_yaml(
            [each for each in compare(other.load(), wanted) if each.entity == "ByHand"], wanted
        )
        assert "is leased to anna@laptop" in resolution.refused[0].message


def test_other_programs_get_none_either(source: PostgresqlSource, leasing_url: str, tmp_path: Path) -> None:
    lease(keeper(tmp_path), source)
    insert = (
        "INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)"
        " SELECT pk_subdomain, 'Theirs', '{}', 99 FROM specql_registry.tb_subdomain WHERE subdomain_name = 'customer'"
    )
    with pytest.raises(psycopg.Error, match="012033 is leased to anna@laptop"):
        execute(leasing_url, insert.format("012033"))
    execute(leasing_url, "UPDATE specql_registry.tb_entity_registration SET entity_name = entity_name || 's'")
    with pytest.raises(psycopg.Error, match="012033 is leased"):
        execute(
            leasing_url,
            "UPDATE specql_registry.tb_entity_registration SET table_code = '012033' WHERE table_code = '012032'",
        )
    execute(leasing_url, insert.format("012037"))


def test_what_has_ended_returns(source: PostgresqlSource, leasing_url: str, tmp_path: Path) -> None:
    anna, boris = keeper(tmp_path), keeper(tmp_path, state="boris")
    assert lease(anna, source) == ["012033", "012035", "012036"]
    expire(leasing_url)
    assert source.allocate(request("Partner"), Rules()).table_code == "012033"
    assert lease(boris, source, 2) == ["012035", "012036"]
    assert leased(leasing_url) == {"012035", "012036"}
    assert [each.table_code for each in anna.list(source)] == ["012035", "012036"]
    assert anna.held == (), "they are another's now"


def test_asked_again_it_leases_the_same(source: PostgresqlSource, leasing_url: str, tmp_path: Path) -> None:
    anna = keeper(tmp_path)
    first = lease(anna, source, 2)
    assert lease(anna, source, 2) == first
    assert lease(anna, source, 3) == [*first, "012036"]
    assert lease(anna, source, 1, days=30)[0] == first[0]
    lengths = {each.table_code: round(each.seconds / DAY) for each in anna.held}
    assert lengths == {"012033": 30, "012035": 7, "012036": 7}
    assert anna.release(source, ["012035"]) == ("012035",)
    assert anna.release(source) == ("012033", "012036")
    assert leased(leasing_url) == set() and anna.held == ()
    assert refusal(lambda: anna.release(source, ["012033"])).message == "The code 012033 is not leased by this folder."
    full = refusal(lambda: lease(anna, source, 15))
    assert (full.kind, "has 12 codes to lease, not 15" in full.message) == (RefusalKind.SUBDOMAIN_FULL, True)


def test_without_what_is_installed_there_are_none(database_url: str, tmp_path: Path) -> None:
    with closing(postgresql_source(database_url)) as source:
        fill(source, small_registry())
        refused = refusal(lambda: lease(keeper(tmp_path), source))
        assert "specql-lsp registry install adds them" in refused.message
        install(RegistrySettings(database_url=database_url, statement_timeout_ms=60_000, lock_timeout_ms=60_000))
        execute(database_url, "ALTER TABLE specql_registry.tb_entity_registration DISABLE TRIGGER tr_notify_insert")
        assert refusal(lambda: lease(keeper(tmp_path), source)).message == refused.message
        execute(database_url, "ALTER TABLE specql_registry.tb_entity_registration ENABLE TRIGGER tr_notify_insert")
        assert lease(keeper(tmp_path), source)
        execute(database_url, "DROP SCHEMA specql_registry_lsp CASCADE")
        assert source.allocate(request("Partner"), Rules()).table_code == "012033", "nothing else needs that schema"


# Away, and back


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


# Without PostgreSQL as the source


@pytest.mark.parametrize("backend", ["yaml", "in_memory", "snapshot"])
def test_no_other_source_has_leases(tmp_path: Path, backend: str) -> None:
    settings = RegistrySettings(
        backend=Backend("yaml" if backend == "snapshot" else backend), yaml_path="registry.yaml"
    )
    if backend == "yaml":
        (tmp_path / "registry.yaml").write_text(yaml_text(small_registry()), encoding="utf-8")
    if backend == "snapshot":
        taken = TakenSnapshot(small_registry(), datetime(2026, 1, 2, tzinfo=UTC), Source.POSTGRESQL, None)
        (tmp_path / "snapshot.json").write_text(snapshot_text(taken), encoding="utf-8")
        settings = replace(settings, snapshot_path="snapshot.json")
    with Registry(settings, tmp_path) as registry:
        for call in (
            lambda: registry.lease("crm", "customer", 1, 1),
            registry.leases,
            registry.release_leases,
        ):
            refused = refusal(call)
            assert (refused.kind, refused.message) == (RefusalKind.REGISTRY_UNAVAILABLE, "No database is set.")
        assert registry.confirm_leases() == ()


# Clocks


@pytest.mark.parametrize(
    ("change", "usable"),
    [
        (lambda clocks: clocks.sleep(6.8 * DAY), True),
        (lambda clocks: clocks.sleep(6.9 * DAY), False),  # the margin
        (lambda clocks: setattr(clocks, "wall", clocks.wall - 30 * DAY), True),  # set back: the other clock counts
        (lambda clocks: (clocks.sleep(8 * DAY), setattr(clocks, "wall", 1_000_000.0)), False),
        (lambda clocks: setattr(clocks, "wall", clocks.wall + 8 * DAY), False),  # set forward: the longest counts
        (lambda clocks: (clocks.sleep(DAY), setattr(clocks, "boot", "two")), True),
        (lambda clocks: (clocks.sleep(8 * DAY), setattr(clocks, "boot", "two")), False),
        (lambda clocks: (setattr(clocks, "boot", "two"), setattr(clocks, "wall", 999_999.0)), False),
        (lambda clocks: (setattr(clocks, "boot", ""), setattr(clocks, "running", 0.0)), True),
    ],
)
def test_a_holder_stops_before_the_server_does(
    source: PostgresqlSource, tmp_path: Path, change: Callable[[Clocks], object], usable: bool
) -> None:
    clocks = Clocks()
    anna = keeper(tmp_path, clocks)
    lease(anna, source)
    change(clocks)
    taken = anna.take(source.load(), request("Partner"))
    assert (taken is not None) is usable
    assert (len(anna.usable()) > 0) is usable


def test_a_clock_that_is_set_back_and_started_again_is_not_believed(source: PostgresqlSource, tmp_path: Path) -> None:
    clocks = Clocks()
    anna = keeper(tmp_path, clocks)
    lease(anna, source)
    clocks.sleep(5 * DAY)
    assert anna.take(source.load(), request("Partner")) is not None
    clocks.boot, clocks.wall = "two", 1_000_000.0 + DAY
    assert anna.usable() == () and anna.take(source.load(), request("Other")) is None
    anna.list(source)  # PostgreSQL says how long they last
    assert anna.take(source.load(), request("Other")) is not None


def test_the_length_of_a_lease_is_counted_from_before_it_was_asked_for() -> None:
    held = HeldLease("012033", "2", "03", 100.0, Moment(0, "one", 0))
    assert held.usable_seconds == 40.0
    assert HeldLease("012033", "2", "03", 30.0, Moment(0, "one", 0)).is_usable(Moment(0, "one", 0), 0) is False


# The file


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


# Kills, and two machines at once

SCRIPT = """
import os, signal, sys
from pathlib import Path
from specql_lsp.config import Backend, RegistrySettings
from specql_lsp.registry.client import Registry
from specql_lsp.registry.leases import clock
from specql_lsp.registry.leases.store import LeaseStore
from specql_lsp.registry.model import Rules
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.service.lease_keeper import LeaseKeeper
from specql_lsp.registry.sources.postgresql.session import PostgresqlSession
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

url, folder, state, action, entity, shift, kill_at = sys.argv[1:]
steps = 0

def step(original):
    def counted(*arguments, **named):
        global steps
        steps += 1
        if steps == int(kill_at):
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)
    return counted

if int(kill_at):
    PostgresqlSession._exchange = step(PostgresqlSession._exchange)
    LeaseStore.write = step(LeaseStore.write)

def now():
    shown = clock.now()
    return shown._replace(wall=shown.wall + float(shift))

source = PostgresqlSource(RegistrySettings(database_url=url, connect_timeout_seconds=60.0,
    statement_timeout_ms=60_000, lock_timeout_ms=60_000))
keeper = LeaseKeeper(Path(folder), lambda: "host:5432/db", now=now, state=Path(state))
if action == "lease":
    keeper.lease(source, Rules(), "crm", "customer", 2, 7 * 86400.0, holder=entity)
    print(*[each.table_code for each in keeper.held if each.entity is None])
elif action == "take":
    taken = keeper.take(source.load(), AllocationRequest(entity, "crm", "customer"))
    print(taken.table_code if taken else "")
elif action == "confirm":
    print(*[f"{each.table_code}:{each.entity}" for each in keeper.confirm(source, Rules())])
source.close()
print("done", steps)
"""


@dataclass(frozen=True)
class Machine:
    """A process on a machine with a folder, a state and a clock of its own."""

    url: str
    folder: Path
    shift: float = 0.0

    def start(self, action: str, entity: str = "-", kill_at: int = 0) -> subprocess.Popen[str]:
        arguments = [self.url, self.folder, self.folder / "state", action, entity, self.shift, kill_at]
        return subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *map(str, arguments)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, action: str, entity: str = "-", kill_at: int = 0) -> tuple[bool, list[str]]:
        """Whether it came to its end, and what it printed."""
        process = self.start(action, entity, kill_at)
        output, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, -signal.SIGKILL), errors
        return process.returncode == 0, output.split("\n")[0].split() if output else []


@contextmanager
def machines(url: str, folder: Path) -> Iterator[tuple[Machine, Machine]]:
    for name in ("anna", "boris"):
        (folder / name).mkdir()
    yield Machine(url, folder / "anna", 3 * DAY), Machine(url, folder / "boris", -3 * DAY)


@pytest.mark.slow
def test_killed_at_every_step_nothing_is_given_out_twice(leasing_url: str, tmp_path: Path) -> None:
    """One machine is killed at each step of leasing, giving out and confirming; then it does the same again."""
    with machines(leasing_url, tmp_path) as (anna, boris):
        given: dict[str, str] = {}
        for action, entity in (("lease", "anna"), ("take", "Partner"), ("confirm", "-")):
            step = 0
            finished = False
            while not finished:
                step += 1
                finished, _ = anna.run(action, entity, kill_at=step)
                # Another machine gets none of what the first one may hold.
                if action != "confirm" and step % 4 == 2:
                    _, theirs = boris.run("lease", "boris")
                    with closing(postgresql_source(leasing_url)) as source:
                        owners = {each.table_code: each.holder for each in source.leases()}
                    assert {owners[code] for code in theirs} == {"boris"}
            _, printed = anna.run(action, entity)
            if action == "take":
                given[printed[0]] = entity
        names = registered(leasing_url)
        assert {code: names[code] for code in given} == given
        assert len(set(names)) == len(names)
        assert anna.run("confirm")[1] == []
        with closing(postgresql_source(leasing_url)) as source:
            assert given.keys().isdisjoint(each.table_code for each in source.leases())


@pytest.mark.slow
def test_two_machines_whose_clocks_differ_by_days(leasing_url: str, tmp_path: Path) -> None:
    with machines(leasing_url, tmp_path) as both:
        for process in [machine.start("lease", machine.folder.name) for machine in both for _ in range(2)]:
            assert process.wait(PATIENCE) == 0
        processes = [
            (machine, machine.start("take", f"{machine.folder.name.title()}{n}")) for n in (1, 2) for machine in both
        ]
        codes = [process.communicate(timeout=PATIENCE)[0].split("\n")[0] for _, process in processes]
        assert "" not in codes and len(set(codes)) == 4
        for process in [machine.start("confirm") for machine in both for _ in range(2)]:
            assert process.wait(PATIENCE) == 0
        names = registered(leasing_url)
        assert sorted(names[code] for code in codes) == ["Anna1", "Anna2", "Boris1", "Boris2"]
        assert leased(leasing_url) == set()


def test_another_process_waits_for_the_file(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    store = LeaseStore(tmp_path / "team", "host:5432/db", tmp_path / "state")
    with store.changing() as changing:
        changing.write(changing.holdings, Clocks().now())
        token = changing.holdings.token
    assert store.read().token == token and store.exists
