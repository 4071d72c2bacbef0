"""One of the writers of ``rate``: ``python -m tests.benchmarks.rate_writer KIND NUMBER EACH``.

``ours`` allocates through the registry's client; ``bare`` makes the same two changes in a psycopg transaction, with
codes that it knows beforehand. Takes the URL from SPECQL_DB_URL, says ``ready``, waits for a line, writes, and prints
the codes as a JSON array.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from specql_lsp.registry.client import open_registry

DOMAIN = "A"
SUBDOMAINS = 15
"""Numbered with one digit, so that each holds 255 codes."""
Write = Callable[[int], str]


@contextmanager
def _ours(number: int) -> Iterator[Write]:
    with open_registry() as registry:
        yield lambda turn: registry.allocate(DOMAIN, _subdomain(number, turn), f"New{number}x{turn}").table_code


@contextmanager
def _bare(number: int) -> Iterator[Write]:
    with psycopg.connect(os.environ["SPECQL_DB_URL"], autocommit=True) as connection:
        keys = dict(
            connection.execute(
                "SELECT s.subdomain_number, s.pk_subdomain FROM specql_registry.tb_subdomain s"
                " JOIN specql_registry.tb_domain d ON d.pk_domain = s.fk_domain WHERE d.domain_number = %s",
                [DOMAIN],
            ).fetchall()
        )

        def write(turn: int) -> str:
            subdomain = _subdomain(number, turn)
            sequence = number * 32 + turn // SUBDOMAINS + 1
            code = f"01{DOMAIN}{subdomain}{sequence:02X}"
            with connection.transaction():
                connection.execute(
                    "INSERT INTO specql_registry.tb_entity_registration"
                    " (fk_subdomain, entity_name, table_code, entity_sequence) VALUES (%s, %s, %s, %s)",
                    [keys[subdomain], f"New{number}x{turn}", code, sequence],
                )
                connection.execute(
                    "UPDATE specql_registry.tb_subdomain"
                    " SET next_entity_sequence = greatest(next_entity_sequence, %s) WHERE pk_subdomain = %s",
                    [sequence + 1, keys[subdomain]],
                )
            return code

        yield write


def _subdomain(number: int, turn: int) -> str:
    """Every writer begins elsewhere, and all meet in every subdomain."""
    return f"{(turn + 2 * number) % SUBDOMAINS + 1:X}"


def main() -> None:
    """Writes in every subdomain in turn."""
    kind, number, each = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with {"ours": _ours, "bare": _bare}[kind](number) as write:
        write(each)  # the first one opens what is opened once
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps([write(turn) for turn in range(each)]), flush=True)


if __name__ == "__main__":
    main()
