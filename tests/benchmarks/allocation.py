"""Eight processes that allocate in the same domain at once."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psycopg

from specql_lsp.registry.client import open_registry
from tests.benchmarks.client import ROOT, environment
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, both

WRITERS = 8
EACH = 10
SUBDOMAINS = 8
"""Ten of the fifteen codes of each are asked for, by all writers at once."""


def measure(setup: Setup) -> Iterator[Row]:
    """Distinct codes, stored registrations and errors of 8 writers with 10 allocations each."""
    url = setup.new_database()
    with open_registry(url, backend="postgresql", environment={}) as registry:
        registry.register_domain("2", "crm")
        for number in range(1, SUBDOMAINS + 1):
            registry.register_subdomain("2", f"{number:02X}", f"part_{number}")
    answers, seconds = _written(url)
    results = [result for answer in answers for result in answer["results"]]
    codes = [result["code"] for result in results if "code" in result]
    errors = [result["error"] for result in results if "error" in result]
    with psycopg.connect(url) as connection:
        stored = {row[0] for row in connection.execute("SELECT table_code FROM specql_registry.tb_entity_registration")}
    wanted = WRITERS * EACH
    for error in sorted(set(errors)):
        print(f"(allocation refused: {error})")
    yield Row(
        f"{WRITERS} writers x {EACH} allocations, one domain",
        "SpecQL: 13 distinct, 0 stored",
        f"{len(set(codes))} distinct, {len(stored & set(codes))} stored, {len(errors)} errors",
        None,
        f"{wanted} distinct, stored, 0 errors",
        len(set(codes)) == len(stored & set(codes)) == wanted and not errors,
    )
    each = [result["seconds"] for result in results]
    yield Row("  one allocation among them", ours=f"{both(each)}; all in {seconds:.2f} s")


def _written(url: str) -> tuple[list[dict[str, Any]], float]:
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.writer", str(number), str(EACH), str(SUBDOMAINS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment(url),
            text=True,
        )
        for number in range(WRITERS)
    ]
    try:
        for writer in writers:  # all are ready before the first begins
            assert writer.stdout is not None
            if writer.stdout.readline() != "ready\n":
                raise RuntimeError("a writer could not open the registry")
        begin = time.perf_counter()
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        answers = [json.loads(writer.communicate(timeout=60)[0]) for writer in writers]
        return answers, time.perf_counter() - begin
    finally:
        for writer in writers:
            if writer.poll() is None:
                writer.kill()
            writer.communicate()
