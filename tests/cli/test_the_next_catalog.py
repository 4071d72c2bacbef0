"""Another catalog is a folder of ``registry/catalogs``: the command line and the server show it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import ROOT, UNREACHABLE, environment
from tests.e2e.editor import Editor
from tests.support.patience import PATIENCE

CATALOG = '''
"""The roles of the database, else those that every server has."""

from specql_lsp.registry.catalogs.model import Catalog, CatalogEntry, DatabaseSource, FileSource


def _read(database):
    rows = database.rows("catalogs/roles/probe", "catalogs/roles/rows", lambda found: bool(found))
    return tuple(CatalogEntry(name, "role", "of the server") for (name,) in rows)


_KNOWN = CatalogEntry("pg_monitor", "role"), CatalogEntry("nobody", "role")
CATALOG = Catalog(
    name="roles",
    title="Roles",
    noun="role",
    about="The roles of the database.",
    sources=(
        DatabaseSource("postgresql", "PostgreSQL", _read),
        FileSource("known", "Known", lambda index: _KNOWN),
    ),
)
'''


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package in which one folder more, and its name there, is all that was changed."""
    folder = tmp_path_factory.mktemp("site")
    package = shutil.copytree(ROOT / "specql_lsp", folder / "specql_lsp", ignore=shutil.ignore_patterns("__pycache__"))
    catalogs = package / "registry" / "catalogs"
    (catalogs / "roles").mkdir()
    (catalogs / "roles" / "__init__.py").write_text(CATALOG, encoding="utf-8")
    (catalogs / "roles" / "probe.sql").write_text("SELECT 1", encoding="utf-8")
    (catalogs / "roles" / "rows.sql").write_text("SELECT rolname::text FROM pg_catalog.pg_roles", encoding="utf-8")
    names = catalogs / "__init__.py"
    text = names.read_text(encoding="utf-8")
    assert text.count('CATALOG_NAMES = ("patterns", ') == 1
    names.write_text(text.replace('CATALOG_NAMES = ("patterns", ', 'CATALOG_NAMES = ("roles", "patterns", '))
    return folder


def command(site: Path, folder: Path, *arguments: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "specql_lsp", *arguments],
        cwd=folder,
        env=environment(url, PYTHONPATH=str(site)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def entries(site: Path, folder: Path, url: str | None) -> dict[str, str]:
    """The entries of the catalog, each with its source."""
    done = command(site, folder, "roles", "list", "--json", url=url)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return {entry["name"]: entry["source"] for entry in document["entries"]}


def test_the_command_line_has_it(site: Path, tmp_path: Path, database_url: str) -> None:
    assert "List and show roles." in command(site, tmp_path, "--help").stdout
    found = entries(site, tmp_path, database_url)
    assert (found["pg_monitor"], found["nobody"]) == ("postgresql", "known"), "the primary source's entry counts"
    known = {"pg_monitor": "known", "nobody": "known"}
    assert entries(site, tmp_path, None) == known
    assert entries(site, tmp_path, UNREACHABLE) == known, "the fallback answers"
    assert command(site, tmp_path, "roles", "show", "nobdy").stderr.endswith("Did you mean nobody?\n")


async def test_the_server_lists_it(site: Path, tmp_path: Path, database_url: str) -> None:
    async with Editor(
        tmp_path,
        environment={"PYTHONPATH": str(site), "SPECQL_DB_URL": database_url},
        server=(sys.executable, "-P", "-m", "specql_lsp"),
    ) as editor:
        await editor.source("postgresql")
        found = await editor.command("specql.listCatalogs")
        assert found[0]["title"] == "Roles"
        assert {each["name"]: each["source"] for each in found[0]["entries"]}["nobody"] == "known"
