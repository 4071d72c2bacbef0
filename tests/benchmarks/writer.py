"""One of the writers: ``python -m tests.benchmarks.writer NUMBER EACH SUBDOMAINS``, the database in SPECQL_DB_URL.

Says ``ready``, waits for a line, allocates, and prints what came of it as one JSON document.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from specql_lsp.registry.client import open_registry
from specql_lsp.registry.refusals import Refused


def main() -> None:
    """Allocates in every subdomain in turn."""
    number, each, subdomains = (int(argument) for argument in sys.argv[1:4])
    results: list[dict[str, Any]] = []
    with open_registry() as registry:
        print("ready", flush=True)
        sys.stdin.readline()
        for turn in range(each):
            begin = time.perf_counter()
            try:
                subdomain = f"{turn % subdomains + 1:02X}" if turn < subdomains else f"{number % subdomains + 1:02X}"
                result = {"code": registry.allocate("2", subdomain, f"Entity{number}x{turn}").table_code}
            except Refused as refusal:
                result = {"error": f"{refusal.kind.value}: {refusal.message}"}
            results.append({**result, "seconds": time.perf_counter() - begin})
    print(json.dumps({"results": results}), flush=True)


if __name__ == "__main__":
    main()
