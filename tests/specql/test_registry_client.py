"""SpecQL's own registry client (of its beta line: 0.9.2 has none) goes on registering after ``registry install``."""

from __future__ import annotations

import subprocess

import psycopg

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.postgresql.install import install
from tests.specql.beta import BETA
from tests.specql.reference import INTERPRETER
from tests.support.registries import small_registry
from tests.support.sources import postgresql_source

CLIENT = """
import sys, types
from pathlib import Path

beta, url = sys.argv[1:]
sys.path.insert(0, beta)
for name in ("src.infrastructure", "src.infrastructure.repositories"):  # their packages need Docker's parsers
    package = types.ModuleType(name)
    package.__path__ = [str(Path(beta, *name.split(".")))]
    sys.modules[name] = package
from src.infrastructure.repositories.postgresql_domain_repository import PostgreSQLDomainRepository

registry = PostgreSQLDomainRepository(url)
crm = registry.get("02")
crm.description = "By SpecQL"
crm.subdomains["03"].subdomain_name = "client"
crm.subdomains["03"].next_entity_sequence += 1
registry.save(crm)
registry.save(registry.get("02"))
print(len(registry.list_all()), sorted(registry.get("02").subdomains["03"].entities))
"""


def test_it_saves_a_domain_and_each_change_is_recorded_once(database_url: str) -> None:
    source = postgresql_source(database_url)
    # The beta line's client wants two digits.
    migrate(Snapshot([each._replace(number=f"0{each.number}") for each in small_registry().domains]), source)
    source.close()
    install(RegistrySettings(database_url=database_url))
    done = subprocess.run(
        [INTERPRETER, "-I", "-c", CLIENT, str(BETA), database_url], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "3 ['Account', 'Company', 'Contact']\n"
    with psycopg.connect(database_url) as connection:
        events = connection.execute(
            "SELECT action, domain_number, subdomain_number, after->>'next_entity_sequence'"
            " FROM specql_registry_lsp.tb_event ORDER BY id"
        ).fetchall()
    assert events == [("domain-changed", "02", None, None), ("subdomain-renamed", "02", "03", "6")]
