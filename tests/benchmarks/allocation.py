"""Eight processes that allocate in the same domain at once."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psycopg

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.client import open_registry
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.model import Domain, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.benchmarks.client import ROOT, environment
from tests.benchmarks.data import SMALL, registry
from tests.benchmarks.rate_writer import DOMAIN
from tests.benchmarks.rate_writer import SUBDOMAINS as ROOM
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, both, median
from tests.support.postgres import PostgresServer

WRITERS = 8
EACH = 10
SUBDOMAINS = 8
"""Ten of the fifteen codes of each are asked for, by all writers at once."""
DURABLE_RATIO, BARE_RATIO = 0.5, 0.4


def measure(setup: Setup) -> Iterator[Row]:
    """Distinct codes, stored registrations and errors of 8 writers with 10 allocations each."""
    url = setup.new_database()
    with open_registry(url, backend="postgresql", environment={}) as registry:
        registry.register_domain("2", "crm")
        for number in range(1, SUBDOMAINS + 1):
            registry.register_subdomain("2", f"{number:02X}", f"part_{number}")
    arguments = [[str(number), str(EACH), str(SUBDOMAINS)] for number in range(WRITERS)]
    answers, seconds = _written("tests.benchmarks.writer", url, arguments)
    results = [result for answer in answers for result in answer["results"]]
    codes = [result["code"] for result in results if "code" in result]
    errors = [result["error"] for result in results if "error" in result]
    with psycopg.connect(url) as connection:
        stored = {row[0] for row in connection.execute("SELECT table_code FROM specql_registry.tb_entity_registration")}
    wanted = WRITERS * EACH
    for error in sorted(set(errors)):
        print(f"(allocation refused: {error})")
    yield Row(
        f"{WRITERS} writers x {EACH} allocations, one domain",
        "SpecQL: 13 distinct, 0 stored",
        f"{len(set(codes))} distinct, {len(stored & set(codes))} stored, {len(errors)} errors",
        None,
        f"{wanted} distinct, stored, 0 errors",
        len(set(codes)) == len(stored & set(codes)) == wanted and not errors,
    )
    each = [result["seconds"] for result in results]
    yield Row("  one allocation among them", ours=f"{both(each)}; all in {seconds:.2f} s")


def rate(setup: Setup) -> Iterator[Row]:
    """Allocations a second, beside bare transactions that make the same changes; in an installed registry."""
    yield _rate(setup, setup.durable_postgres, "", "every commit on the disk", DURABLE_RATIO)
    yield _rate(setup, setup.postgres, "  ", "no commit on the disk: processors alone", BARE_RATIO)


def _rate(setup: Setup, server: PostgresServer, indent: str, durability: str, goal: float) -> Row:
    each = setup.times(180, 60)
    rates: dict[str, list[float]] = {"bare": [], "ours": []}
    for _ in range(setup.times(5, 2)):
        for kind, found in rates.items():
            url = registry_with_room(server)
            arguments = [[kind, str(number), str(each)] for number in range(WRITERS)]
            answers, seconds = _written("tests.benchmarks.rate_writer", url, arguments)
            if len({code for answer in answers for code in answer}) != WRITERS * each:
                raise RuntimeError("a code was given out twice")
            found.append(WRITERS * each / seconds)
            server.drop_database(url)
    bare, ours = median(rates["bare"]), median(rates["ours"])
    return Row(
        f"{indent}allocations a second, {WRITERS} writers, {SMALL:,} entities, {durability}",
        f"bare transaction {bare:.0f} ({min(rates['bare']):.0f} to {max(rates['bare']):.0f})",
        f"{ours:.0f} ({min(rates['ours']):.0f} to {max(rates['ours']):.0f})",
        ours / bare,
        f">= {goal} x",
        ours / bare >= goal,
    )


def registry_with_room(server: PostgresServer) -> str:
    """The URL of a new database: a registry of usual size, installed, with a domain that holds thousands of codes."""
    url = server.create_database()
    settings = RegistrySettings(database_url=url, statement_timeout_ms=60_000)
    install(settings)
    source = PostgresqlSource(settings)
    try:
        migrate(registry(SMALL), source)
        room = tuple(Subdomain(f"{number:X}", f"part_{number}", None, 1) for number in range(1, ROOM + 1))
        migrate(Snapshot([Domain(DOMAIN, "roomy", subdomains=room)]), source)
    finally:
        source.close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")  # as autovacuum would have done by the next minute
    return url


def _written(module: str, url: str, arguments: list[list[str]]) -> tuple[list[Any], float]:
    """What each writer printed, and the seconds from the common start to the answer of the last."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", module, *each],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment(url),
            text=True,
        )
        for each in arguments
    ]
    try:
        for writer in writers:  # all are ready before the first begins
            assert writer.stdout is not None
            if writer.stdout.readline() != "ready\n":
                raise RuntimeError("a writer could not open the registry")
        begin = time.perf_counter()
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        lines = [writer.stdout.readline() for writer in writers if writer.stdout is not None]
        seconds = time.perf_counter() - begin
        return [json.loads(line) for line in lines], seconds
    finally:
        for writer in writers:
            if writer.poll() is None:
                writer.kill()
            writer.communicate()
