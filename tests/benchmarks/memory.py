"""Memory: the peak with the large registry, and what a long time of typing leaves behind."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.client import EMPTY, INSPECTED, OURS, Client
from tests.benchmarks.data import ENTITY_TEXT, LARGE, SMALL, long_entity
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row

PEAK_GOAL = 140.0
GROWTH_GOAL = 1.0
NAME = "entities/domain_2/benchmarked.yaml"


def peak(setup: Setup) -> Iterator[Row]:
    """The most that the process ever held, after everything was loaded and asked for."""
    with setup.client(EMPTY, setup.workspace(SMALL)) as empty:
        empty.initialize()
        empty.initialized()
        empty.open(NAME, ENTITY_TEXT)
        empty.ask_at("textDocument/completion", (empty.folder / NAME).as_uri(), 1, 8)
        reference = empty.memory()
    for what, files, url in (
        ("YAML", 0, None),
        ("PostgreSQL and YAML", 0, setup.database(LARGE)),
        ("PostgreSQL and YAML, 1,000 files", 1_000, setup.database(LARGE)),
    ):
        with setup.client(OURS, setup.workspace(LARGE, files), url) as client:
            client.initialize()
            client.initialized()
            client.wait_for_registry(LARGE, "postgresql" if url else "yaml")
            _use(client)
            ours = client.memory()
        goal, met = ("<= 140 MB", ours <= PEAK_GOAL) if files else ("-", None)
        yield Row(
            f"peak memory, {LARGE:,} entities in {what}",
            f"empty {reference:.0f} MB",
            f"{ours:.0f} MB",
            ours / reference,
            goal,
            met,
        )


def _use(client: Client) -> None:
    text = ENTITY_TEXT.replace("ref(Entity2x1x1)", "ref(")
    uri = client.open(NAME, text)
    for _ in range(50):
        for line, words in enumerate(text.splitlines()):
            client.ask_at("textDocument/completion", uri, line, len(words))
            client.ask_at("textDocument/hover", uri, line, len(words) - 2)
    client.wait_idle()


def growth(setup: Setup) -> Iterator[Row]:
    """Thousands of ``didChange``: what the server holds between them and at their end."""
    with setup.client(INSPECTED, setup.workspace(SMALL)) as client:
        client.initialize()
        client.initialized()
        client.wait_for_registry(SMALL)
        uri = client.open("entities/domain_2/long.yaml", long_entity(200))
        version = _type(client, uri, 1, 1_000)
        before, resident = client.request("bench/inspect", {}), client.memory("VmRSS")
        rounds = setup.times(4, 1)
        for _ in range(rounds):
            version = _type(client, uri, version, 1_000)
        after, grown = client.request("bench/inspect", {}), client.memory("VmRSS")
    more = (grown - resident) / rounds
    futures = after["requestFutures"]
    objects = (after["objects"] - before["objects"]) / rounds
    yield Row(
        "1,000 more didChange: memory, objects; pygls' futures at the end",
        f"futures {before['requestFutures']} before",
        f"{more:+.2f} MB, {objects:+.0f}; futures {futures}",
        None,
        "< 1 MB, futures stable",
        more < GROWTH_GOAL and futures <= before["requestFutures"] + 2,
    )


def _type(client: Client, uri: str, version: int, count: int) -> int:
    """Types that many letters, takes each away again, and waits for the diagnostics now and then."""
    place = {"line": 2, "character": 13}
    for number in range(count):
        version += 1
        if number % 2:
            end = {"line": 2, "character": 14}
            change = {"range": {"start": place, "end": end}, "text": ""}
            params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
            client.notify("textDocument/didChange", params)
        else:
            client.insert(uri, version, 2, 13, "x")
        if number % 50 == 49:
            client.diagnostics_of(uri, version)
    return version
