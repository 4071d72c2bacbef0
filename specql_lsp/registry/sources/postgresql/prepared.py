"""The statements of often repeated exchanges, prepared, so that the server neither parses nor plans them each time.

Only where the connection leads to one process of the server for as long as it lives. A pooler gives a process, and what
is prepared in it, to another client after each transaction; it is recognised by the process number, which it makes up
for its clients. Behind it, and where preparing or executing fails, the statements are sent as they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

import psycopg

from specql_lsp.registry.queries import query
from specql_lsp.registry.sources.postgresql.connection import BoundedConnection
from specql_lsp.registry.sources.postgresql.errors import is_lost

_WORTH = 3
"""With which use on a connection the statements are prepared; that takes two exchanges."""
_PLANNED = re.compile(rb"(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
_PARAMETER = re.compile(rb"%\((\w+)\)s")
_NUMBER = b"SELECT pg_catalog.pg_backend_pid()"


class Texts(NamedTuple):
    """A query file as statements that are prepared."""

    preparing: bytes
    executing: bytes
    """Takes the same values as the file."""


class PreparedQueries:
    """Which query files the session of one connection has prepared, in groups that are used together."""

    def __init__(self) -> None:
        self._uses: Counter[tuple[str, ...]] = Counter()
        self._is_possible = True
        self._made: dict[str, bytes] = {}

    def text(self, name: str) -> bytes:
        """What to send for a query file."""
        return self._made.get(name) or query(name)

    def has_prepared(self, *names: str) -> bool:
        """Whether query files are prepared; then the session keeps our limits, too."""
        return self._made.keys() >= set(names)

    def is_due(self, names: tuple[str, ...]) -> bool:
        """Counts one use of a group of query files; whether ``prepare`` is worth its two exchanges now."""
        self._uses[names] += 1
        return self._is_possible and self._uses[names] >= _WORTH and not self.has_prepared(*names)

    def prepare(
        self,
        connection: BoundedConnection,
        names: tuple[str, ...],
        limits: Mapping[str, Any],
        rollback: Callable[[], None],
    ) -> None:
        """Prepares query files, if the connection leads to one process of the server; its session gets our limits.

        Args:
            connection: the connection, outside of a transaction.
            names: the query files.
            limits: the values of ``begin.sql``.
            rollback: ends a transaction that has failed.

        Raises:
            psycopg.Error: the connection is lost.
        """
        self._is_possible = False
        if connection.execute(_NUMBER).fetchone() != (connection.info.backend_pid,):
            return
        texts = {name: prepared_texts(name) for name in names if name not in self._made}
        # Behind begin.sql: the names in the statements are looked up when they are prepared.
        parts = [query("begin"), *(each.preparing for each in texts.values()), query("keep_limits"), b"COMMIT"]
        try:
            connection.exchange(b";\n".join(parts), limits)
        except psycopg.Error as error:
            if connection.closed or is_lost(error):
                raise
            rollback()  # the statements as they are say what is wrong
            return
        self._made |= {name: each.executing for name, each in texts.items()}
        self._is_possible = True

    def gives_up(self, error: psycopg.Error) -> bool:
        """Whether an error may have come because something was prepared; then nothing is, from now on.

        A statement that somebody has deallocated (26000); one whose columns have other types now (0A000), or whose
        tables are not what they were (class 42).
        """
        state = error.sqlstate or ""
        if not self._made or not (state in {"26000", "0A000"} or state.startswith("42")):
            return False
        self._made, self._is_possible = {}, False
        return True


@cache
def prepared_texts(name: str) -> Texts:
    """A query file as texts that prepare it and execute it. What is not planned (SET, COMMIT) is executed as it is."""
    preparing, executing = [], []
    for number, statement in enumerate(part.strip() for part in query(name).split(b";\n")):
        if not _PLANNED.match(statement):
            executing.append(statement)
            continue
        parameters = list(dict.fromkeys(_PARAMETER.findall(statement)))
        text = statement
        for position, parameter in enumerate(parameters, 1):
            text = text.replace(b"%%(%s)s" % parameter, b"$%d" % position)
        # The name says the text: should another client get it nevertheless, it executes the same.
        called = f"specql_lsp_{name}_{number}_{sha256(text).hexdigest()[:12]}".encode()
        preparing.append(b"PREPARE %s AS %s" % (called, text))
        values = b"(%s)" % b", ".join(b"%%(%s)s" % parameter for parameter in parameters) if parameters else b""
        executing.append(b"EXECUTE " + called + values)
    return Texts(b";\n".join(preparing), b";\n".join(executing))
