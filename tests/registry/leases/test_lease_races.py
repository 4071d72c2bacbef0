"""Several processes of one folder give out its leases at the same time."""

from __future__ import annotations

from pathlib import Path

from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.registry.leases.support import keeper, lease, registered, request
from tests.support.forks import start_script

PROCESSES = 4
EACH = 2
SCRIPT = """
import sys
from pathlib import Path
from specql_lsp.registry.requests import AllocationRequest
from specql_lsp.registry.service.lease_keeper import LeaseKeeper
from specql_lsp.registry.snapshot import Snapshot
from tests.registry.leases.support import Clocks
from tests.support.registries import small_registry

folder, number, each = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
keeper = LeaseKeeper(folder / "team", lambda: "host:5432/db", now=Clocks().now, state=folder / "state")
snapshot = small_registry()
print("ready", flush=True)
sys.stdin.readline()
for turn in range(each):
    for entity in (f"Own{number}{turn}", f"Shared{turn}"):
        taken = keeper.take(snapshot, AllocationRequest(entity, "crm", "customer"))
        print(entity, taken.table_code if taken else "none", flush=True)
"""


def test_processes_of_a_folder_never_give_one_code_to_two_entities(
    source: PostgresqlSource, leasing_url: str, tmp_path: Path
) -> None:
    """Nor two codes to one entity that all of them ask for."""
    anna = keeper(tmp_path)
    codes = lease(anna, source, PROCESSES * EACH + EACH + 2)
    processes = [start_script(SCRIPT, tmp_path, number, EACH) for number in range(PROCESSES)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    given: dict[str, str] = {}
    for process in processes:
        output, _ = process.communicate()
        assert process.returncode == 0
        for line in output.splitlines():
            entity, code = line.split()
            assert given.setdefault(entity, code) == code
    assert len(given) == PROCESSES * EACH + EACH
    assert len(set(given.values())) == len(given) and set(given.values()) <= set(codes)
    assert {each.table_code: each.entity for each in anna.held if each.entity is not None} == {
        code: entity for entity, code in given.items()
    }
    assert len(anna.usable()) == 2
    taken = anna.take(source.load(), request("Last"))
    assert taken is not None and taken.table_code not in given.values()
    assert set(given.values()).isdisjoint(registered(leasing_url))
