"""``python -m tests.benchmarks``: prints one table, and says how noisy the machine was."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks import (
    allocation,
    beside_yaml,
    checking,
    every_request,
    history,
    host,
    live,
    loading,
    many_codes,
    memory,
    requests,
    scale,
    stalls,
    start,
    team,
    views,
)
from tests.benchmarks.client import ROOT
from tests.benchmarks.setup import Setup
from tests.benchmarks.table import Row, save, table

MEASUREMENTS: dict[str, Callable[[Setup], Iterator[Row]]] = {
    "start": start.measure,
    "completion": requests.completion,
    "hover": requests.hover,
    "keystroke": checking.keystroke,
    "workspace": checking.workspace,
    "edit": host.edit,
    "scale": scale.measure,
    "views": views.measure,
    "every-request": every_request.measure,
    "beside-yaml": beside_yaml.measure,
    "stalls": stalls.measure,
    "yaml": loading.yaml,
    "postgresql": loading.postgresql,
    "consistency": loading.consistency,
    "check": loading.check,
    "live": live.measure,
    "team": team.measure,
    "memory": memory.peak,
    "growth": memory.growth,
    "allocation": allocation.measure,
    "rate": allocation.rate,
    "many-codes": many_codes.measure,
    "history": history.measure,
}


def main() -> int:
    """Measures what is asked for; 0, or 1 where something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="repeat less")
    parser.add_argument("--only", action="append", choices=MEASUREMENTS, metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout whose server is measured")
    parser.add_argument("--save", type=Path, help="write the figures to this file, as those of the checkout's commit")
    options = parser.parse_args()
    # A run that is ended from outside takes its servers with it, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(_machine(), flush=True)
    begin = time.monotonic()
    rows: list[Row] = []
    failed = False
    with Setup(quick=options.quick, root=options.root) as setup:
        for name in options.only or MEASUREMENTS:
            print(f"  measuring {name} ...", file=sys.stderr, flush=True)
            try:
                rows.extend(MEASUREMENTS[name](setup))
            except Exception as error:
                failed = True
                traceback.print_exc()
                rows.append(Row(name, ours=f"could not be measured: {type(error).__name__}"))
    print()
    print(table(rows))
    met = [row.met for row in rows if row.met is not None]
    print()
    print(f"{met.count(True)} of {len(met)} goals met, in {time.monotonic() - begin:.0f} s. {_load()}")
    print('Times are medians; the ratio is that of the medians of one run, both sides measured in turns. Where "cpu"')
    print("is far below the time, others used the machine meanwhile: goals in seconds are for 2 cores that are idle.")
    if options.save:
        save(rows, options.save, _commit(options.root), _machine())
    return int(failed)


def _commit(root: Path) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"pygls {version('pygls')}, lsprotocol {version('lsprotocol')}, psycopg {version('psycopg')}. {_load()}"
    )


def _load() -> str:
    return "Load average " + " ".join(f"{value:.2f}" for value in os.getloadavg()) + "."


if __name__ == "__main__":
    sys.exit(main())
