"""Attributes that are worked out once: what one thread works out, no other waits for."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from specql_lsp.lazily import lazily
from tests.support.patience import PATIENCE


class Thing:
    """Works its value out with a function of the test."""

    def __init__(self, work_out: Callable[[], object]) -> None:
        self._work_out = work_out

    @lazily
    def value(self) -> object:
        """The value."""
        return self._work_out()


def in_thread(run: Callable[[], object]) -> tuple[threading.Thread, list[Any]]:
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(run()), daemon=True)
    thread.start()
    return thread, answers


def test_no_thread_waits_for_what_another_works_out() -> None:
    """With one lock for all instances the second thread would be at its end only after the first."""
    began, may_end = threading.Event(), threading.Event()

    def slow() -> str:
        began.set()
        assert may_end.wait(PATIENCE)
        return "slow"

    shared = Thing(slow)
    first, slow_answers = in_thread(lambda: shared.value)
    try:
        assert began.wait(PATIENCE)
        second, quick_answers = in_thread(lambda: Thing(lambda: "quick").value)
        second.join(PATIENCE)
        assert quick_answers == ["quick"]
        assert slow_answers == []
    finally:
        may_end.set()
        first.join(PATIENCE)
    assert slow_answers == ["slow"]


def test_all_threads_get_the_value_that_was_kept_first() -> None:
    both = threading.Barrier(2)

    def work_out() -> object:
        both.wait(PATIENCE)
        return object()

    shared = Thing(work_out)
    threads, answers = zip(*[in_thread(lambda: shared.value) for _ in range(2)], strict=True)
    for thread in threads:
        thread.join(PATIENCE)
    assert answers[0][0] is answers[1][0] is shared.value


def test_it_is_worked_out_once_and_can_be_set() -> None:
    calls: list[int] = []
    thing = Thing(lambda: calls.append(1) or len(calls))
    assert (thing.value, thing.value, calls) == (1, 1, [1])
    thing.value = 7
    assert (thing.value, calls) == (7, [1])
    other = Thing(lambda: "never")
    other.value = 8
    assert other.value == 8
    assert Thing.value.__doc__ == "The value."


def test_a_failure_is_not_kept() -> None:
    answers = iter([ValueError("no"), "yes"])

    def work_out() -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    thing = Thing(work_out)
    with pytest.raises(ValueError, match="no"):
        _ = thing.value
    assert thing.value == "yes"


def test_frozen_dataclasses_have_them() -> None:
    @dataclass(frozen=True)
    class Frozen:
        number: int

        @lazily
        def double(self) -> int:
            return 2 * self.number

    frozen = Frozen(3)
    assert frozen.double == frozen.double == 6


@pytest.mark.parametrize(
    "text", ["from functools import cached_property\n", "import functools\n\nx = functools.cached_property\n"]
)
def test_the_lint_forbids_the_one_with_a_lock(text: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--stdin-filename", "specql_lsp/example.py", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    assert "TID251" in done.stdout and "specql_lsp.lazily" in done.stdout, done.stdout + done.stderr
