"""Loading the registry from YAML and from PostgreSQL, and comparing the two."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.client import open_registry
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.service.merging import merge
from specql_lsp.registry.sources.postgresql.rows import RowReader
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.sources.yaml.source import YamlSource
from tests.benchmarks.client import ROOT, environment
from tests.benchmarks.data import LARGE, REGISTRY_PATH, SMALL
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, median, ms, spread

YAML_GOAL = 0.6
POSTGRESQL_RATIO = 3.0
CHECK_GOAL = 1.0
CHECK_RATIO = 2.0
COULD_NOT_RUN = 2
"""The exit status of a command that could not do its work."""
JOINED_QUERY = """
SELECT d.domain_number, d.domain_name, d.description, d.multi_tenant, d.aliases, s.subdomain_number, s.subdomain_name,
    s.description, s.next_entity_sequence, e.entity_name, e.table_code, e.entity_sequence
FROM specql_registry.tb_domain d
LEFT JOIN specql_registry.tb_subdomain s ON s.fk_domain = d.pk_domain
LEFT JOIN specql_registry.tb_entity_registration e ON e.fk_subdomain = s.pk_subdomain
"""


def yaml(setup: Setup) -> Iterator[Row]:
    """Each load in a process of its own, as the server loads once."""
    for entities in (SMALL, LARGE):
        path = setup.workspace(entities) / REGISTRY_PATH
        ours: list[float] = []
        used: list[float] = []
        libyaml: list[float] = []
        for _ in range(setup.times(5, 3)):
            seconds, cpu = _load("ours", str(path), entities)
            ours.append(seconds)
            used.append(cpu)
            libyaml.append(_load("libyaml", str(path), entities)[0])
        if entities == SMALL:
            goal, met = "-", None
        else:
            goal, met = "<= 0.6 s", median(ours) <= YAML_GOAL
        yield Row(
            f"loading {entities:,} entities from YAML",
            f"libyaml {spread(libyaml)}",
            f"{spread(ours)}, cpu {ms(median(used))}",
            median(ours) / median(libyaml),
            goal,
            met,
        )


def _load(kind: str, path: str, entities: int) -> tuple[float, float]:
    """The seconds by the clock, and the processor's."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.load_yaml", kind, path],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    answer: dict[str, Any] = json.loads(done.stdout)
    if answer["entities"] != entities:
        raise RuntimeError(f"{answer['entities']} entities instead of {entities}")
    return float(answer["seconds"]), float(answer["cpu"])


def postgresql(setup: Setup) -> Iterator[Row]:
    """``PostgresqlSource.load`` on its open connection beside one joined query, in turns."""
    for entities in (SMALL, LARGE):
        url = setup.database(entities)
        source = PostgresqlSource(RegistrySettings(database_url=url))
        try:
            with psycopg.connect(url) as connection:
                yield from _postgresql(setup, entities, source, connection)
        finally:
            source.close()


def _postgresql(
    setup: Setup, entities: int, source: PostgresqlSource, connection: psycopg.Connection[Any]
) -> Iterator[Row]:
    def bare() -> None:
        rows = connection.execute(JOINED_QUERY).fetchall()
        connection.rollback()
        if len(rows) != entities:
            raise RuntimeError(f"{len(rows)} rows instead of {entities}")

    def fresh() -> None:
        # It has never loaded: nothing to compare with, everything to build.
        source._rows = source._snapshot = None
        source._reader = RowReader()
        if source.load().entity_count != entities:
            raise RuntimeError("the registry was not loaded whole")

    def indexed() -> None:
        fresh()
        assert source._snapshot is not None
        merge(source._snapshot, None)

    kinds: dict[Callable[[], object], list[float]] = {bare: [], fresh: [], source.load: [], indexed: []}
    for repetition in range(setup.times(40, 10) + 3):
        for run, times in kinds.items():
            begin = time.perf_counter()
            run()
            if repetition >= 3:
                times.append(time.perf_counter() - begin)
    references, loads, unchanged, with_indexes = kinds.values()
    reference = f"joined query {ms(median(references))}"
    ratio = median(loads) / median(references)
    goal, met = ("<= 3 x joined query", ratio <= POSTGRESQL_RATIO)
    what = f"{entities:,} entities from PostgreSQL"
    yield Row(f"loading {what}", reference, spread(loads), ratio, goal, met)
    yield Row(
        f"  again, nothing has changed, {what}", reference, spread(unchanged), median(unchanged) / median(references)
    )
    yield Row(f"  and indexed, {what}", reference, spread(with_indexes), median(with_indexes) / median(references))


def consistency(setup: Setup) -> Iterator[Row]:
    """The comparison of the two registries, both read."""
    source = PostgresqlSource(RegistrySettings(database_url=setup.database(LARGE)))
    try:
        stored = source.load()
    finally:
        source.close()
    written = YamlSource(setup.workspace(LARGE) / REGISTRY_PATH).load()
    times: list[float] = []
    for _ in range(setup.times(10, 5)):
        gc.collect()
        begin = time.perf_counter()
        found = compare(stored, written)
        times.append(time.perf_counter() - begin)
    what = f"comparing PostgreSQL and YAML, {LARGE:,} entities"
    yield Row(what, ours=spread(times), note=f"{len(found)} differ")


def check(setup: Setup) -> Iterator[Row]:
    """Checking the consistency of two registries that have not been read yet, beside reading the two alone."""
    url, path = setup.database(LARGE), setup.workspace(LARGE) / REGISTRY_PATH
    sides: list[float] = []
    checks: list[float] = []
    for _ in range(setup.times(7, 3)):
        for run, times in ((lambda: _both_sides(url, path), sides), (lambda: _checked(url, path), checks)):
            gc.collect()
            begin = time.perf_counter()
            run()
            times.append(time.perf_counter() - begin)
    ratio = median(checks) / median(sides)
    yield Row(
        f"check-consistency, {LARGE:,} entities",
        f"loading both sides {spread(sides)}",
        spread(checks),
        ratio,
        "<= 1 s, <= 2 x loading",
        median(checks) <= CHECK_GOAL and ratio <= CHECK_RATIO,
    )
    commands: list[float] = []
    for _ in range(setup.times(5, 2)):
        begin = time.perf_counter()
        _check_command(url, setup.workspace(LARGE))
        commands.append(time.perf_counter() - begin)
    yield Row("  specql-lsp domain check-consistency, the whole command", ours=spread(commands))


def _both_sides(url: str, path: Path) -> None:
    source = PostgresqlSource(RegistrySettings(database_url=url))
    try:
        source.load()
    finally:
        source.close()
    YamlSource(path).load()


def _checked(url: str, path: Path) -> None:
    with open_registry(url, path, "postgresql", environment={}) as registry:
        if registry.check_consistency()["summary"]["entitiesChecked"] != LARGE:
            raise RuntimeError("not every entity was checked")


def _check_command(url: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "specql_lsp", "domain", "check-consistency", "--json", "--workspace", str(folder)],
        cwd=ROOT,
        env=environment(url),
        capture_output=True,
        timeout=60,
        check=False,
    )
    if done.returncode == COULD_NOT_RUN:
        raise RuntimeError(done.stderr[-2000:])
