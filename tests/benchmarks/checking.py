"""Diagnostics: after the last keystroke, and of a whole workspace when it is opened."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.benchmarks.client import OURS, TIMEOUT, Message
from tests.benchmarks.data import FAULT, LARGE, SMALL, long_entity
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, both, median, ms, spread

KEYSTROKE_GOAL = 0.060
EDIT_CPU_GOAL = 0.005
WORKSPACE_GOAL = 1.5
BURST = 8


def keystroke(setup: Setup) -> Iterator[Row]:
    """In a file of 2,000 lines: from the last of a burst of keystrokes to its diagnostics, and what one edit costs."""
    with setup.client(OURS, setup.workspace(LARGE)) as client:
        client.initialize()
        client.initialized()
        client.wait_for_registry(LARGE)
        uri = client.open("entities/domain_2/long.yaml", long_entity())
        client.diagnostics_of(uri, 1)
        version = 1

        def type_letter() -> None:
            nonlocal version
            version += 1
            client.insert(uri, version, 2, len("description: typing here"), "x")

        times: list[float] = []
        used = client.cpu()
        for _ in range(setup.times(30, 10)):
            for _ in range(BURST):
                type_letter()
                time.sleep(0.02)
            type_letter()
            client.diagnostics_of(uri, version)
            times.append(client.answered_at - client.sent_at)
        burst = (client.cpu() - used) / len(times)
        client.wait_idle()
        count = setup.times(60, 20)
        used = client.cpu()
        for _ in range(count):
            type_letter()
            client.diagnostics_of(uri, version)
        edit = (client.cpu() - used) / count
    yield Row(
        "last keystroke -> diagnostics, 2,000 lines",
        "debounce 50.0 ms",
        f"{both(times)}, cpu {ms(burst)} a burst of {BURST + 1}",
        None,
        "<= 60 ms",
        median(times) <= KEYSTROKE_GOAL,
    )
    yield Row(
        "  an edit alone, parsed, checked and published: processor time",
        ours=ms(edit),
        goal="<= 5 ms",
        met=edit <= EDIT_CPU_GOAL,
    )


def workspace(setup: Setup) -> Iterator[Row]:
    """From ``initialized`` until the finding of every file has come; the registry is read meanwhile."""
    base: float | None = None
    for files, entities in ((1_000, SMALL), (1_000, LARGE), (4_000, SMALL)):
        runs = [_opened(setup, entities, files) for _ in range(setup.times(2, 1))]
        times = [seconds for seconds, _ in runs]
        middle, used = median(times), median([cpu for _, cpu in runs])
        what = f"opening {files:,} entity files, registry of {entities:,}, all checked"
        row = Row(what, ours=f"{spread(times)}, cpu {ms(used)}")
        if files == 1_000:
            yield Row(row.what, ours=row.ours, goal="<= 1.5 s", met=middle <= WORKSPACE_GOAL)
            base = base or middle
        else:
            assert base is not None
            linear = files / 1_000 * base
            goal = "<= 1.2 x linear"
            yield Row(row.what, f"{ms(linear)} if linear", row.ours, middle / linear, goal, middle <= 1.2 * linear)


def _opened(setup: Setup, entities: int, files: int) -> tuple[float, float]:
    """The seconds that it took, and the processor's seconds among them (more than one thread works)."""
    with setup.client(OURS, setup.workspace(entities, files)) as client:
        client.initialize()
        used = client.cpu()
        begin = client.initialized()
        missing = {path.as_uri() for path in client.folder.glob("entities/**/*.yaml")}
        if len(missing) != files:
            raise RuntimeError(f"{len(missing)} files instead of {files}")

        def last_has_come(message: Message) -> bool:
            if message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                if any(diagnostic["code"] == FAULT for diagnostic in params["diagnostics"]):
                    missing.discard(params["uri"])
            return not missing

        client.wait_for(last_has_come, TIMEOUT)
        return client.answered_at - begin, client.cpu() - used
