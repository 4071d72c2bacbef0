"""A database that an editor loses, and the leased codes that it has for that time."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.cli.support import answer
from tests.e2e.failure_support import filled_database
from tests.support.postgres import PostgresServer

LEASED = "012042"
"""The code that ``leased_database`` leases: the next one of subdomain ``04`` of domain ``2``."""


def leased_database(server: PostgresServer, workspace: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a database of which a workspace has leased a code.

    Args:
        server: the database's.
        workspace: the folder.
        state: what ``XDG_STATE_HOME`` is for the editor, which reads the leases there.
        monkeypatch: sets it for the command that leases.
    """
    url = filled_database(server)
    install(RegistrySettings(database_url=url))
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    leases = answer(workspace, "domain", "lease", "crm", "support", url=url)
    assert [each["tableCode"] for each in leases["leases"]] == [LEASED], leases
    return url


def snapshot_instead(workspace: Path, url: str) -> None:
    """Takes a snapshot of a database, and leaves the workspace nothing else: neither that database nor a YAML."""
    answer(workspace, "registry", "snapshot", "registry.json", url=url)
    (workspace / "registry" / "domain_registry.yaml").unlink()
    (workspace / "specql-lsp.toml").write_text('[registry]\nsnapshotPath = "registry.json"\n', encoding="utf-8")
