"""Leases with kills at every step, and two machines whose clocks differ."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from specql_lsp.registry.service.lease_keeper import LeaseKeeper
from tests.registry.leases.support import DAY, leased, registered
from tests.support.forks import PipedFork, start_script
from tests.support.patience import PATIENCE
from tests.support.sources import postgresql_source

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
elif action == "release":
    keeper.release(source)
source.close()
print("done", steps)
"""


@dataclass(frozen=True)
class Machine:
    """A process on a machine with a folder, a state and a clock of its own."""

    url: str
    folder: Path
    shift: float = 0.0

    def start(self, action: str, entity: str = "-", kill_at: int = 0) -> PipedFork:
        state = self.folder / "state"
        return start_script(SCRIPT, self.url, self.folder, state, action, entity, self.shift, kill_at)

    def run(self, action: str, entity: str = "-", kill_at: int = 0) -> tuple[bool, list[str]]:
        """Whether it came to its end, and what it printed."""
        process = self.start(action, entity, kill_at)
        output, errors = process.communicate()
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
def test_killed_while_giving_back_none_is_usable_that_others_may_get(leasing_url: str, tmp_path: Path) -> None:
    with machines(leasing_url, tmp_path) as (anna, _):
        step, finished = 0, False
        while not finished:
            step += 1
            assert anna.run("lease", "anna")[0]
            finished, _ = anna.run("release", kill_at=step)
            held = LeaseKeeper(anna.folder, lambda: "host:5432/db", state=anna.folder / "state").held
            assert {each.table_code for each in held} <= leased(leasing_url)
        assert leased(leasing_url) == set()


@pytest.mark.slow
def test_two_machines_whose_clocks_differ_by_days(leasing_url: str, tmp_path: Path) -> None:
    with machines(leasing_url, tmp_path) as both:
        for process in [machine.start("lease", machine.folder.name) for machine in both for _ in range(2)]:
            assert process.wait(PATIENCE) == 0
        processes = [
            (machine, machine.start("take", f"{machine.folder.name.title()}{n}")) for n in (1, 2) for machine in both
        ]
        codes = [process.communicate()[0].split("\n")[0] for _, process in processes]
        assert "" not in codes and len(set(codes)) == 4
        for process in [machine.start("confirm") for machine in both for _ in range(2)]:
            assert process.wait(PATIENCE) == 0
        names = registered(leasing_url)
        assert sorted(names[code] for code in codes) == ["Anna1", "Anna2", "Boris1", "Boris2"]
        assert leased(leasing_url) == set()
