"""What a change in PostgreSQL costs it, and how soon everybody knows, with as many editors as a large team has."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.benchmarks.client import ROOT, environment
from tests.benchmarks.data import LARGE, registry
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, median
from tests.support.postgres import PostgresServer

MEMBERS = 200
CPU_GOAL_SECONDS, INFORMED_GOAL_SECONDS = 0.1, 1.0
SETTLED_SECONDS = 0.5
"""After the last one is informed: what the server still does for the change."""
REGISTER = """
INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)
SELECT s.pk_subdomain, %s, %s, 13
FROM specql_registry.tb_subdomain s JOIN specql_registry.tb_domain d ON d.pk_domain = s.fk_domain
WHERE d.domain_number = '2' AND s.subdomain_number = %s
"""


def measure(setup: Setup) -> Iterator[Row]:
    """A code is registered while 200 registries listen; beside it, with everything read again by each of them."""
    changes = setup.times(10, 3)
    with PostgresServer({"max_connections": str(2 * MEMBERS + 20)}) as server:
        cpu, informed = _measured(server, _database(server), changes)
        url = _database(server)
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("DROP TABLE specql_registry_lsp.tb_horizon")
        whole, whole_informed = _measured(server, url, 3)
    yield Row(
        f"a change, {MEMBERS} editors, registry of {LARGE:,}: cpu of PostgreSQL",
        f"{whole:.2f} s (everything read)",
        f"{cpu * 1000:.0f} ms",
        cpu / whole,
        f"<= {CPU_GOAL_SECONDS * 1000:.0f} ms",
        cpu <= CPU_GOAL_SECONDS,
    )
    yield Row(
        f"a change, {MEMBERS} editors, registry of {LARGE:,}: all informed, p95",
        f"{whole_informed:.2f} s (everything read)",
        f"{informed:.2f} s",
        informed / whole_informed,
        f"<= {INFORMED_GOAL_SECONDS:.0f} s",
        informed <= INFORMED_GOAL_SECONDS,
    )


def _database(server: PostgresServer) -> str:
    url = server.create_database()
    settings = RegistrySettings(database_url=url, statement_timeout_ms=60_000)
    install(settings)
    source = PostgresqlSource(settings)
    migrate(registry(LARGE), source)
    source.close()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE")
    return url


def _measured(server: PostgresServer, url: str, changes: int) -> tuple[float, float]:
    """The median of the server's CPU seconds for a change, and the 95th percentile of the seconds until one knows."""
    cpu: list[float] = []
    seconds: list[float] = []
    with _members(url) as lines, psycopg.connect(url, autocommit=True) as other:
        for number in range(1, changes + 1):
            time.sleep(SETTLED_SECONDS)
            before, begin = _cpu_seconds(server), time.monotonic_ns()
            subdomain = f"{number:02X}"
            other.execute(REGISTER, (f"Somebody{number}", f"012{subdomain}D", subdomain))
            wanted = str(LARGE + number)
            times = [int(line.split()[1]) for line in _next(lines, wanted)]
            time.sleep(SETTLED_SECONDS)
            cpu.append(_cpu_seconds(server) - before)
            seconds += [(at - begin) / 1e9 for at in times]
    ordered = sorted(seconds)
    return median(cpu), ordered[math.ceil(len(ordered) * 0.95) - 1]


def _next(lines: Iterator[str], count: str) -> list[str]:
    """A line of each member that knows of so many entities."""
    found: list[str] = []
    for line in lines:
        if line.split()[0] == count:
            found.append(line)
            if len(found) == MEMBERS:
                return found
    raise RuntimeError("the members have ended")


@contextmanager
def _members(url: str) -> Iterator[Iterator[str]]:
    """The members, all of them listening, and what they write."""
    command = [sys.executable, "-m", "tests.benchmarks.team_members", url, str(MEMBERS)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(None), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        lines = iter(process.stdout)
        try:
            _next((line for line in lines if line == "ready\n"), "ready")
            yield lines
        finally:
            process.stdin.close()
            process.wait()


def _cpu_seconds(server: PostgresServer) -> float:
    """What the server's processes have used, to the nanosecond: each of them works for less than a tick."""
    root = psutil.Process(server.pid)
    total = 0
    for process in (root, *root.children(recursive=True)):
        try:
            total += int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / 1e9
