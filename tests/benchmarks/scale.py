"""What 10,000 files cost: to open, to hold, to edit one of them, and to look through."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.benchmarks.client import OURS, TIMEOUT, Client, Message
from tests.benchmarks.data import FAULT, REFERRED, REFERRED_BY, SMALL
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, median, ms

FEW, MANY = 100, 10_000
OPENING_GOAL = 8.0
MEMORY_GOAL = 160.0
EDIT_GOAL = 1.2
REFERENCES_GOAL = 0.300
RENAME_GOAL = 1.0


def measure(setup: Setup) -> Iterator[Row]:
    """One server with 10,000 files, and one with 100 beside it for the edits."""
    with (
        setup.client(OURS, setup.workspace(SMALL, MANY)) as many,
        setup.client(OURS, setup.workspace(SMALL, FEW)) as few,
    ):
        seconds, used, first = _opened(many, MANY)
        yield Row(
            f"opening {MANY:,} entity files, registry of {SMALL:,}, all checked",
            ours=f"{ms(seconds)}, cpu {ms(used)}",
            goal="<= 8 s",
            met=seconds <= OPENING_GOAL,
        )
        yield Row(
            "  the diagnostics of the file that the editor has open",
            f"those of all {ms(seconds)}",
            ms(first),
            first / seconds,
        )
        many.wait_idle()
        memory = many.memory()
        yield Row(
            f"peak memory, {MANY:,} files alone", ours=f"{memory:.0f} MB", goal="<= 160 MB", met=memory <= MEMORY_GOAL
        )
        _opened(few, FEW)
        few.wait_idle()
        for what, line, key in (
            ("an edit of a description", 3, "description: "),
            ("an edit of an entity's name", 1, "entity: "),
        ):
            yield _edits(setup, few, many, what, line, len(key))
        yield _references(setup, many)
        yield _rename(setup, many)


def _opened(client: Client, files: int) -> tuple[float, float, float]:
    """The seconds until every file's finding has come, the processor's among them, and those to the open file's."""
    client.initialize()
    used = client.cpu()
    begin = client.initialized()
    missing = {path.as_uri() for path in client.folder.glob("entities/**/*.yaml")}
    if len(missing) != files:
        raise RuntimeError(f"{len(missing)} files instead of {files}")
    last = max(missing)  # by its name, it would be the last
    path = next(path for path in client.folder.glob("entities/**/*.yaml") if path.as_uri() == last)
    client.open(str(path.relative_to(client.folder)), path.read_text())
    first = 0.0

    def last_has_come(message: Message) -> bool:
        nonlocal first
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            if any(diagnostic["code"] == FAULT for diagnostic in params["diagnostics"]):
                missing.discard(params["uri"])
                if params["uri"] == last and not first:
                    first = time.perf_counter() - begin
        return not missing

    client.wait_for(last_has_come, TIMEOUT * 2)
    return client.answered_at - begin, client.cpu() - used, first


def _edits(setup: Setup, few: Client, many: Client, what: str, line: int, character: int) -> Row:
    """The processor's time of edits, each of which is checked before the next, in turns of ten."""
    costs: dict[Client, list[float]] = {few: [], many: []}
    versions = dict.fromkeys(costs, 1)
    uris: dict[Client, str] = {}
    for client in costs:
        path = sorted(client.folder.glob("entities/domain_2/*.yaml"))[0]
        uris[client] = client.open(str(path.relative_to(client.folder)), path.read_text())
        client.diagnostics_of(uris[client], 1)
        client.wait_idle()
    for _ in range(setup.times(8, 3)):
        for client, found in costs.items():
            used = client.cpu()
            for _ in range(10):
                versions[client] += 1
                client.insert(uris[client], versions[client], line, character, "x")
                client.diagnostics_of(uris[client], versions[client])
            client.wait_idle()
            found.append((client.cpu() - used) / 10)
    for client, uri in uris.items():
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        client.wait_idle()
    ours, reference = sum(costs[many]) / len(costs[many]), sum(costs[few]) / len(costs[few])
    ratio = ours / max(reference, 1e-4)
    return Row(
        f"{what}, {MANY:,} files: processor time",
        f"{FEW} files {ms(reference)}",
        ms(ours),
        ratio,
        "<= 1.2 x 100 files",
        ratio <= EDIT_GOAL,
    )


def _references(setup: Setup, client: Client) -> Row:
    what = f"references of an entity used in {REFERRED_BY:,} of {MANY:,} files"
    if "referencesProvider" not in client.capabilities:
        return Row(what, ours="not offered")
    context = {"includeDeclaration": False}
    times = _of_the_referred(setup, client, "textDocument/references", {"context": context}, lambda found: len(found))
    return Row(
        what, ours=f"{ms(median(times))} (to {ms(max(times))})", goal="<= 300 ms", met=median(times) <= REFERENCES_GOAL
    )


def _rename(setup: Setup, client: Client) -> Row:
    what = "  its rename"
    if "renameProvider" not in client.capabilities:
        return Row(what, ours="not offered")
    times = _of_the_referred(
        setup, client, "textDocument/rename", {"newName": "Renamed"}, lambda edit: len(edit["changes"])
    )
    return Row(what, ours=f"{ms(median(times))} (to {ms(max(times))})", goal="<= 1 s", met=median(times) <= RENAME_GOAL)


def _of_the_referred(
    setup: Setup, client: Client, method: str, params: dict[str, Any], count: Callable[[Any], int]
) -> list[float]:
    """The seconds of requests about the entity that many files use."""
    path = next(client.folder.glob(f"entities/**/local_{REFERRED:05d}.yaml"))
    uri = client.open(str(path.relative_to(client.folder)), path.read_text())
    client.wait_idle()
    times: list[float] = []
    at = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": len("entity: Lo")}}
    for _ in range(setup.times(7, 3)):
        found = client.request(method, {**at, **params})
        if count(found or ()) < REFERRED_BY:
            raise RuntimeError(f"{method} answers with {count(found or ())} places instead of {REFERRED_BY}")
        times.append(client.answered_at - client.sent_at)
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    return times
