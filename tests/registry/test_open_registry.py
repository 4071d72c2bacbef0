"""``open_registry``: the registry for scripts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from specql_lsp.registry import open_registry
from specql_lsp.registry.refusals import RefusalKind, Refused
from tests.registry.yaml_texts import SMALL


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SPECQL_DB_URL", "SPECQL_REPOSITORY_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def registry_yaml(tmp_path: Path) -> Path:
    path = tmp_path / "registry" / "domain_registry.yaml"
    path.parent.mkdir()
    path.write_text(SMALL)
    return path


def test_the_whole_way(database_url: str, registry_yaml: Path) -> None:
    with open_registry(database_url) as registry:
        assert registry.status["source"] == "postgresql"
        assert registry.domains() == ()
        assert registry.register_domain("2", "crm", "Customers", multi_tenant=True).name == "crm"
        assert registry.register_subdomain("2", "03", "customer", "People").number == "03"
        allocation = registry.allocate("crm", "customer", "Contact")
        assert (allocation.table_code, allocation.entity_code, allocation.created) == ("012031", "CON", True)
        assert registry.domain("CRM").subdomains[0].entities[0].name == "Contact"
        assert registry.domain("2") == registry.domains()[0]
        report = registry.check_consistency()
        assert report["consistent"] is True
        assert report["summary"] == {
            "postgresqlDomains": 1,
            "yamlDomains": 1,
            "entitiesChecked": 1,
            "discrepancies": 0,
        }
        performance = registry.performance_report()
        assert performance["byOperation"]["registry.allocate"]["queries"] == 1
        assert performance["failed"] == 0
        assert performance["cache"]["hits"] > 0
    registry.close()


def test_refusals_are_typed(database_url: str, registry_yaml: Path) -> None:
    with open_registry(database_url) as registry:
        with pytest.raises(Refused) as refused:
            registry.domain("nowhere")
        assert refused.value.kind is RefusalKind.UNKNOWN_DOMAIN
        with pytest.raises(Refused) as refused:
            registry.allocate("nowhere", None, "Contact")
        assert refused.value.kind is RefusalKind.UNKNOWN_DOMAIN


def test_the_yaml_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(SMALL)
    for given in ("other.yaml", path):
        with open_registry(yaml_path=given) as registry:
            assert registry.status["source"] == "yaml"
            assert [d.name for d in registry.domains()] == ["crm"]
            with pytest.raises(Refused) as refused:
                registry.allocate("crm", None, "Contact")
            assert refused.value.kind is RefusalKind.REGISTRY_READ_ONLY
            with pytest.raises(Refused) as refused:
                registry.check_consistency()
            assert refused.value.kind is RefusalKind.REGISTRY_UNAVAILABLE


def test_nothing_is_not_empty() -> None:
    with open_registry() as registry:
        assert registry.status["source"] == "none"
        assert registry.status["domains"] is None
        with pytest.raises(Refused) as refused:
            registry.domains()
        assert refused.value.kind is RefusalKind.REGISTRY_UNAVAILABLE


def test_the_environment(database_url: str, registry_yaml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECQL_DB_URL", database_url)
    with open_registry() as registry:
        assert registry.status["source"] == "postgresql"
    monkeypatch.setenv("SPECQL_REPOSITORY_BACKEND", "yaml")
    with open_registry() as registry:
        assert registry.status["source"] == "yaml"
    with open_registry(backend=None) as registry:
        assert registry.status["source"] == "yaml"
    with open_registry(backend="postgresql") as registry:
        assert registry.status["source"] == "postgresql"
    with open_registry(database_url) as registry:
        assert registry.status["source"] == "postgresql"
    with open_registry(backend="in_memory") as registry:
        assert registry.status["source"] == "in_memory"
        assert registry.status["writable"] is True


def test_an_unknown_backend() -> None:
    with pytest.raises(ValueError, match="oracle"):
        open_registry(backend="oracle")


def test_writes_of_others_are_seen_after_a_refresh(database_url: str) -> None:
    with open_registry(database_url) as registry, psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO specql_registry.tb_domain (domain_number, domain_name) VALUES ('1', 'core')")
        registry.refresh()
        assert registry.domain("core").number == "1"


def test_importing_the_package_is_cheap() -> None:
    code = (
        "import sys, specql_lsp.registry; "
        "print([m for m in ('psycopg', 'tree_sitter', 'ruamel', 'cachetools') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
