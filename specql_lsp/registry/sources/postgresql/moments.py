"""Moments as PostgreSQL writes them: in ISO 8601, which ``begin.sql`` asks for, with any ``DateStyle``."""

from __future__ import annotations

from datetime import UTC, datetime

from psycopg.adapt import Loader

_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
_LATEST = datetime(9999, 12, 30, tzinfo=UTC)
"""A day from the limit, so that every time zone has them."""


class MomentLoader(Loader):
    """Reads a ``timestamptz``. psycopg's own goes by what the session's ``DateStyle`` is when the answer is read.

    ``infinity``, and what is beyond Python's years, is the first or the last day that Python has.
    """

    def load(self, data: bytes | bytearray | memoryview) -> datetime:
        """The moment that a text such as ``2026-01-31 12:00:00.5+01`` is."""
        text = bytes(data).decode()
        if text.startswith("-") or text.endswith("BC"):
            return _EARLIEST
        if text == "infinity" or text.find("-") > len("9999"):
            return _LATEST
        return datetime.fromisoformat(text)
