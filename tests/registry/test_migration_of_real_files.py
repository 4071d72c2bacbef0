"""Real registries migrate with nothing lost, or are refused at every line that contradicts."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.consistency.comparison import compare, compare_all
from specql_lsp.registry.migration.migrate import Migration, MigrationRefused, migrate_file
from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.sources.postgresql.install import install
from specql_lsp.registry.sources.yaml.source import RegistryFileMissingError, YamlSource
from tests.registry.migration_support import GOOD, problems
from tests.support.corpus import REGISTRIES, name_of
from tests.support.exports import exported
from tests.support.sources import postgresql_source
from tests.support.workspaces import FIXTURE, REGISTRY


@pytest.mark.parametrize("installed", [False, True], ids=["without the index", "with the index"])
@pytest.mark.parametrize("path", REGISTRIES, ids=name_of)
def test_real_registries_migrate_with_nothing_lost(database_url: str, path: Path, *, installed: bool) -> None:
    if installed:
        assert install(RegistrySettings(database_url=database_url)).obstacles == ()
    source = postgresql_source(database_url)
    yaml = YamlSource(path).load()
    expected = Migration(len(yaml.domains), yaml.subdomain_count, yaml.entity_count)
    assert migrate_file(path, source, dry_run=True) == expected
    assert source.load().domains == ()
    assert migrate_file(path, source) == expected
    written = source.load()
    assert compare_all(written, yaml) == ()
    assert migrate_file(path, source) == Migration()
    assert source.load() is written
    source.close()


@pytest.mark.parametrize("path", REGISTRIES, ids=name_of)
def test_real_registries_that_contradict_one_another_are_refused_at_every_line(
    database_url: str, tmp_path: Path, path: Path
) -> None:
    source = postgresql_source(database_url)
    for first in REGISTRIES:
        with psycopg.connect(database_url) as connection:
            connection.execute("TRUNCATE specql_registry.tb_domain CASCADE")
        migrate_file(first, source)
        differing = [d for d in compare(source.load(), YamlSource(path).load()) if d.attribute is not None]
        if not differing:
            continue
        found = problems(path.read_text(encoding="utf-8"), database_url, tmp_path)
        assert sorted(p.message for p in found) == sorted(d.message for d in differing)
        lines = path.read_text(encoding="utf-8").split("\n")
        for problem in found:
            assert problem.line is not None and problem.column is not None
            assert lines[problem.line - 1][problem.column - 1 :].strip()
    source.close()


def test_files_that_cannot_be_read_at_all(database_url: str, tmp_path: Path) -> None:
    source = postgresql_source(database_url)
    with pytest.raises(RegistryFileMissingError, match=r"The registry file the\.yaml does not exist"):
        migrate_file(tmp_path / "none.yaml", source, name="the.yaml")
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"domains:\n  '1': {name: caf\xe9}\n")
    with pytest.raises(SourceUnavailableError, match=r"is not UTF-8 \(line 2\)"):
        migrate_file(path, source)
    source.close()


def test_windows_line_endings_and_a_byte_order_mark(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").replace("'012032'", "012032").encode())
    source = postgresql_source(database_url)
    with pytest.raises(MigrationRefused) as caught:
        migrate_file(path, source)
    assert [(p.line, p.column) for p in caught.value.findings] == [(14, 20)]
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert migrate_file(path, source) == Migration(1, 1, 2)
    source.close()


@pytest.mark.parametrize("path", [*REGISTRIES, FIXTURE / REGISTRY], ids=name_of)
def test_an_export_after_a_migration_changes_no_line(database_url: str, tmp_path: Path, path: Path) -> None:
    text = path.read_bytes().decode()
    source = postgresql_source(database_url)
    assert migrate_file(path, source) != Migration()
    assert exported(source.load(), text) == text
    # A new file holds the same, so that it migrates with nothing to add.
    fresh = tmp_path / "fresh.yaml"
    fresh.write_bytes(exported(source.load(), None).encode())
    assert migrate_file(fresh, source) == Migration()
    source.close()
