"""Codes for 200 entities in one go."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from specql_lsp.registry.client import open_registry
from specql_lsp.registry.requests import Allocation, AllocationRequest
from tests.benchmarks.allocation import registry_with_room
from tests.benchmarks.client import OURS
from tests.benchmarks.data import SMALL, write_workspace
from tests.benchmarks.rate_writer import DOMAIN, SUBDOMAINS
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, both, median

MANY = 200
SECONDS = 1.0
_COMMAND = "specql.allocateMissingCodes"


def measure(setup: Setup) -> Iterator[Row]:
    """Codes for 200 entities: by the client library, and for 200 files of a workspace in the language server."""
    library, command = list[float](), list[float]()
    for _ in range(setup.times(5, 2)):
        library.append(_by_library(setup))
        command.append(_by_command(setup))
    for what, seconds in (("allocate_all", library), (f"{_COMMAND}, {MANY} files, with the edit", command)):
        yield Row(
            f"{MANY} missing codes in one go, every commit on the disk, {what}",
            ours=both(seconds),
            goal=f"<= {SECONDS:.0f} s",
            met=median(seconds) <= SECONDS,
        )


def _by_library(setup: Setup) -> float:
    url = registry_with_room(setup.durable_postgres)
    with open_registry(url, backend="postgresql", environment={}) as opened:
        requests = [AllocationRequest(f"Many{n:03d}", DOMAIN, f"{n % SUBDOMAINS + 1:X}") for n in range(MANY)]
        begin = time.perf_counter()
        answers = opened.allocate_all(requests)
        seconds = time.perf_counter() - begin
    if len({answer.table_code for answer in answers if isinstance(answer, Allocation)}) != MANY:
        raise RuntimeError("not every entity got a code")
    setup.durable_postgres.drop_database(url)
    return seconds


def _by_command(setup: Setup) -> float:
    url = registry_with_room(setup.durable_postgres)
    with TemporaryDirectory(prefix="specql-bench-") as name:
        folder = _workspace(Path(name).resolve() / "workspace")
        with setup.client(OURS, folder, url, capabilities={"workspace": {"applyEdit": True}}) as client:
            client.initialize()
            client.initialized()
            client.wait_for_registry(SMALL, "postgresql")
            answer = client.request("workspace/executeCommand", {"command": _COMMAND, "arguments": [{}]})
            seconds = client.answered_at - client.sent_at
    if len(answer["allocated"]) != MANY:
        raise RuntimeError(f"{len(answer['allocated'])} of {MANY} files got a code")
    setup.durable_postgres.drop_database(url)
    return seconds


def _workspace(folder: Path) -> Path:
    """A workspace in which as many files have no code, in every subdomain of the domain with room."""
    write_workspace(folder, SMALL)
    (folder / "entities").mkdir()
    for number in range(MANY):
        (folder / "entities" / f"many_{number:03d}.yaml").write_text(
            f"entity: Many{number:03d}\nschema: roomy\norganization:\n  subdomain: part_{number % SUBDOMAINS + 1}\n"
            "fields:\n  name: text!\n"
        )
    return folder
