"""No test passes or fails by how fast the machine is: none reads a clock, has little patience, or sleeps for a proof.

What waits goes by ``tests/support/patience.py``; how long things take is measured by ``tests/benchmarks``.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
APART = (TESTS / "benchmarks", TESTS / "demo", TESTS / "support" / "patience.py")
CLOCKS = {
    name + suffix
    for name in ("monotonic", "perf_counter", "process_time", "thread_time", "time", "clock_gettime")
    for suffix in ("", "_ns")
}
"""The functions of the module ``time`` that say what time it is."""
WAITING = {"result", "join", "communicate", "wait", "wait_for", "wait_procs", "run", "check_output", "acquire", "get"}
"""The calls whose number is the end of patience."""
LITTLE = 60
"""No patience is shorter, in seconds."""
LONGEST_PAUSE = 0.1
"""The longest pause between two looks, in seconds. That nothing comes is shown by what comes after it."""


def complaints(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line of each thing that depends on the machine's speed, and what it is."""
    polls = {
        id(call)
        for loop in ast.walk(tree)
        if isinstance(loop, ast.While)
        for call in ast.walk(loop.test)
        if isinstance(call, ast.Call)
    }
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module="time", names=names) if read := {each.name for each in names} & CLOCKS:
                yield node.lineno, f"reads the clock {', '.join(sorted(read))}"
            case ast.Attribute(value=ast.Name(id="time"), attr=name) if name in CLOCKS:
                yield node.lineno, f"reads the clock {name}"
            case ast.Call(func=ast.Attribute(value=ast.Call(), attr="time")):
                yield node.lineno, "reads the event loop's clock"
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if (
                name in WAITING and id(node) not in polls
            ):
                if any(_is_little(value) for value in _limits(node, name)):
                    yield node.lineno, f"has little patience in {name}()"
            case ast.Call(
                func=ast.Attribute(attr="sleep") | ast.Name(id="sleep"), args=[ast.Constant(value=seconds)]
            ) if seconds > LONGEST_PAUSE:
                yield node.lineno, f"takes a pause of {seconds} s for a proof that nothing comes"
            case ast.keyword(arg="deadline", value=value) if not _is_none(value):
                yield value.lineno, "judges how long an example takes"


def _limits(call: ast.Call, name: str) -> Iterator[ast.expr]:
    """What a call may have as its limit of time."""
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "timeout")
    if name in {"result", "join", "wait"} and len(call.args) == 1:
        yield call.args[0]
    if name == "wait_for" and len(call.args) == 2:
        yield call.args[1]


def _is_little(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, int | float) and 0 < value.value < LITTLE


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def test_no_test_depends_on_how_fast_the_machine_is() -> None:
    found = [
        f"{path.relative_to(TESTS)}:{line}: {what}"
        for path in sorted(TESTS.rglob("*.py"))
        if path not in APART and not any(folder in path.parents for folder in APART)
        for line, what in complaints(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "complained"),
    [
        ("import time\ntime.sleep(1)", True),
        ("await asyncio.sleep(0.5)", True),
        ("await asyncio.sleep(0.02)", False),
        ("await asyncio.sleep(self._pause)", False),
        ("from time import monotonic", True),
        ("import time\nassert time.perf_counter() - began < 1", True),
        ("asyncio.get_running_loop().time()", True),
        ("future.result(5)", True),
        ("process.communicate(timeout=10)", True),
        ("await asyncio.wait_for(answer, 2.5)", True),
        ("settings(deadline=200)", True),
        ("future.result(PATIENCE)", False),
        ("while not stopped.wait(0.05):\n    pass", False),
        ("process.wait(0)", False),
        ("settings(deadline=None)", False),
        ("', '.join(names)", False),
    ],
)
def test_what_is_complained_of(text: str, complained: bool) -> None:
    assert bool(list(complaints(ast.parse(textwrap.dedent(text))))) is complained
