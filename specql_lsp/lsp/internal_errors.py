"""Counts the errors of the server's own, by the place where they were raised.

The server goes on after an unexpected exception, and logs it with its traceback. What is logged so is counted here, and
is in the performance report; a test fails by it (``tests/support/patient.py``).
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from traceback import walk_tb
from typing import Any, NamedTuple

MOST_PLACES = 100
"""Errors of further places are counted, but not listed."""
_PACKAGE = Path(__file__).parents[1]


class _Place(NamedTuple):
    error: str
    times: int
    last: datetime


class InternalErrors(logging.Handler):
    """A handler of the log that keeps counts only. Safe from any thread."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._counting = Lock()
        self._count = 0
        self._places: dict[str, _Place] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Counts a record that is about an exception."""
        error = error_of(record)
        if error is None:
            return
        place = place_of(error)
        with self._counting:
            self._count += 1
            known = self._places.get(place)
            if known is not None or len(self._places) < MOST_PLACES:
                count = known.times + 1 if known is not None else 1
                self._places[place] = _Place(type(error).__name__, count, datetime.now(UTC))

    def report(self) -> dict[str, Any]:
        """The counts as JSON, the most frequent place first; never an exception's text."""
        from specql_lsp.registry.serialization import timestamp  # the registry is imported after the start

        with self._counting:
            places = sorted(self._places.items(), key=lambda item: -item[1].times)
            return {
                "count": self._count,
                "byPlace": [
                    {"place": place, "error": error, "count": count, "lastAt": timestamp(last)}
                    for place, (error, count, last) in places
                ],
            }


def error_of(record: logging.LogRecord) -> Exception | None:
    """The unexpected exception that a record is about, if it is about one."""
    if record.levelno < logging.ERROR:
        return None
    error = record.exc_info[1] if record.exc_info else getattr(record, "error", None)
    return error if isinstance(error, Exception) else None


def place_of(error: Exception) -> str:
    """Where an exception was raised: the innermost line of this package, or, if there is none, of all."""
    place = "unknown"
    is_ours = False
    for frame, line in walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        inside = path.is_relative_to(_PACKAGE)
        if inside or not is_ours:
            shown = path.relative_to(_PACKAGE.parent).as_posix() if inside else path.name
            place = f"{shown}:{line} in {frame.f_code.co_name}"
        is_ours = is_ours or inside
    return place
