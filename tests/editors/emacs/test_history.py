"""``specql-history``: of the buffer's entity, of a code, and where there is none."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.sources.postgresql.install import install
from tests.editors.emacs.conftest import Start
from tests.editors.emacs.test_commands import said

CONTACT = "entities/crm/contact.yaml"


@pytest.mark.drives("history")
def test_the_history_of_the_buffers_entity(start: Start, workspace: Path, workspace_url: str) -> None:
    emacs = start(url=workspace_url)
    emacs.visit(workspace / CONTACT)
    emacs.until(lambda: "[PostgreSQL]" in emacs.mode_line(), "PostgreSQL")
    emacs.command("specql-history")
    said(emacs, "There is no history.  The database has no history: specql-lsp registry install adds it.")
    install(RegistrySettings(database_url=workspace_url))
    with psycopg.connect(workspace_url, application_name="psql") as connection:
        connection.execute(
            "UPDATE specql_registry.tb_entity_registration SET table_code = '01203A' WHERE entity_name = 'Contact'"
        )
    emacs.command("specql-history")
    shown = '(if (get-buffer "*SpecQL history*") (with-current-buffer "*SpecQL history*" (buffer-string)) "")'
    emacs.until(lambda: "changed Contact (01203A): table code '012031' → '01203A'" in emacs.lisp(shown), "history")
    assert "  postgres  from psql\n" in emacs.lisp(shown)
