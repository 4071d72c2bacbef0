"""``pytest --costs=N``: the N tests, and the N files, that cost most processor time, and how many processes they start.

How long a test takes on the clock depends on what else the machine does; what it costs does so by a small factor only.
The cost of a test is the processor time of this process and of all its descendants, PostgreSQL among them, from the
test's set-up to its tear-down. What a fixture of a module or of the session costs is counted for the test that asks for
it first.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import defaultdict
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_PROPERTY = "cost"
_STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn"}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a test costs: processor seconds, and processes that it started itself."""

    seconds: float = 0.0
    processes: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.seconds + other.seconds, self.processes + other.processes)


class Costs:
    """The plugin: measures every test in the process that runs it, and reports in the one that started that.

    Args:
        most: how many tests and files the report lists.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._begun = Cost()
        self._costs: dict[str, Cost] = defaultdict(Cost)
        sys.addaudithook(self._count)

    def _count(self, event: str, _arguments: tuple[object, ...]) -> None:
        if event in _STARTS:
            self._started += 1

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Measures a test with its set-up and its tear-down."""
        self._begun = Cost(_used(), self._started)
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Adds the cost to the last report of a test, which goes to the process that prints the summary."""
        report = yield
        if call.when == "teardown":
            cost = (_used() - self._begun.seconds, self._started - self._begun.processes)
            report.user_properties = [(_PROPERTY, cost)]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes the cost of a test that has ended here or in another process."""
        if report.when == "teardown":
            for name, value in report.user_properties:
                if name == _PROPERTY and isinstance(value, tuple | list):
                    self._costs[report.nodeid] += Cost(*value)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Prints both lists."""
        by_file: dict[str, Cost] = defaultdict(Cost)
        tests: dict[str, int] = defaultdict(int)
        for test, cost in self._costs.items():
            file = test.split("::", 1)[0]
            by_file[file] += cost
            tests[file] += 1
        total = sum(by_file.values(), Cost())
        write = terminalreporter.write_line
        terminalreporter.section(f"cost: {total.seconds:.0f} s of processor time, {total.processes} processes")
        for file, cost in _most_expensive(by_file, self._most):
            write(f"{cost.seconds:8.2f} s {cost.processes:5} processes {tests[file]:5} tests  {file}")
        write("")
        for test, cost in _most_expensive(self._costs, self._most):
            write(f"{cost.seconds:8.2f} s {cost.processes:5} processes  {test}")


def _used() -> float:
    """The processor seconds of this process and of all its descendants until now.

    There are thousands of tests: the kernel is asked for what has started what, not for every process that there is.
    Where there is no /proc, those that still run are left out.
    """
    own = os.times()
    total = own.user + own.system + own.children_user + own.children_system
    for process in _descendants(os.getpid()):
        with contextlib.suppress(OSError):  # ended: counted among our children's, now or a little later
            # proc(5): the name in brackets may hold anything; utime, stime, cutime and cstime are the fields 14 to 17.
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


def _descendants(process: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            for child in map(int, (thread / "children").read_text().split()):
                yield child
                yield from _descendants(child)


def _most_expensive(costs: dict[str, Cost], most: int) -> list[tuple[str, Cost]]:
    return sorted(costs.items(), key=lambda entry: -entry[1].seconds)[:most]
