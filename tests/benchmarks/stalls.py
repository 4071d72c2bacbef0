"""The worst completion while a large registry changes: in the editor, and in PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import psycopg

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.benchmarks.client import OURS, Client
from tests.benchmarks.data import EDITED, EDITED_LINES, ENTITY_TEXT, LARGE, REGISTRY_PATH
from tests.benchmarks.live import CODE, REGISTER, REMOVE
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, median, ms

GOAL = 0.050
NAME = "entities/domain_2/benchmarked.yaml"
LINE = next(number for number, line in enumerate(ENTITY_TEXT.splitlines()) if line.startswith("  company:"))
SECONDS_AFTER_A_CHANGE = 0.7
"""So long completions are asked for: the debounce, reading and checking are over by then."""


def measure(setup: Setup) -> Iterator[Row]:
    """Completions one after the other, before and while something changes."""
    yield _edited(setup)
    yield _committed(setup)


def _edited(setup: Setup) -> Row:
    with setup.client(OURS, setup.workspace(EDITED)) as client:
        uri = _opened(client, EDITED, "yaml")
        path = client.folder / REGISTRY_PATH
        text = path.read_text()
        registry = client.open(REGISTRY_PATH, text)
        client.wait_idle()
        version = 1
        line = next(n for n, each in enumerate(text.splitlines()) if each.startswith("    description:"))

        def change() -> None:
            nonlocal version
            version += 1
            client.insert(registry, version, line, len("    description: "), "x")

        still = _worst(client, uri, lambda: None, 3)
        times = _worst(client, uri, change, setup.times(12, 4))
    return _row(f"worst completion while a registry YAML of {EDITED_LINES:,} lines is edited", still, times)


def _committed(setup: Setup) -> Row:
    url = setup.database(LARGE)
    install(RegistrySettings(database_url=url))
    with psycopg.connect(url, autocommit=True) as other, setup.client(OURS, setup.workspace(LARGE), url) as client:
        uri = _opened(client, LARGE, "postgresql")
        is_registered = False

        def change() -> None:
            nonlocal is_registered
            other.execute(REMOVE if is_registered else REGISTER, None if is_registered else [CODE])
            is_registered = not is_registered

        still = _worst(client, uri, lambda: None, 3)
        times = _worst(client, uri, change, setup.times(12, 4))
        if is_registered:
            change()
    return _row(f"worst completion while a registry of {LARGE:,} changes in PostgreSQL", still, times)


def _opened(client: Client, entities: int, source: str) -> str:
    client.initialize()
    client.initialized()
    client.wait_for_registry(entities, source)
    uri = client.open(NAME, ENTITY_TEXT.replace("ref(Entity2x1x1)", "ref("))
    client.wait_idle()
    return uri


def _worst(client: Client, uri: str, change: Callable[[], None], count: int) -> list[float]:
    """The longest completion after each of some changes."""
    found: list[float] = []
    for _ in range(count):
        change()
        end = time.perf_counter() + SECONDS_AFTER_A_CHANGE
        longest = 0.0
        while time.perf_counter() < end:
            longest = max(longest, client.ask_at("textDocument/completion", uri, LINE, len("  company: ref("))[1])
        found.append(longest)
    return found


def _row(what: str, still: list[float], times: list[float]) -> Row:
    reference = f"while nothing changes {ms(max(still))}"
    return Row(what, reference, f"{ms(max(times))} (median {ms(median(times))})", None, "<= 50 ms", max(times) <= GOAL)
