"""From the process's start to the answer of ``initialize``, and to the first diagnostics that mean something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.benchmarks.client import EMPTY, OURS, Message
from tests.benchmarks.data import FAULT, SMALL
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, median, spread

INITIALIZE_GOAL = 0.25
DIAGNOSTICS_GOAL = 0.8


def measure(setup: Setup) -> Iterator[Row]:
    """Empty and ours in turns, so that both meet the same noise."""
    empty: list[float] = []
    answered: list[float] = []
    diagnosed: list[float] = []
    for repetition in range(setup.times(12, 10) + 1):
        for module in (EMPTY, OURS) if repetition % 2 else (OURS, EMPTY):
            answer, diagnostics = _started(setup, module)
            if repetition and module is OURS:  # the first run reads the disk
                answered.append(answer)
                diagnosed.append(diagnostics)
            elif repetition:
                empty.append(answer)
    for what, times, goal in (
        ("spawn -> initialize answered", answered, INITIALIZE_GOAL),
        ("spawn -> diagnostics of the opened file, the registry read", diagnosed, DIAGNOSTICS_GOAL),
    ):
        ratio = median(times) / median(empty)
        yield Row(
            what,
            f"initialize {spread(empty)}",
            spread(times),
            ratio,
            f"<= {goal} x empty server's initialize",
            ratio <= goal,
        )


def _started(setup: Setup, module: Sequence[str]) -> tuple[float, float]:
    """The seconds to the answer of ``initialize``, and those to the opened file's finding, which needs the registry."""
    with setup.client(module, setup.workspace(SMALL, 1)) as client:
        seconds = client.initialize()
        if module is EMPTY:
            return seconds, 0.0
        client.initialized()
        path = next(client.folder.glob("entities/**/*.yaml"))
        uri = client.open(str(path.relative_to(client.folder)), path.read_text())

        def has_come(message: Message) -> bool:
            if message.get("method") != "textDocument/publishDiagnostics" or message["params"]["uri"] != uri:
                return False
            return any(diagnostic["code"] == FAULT for diagnostic in message["params"]["diagnostics"])

        client.wait_for(has_come)
        return seconds, client.answered_at - client.spawned_at
