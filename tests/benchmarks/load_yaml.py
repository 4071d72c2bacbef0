"""Loads a registry YAML once and tells how long it took: ``python -m tests.benchmarks.load_yaml ours|libyaml PATH``."""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def _ours(path: Path) -> Callable[[], int]:
    from specql_lsp.registry.sources.yaml.source import YamlSource

    gc.disable()  # as cli/serve.py
    return lambda: YamlSource(path).load().entity_count


def _libyaml(path: Path) -> Callable[[], int]:
    import yaml

    def load() -> int:
        document = yaml.load(path.read_text(), yaml.CSafeLoader)
        subdomains = [s for domain in document["domains"].values() for s in domain["subdomains"].values()]
        return sum(len(subdomain["entities"]) for subdomain in subdomains)

    return load


def main() -> None:
    """Imports first, then measures."""
    load = {"ours": _ours, "libyaml": _libyaml}[sys.argv[1]](Path(sys.argv[2]))
    begin, used = time.perf_counter(), time.process_time()
    entities = load()
    seconds, cpu = time.perf_counter() - begin, time.process_time() - used
    print(json.dumps({"seconds": seconds, "cpu": cpu, "entities": entities}))


if __name__ == "__main__":
    main()
