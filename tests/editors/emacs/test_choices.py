"""What commands take from the file, refusals of code actions, and the keys of the list of differences."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.e2e.failure_support import filled_database
from tests.editors.emacs.conftest import Start
from tests.editors.emacs.emacs import Emacs
from tests.editors.emacs.test_language import TICKET, code_of, goto
from tests.support.postgres import PostgresServer
from tests.support.registries import add_subdomains
from tests.support.workspaces import REGISTRY


@pytest.fixture
def emacs(start: Start, workspace: Path, workspace_url: str) -> Emacs:
    """An Emacs on the ticket's file, with PostgreSQL."""
    found = start(url=workspace_url)
    found.visit(workspace / TICKET)
    found.until(lambda: "[PostgreSQL]" in found.mode_line(), "PostgreSQL")
    return found


def test_the_domain_of_the_schema_needs_no_typing(emacs: Emacs, workspace_url: str) -> None:
    emacs.command("specql-allocate-code", ("Domain (default 2 crm)", ""), ("Subdomain", "04\t"))
    emacs.until(lambda: "table_code: '012042'" in emacs.text(), "code")
    assert code_of(workspace_url, "Ticket") == "012042"


def test_a_command_knows_what_was_typed_just_now(emacs: Emacs) -> None:
    emacs.here('(progn (goto-char (point-min)) (search-forward "Ticket") t)')
    asked = '(specql-request "specql.allocateEntityCode" (list :uri (specql--uri buffer-file-name) :subdomain "04"))'
    assert emacs.here(f'(progn (insert "Note") (plist-get {asked} :entity))') == "TicketNote"


def test_a_refused_code_action_is_a_sentence(start: Start, workspace: Path) -> None:
    with PostgresServer() as server:
        emacs = start(url=filled_database(server))
        emacs.visit(workspace / TICKET)
        emacs.until(lambda: "[PostgreSQL]" in emacs.mode_line(), "PostgreSQL")
        goto(emacs, "Ticket")
        emacs.type("\x1bx")
        emacs.answer("M-x", "eglot-code-actions")
        emacs.until(lambda: "Pick an action" in emacs.prompt(), "actions")
        server.kill()
        emacs.answer("Pick an action", "Allocate a code in crm / support\t")
        emacs.until(lambda: "PostgreSQL" in emacs.messages(), "refusal")
        emacs.until(lambda: "read-only" in emacs.mode_line(), "loss")
    assert "jsonrpc" not in emacs.messages()
    assert "table_code" not in emacs.text()


@pytest.mark.drives("choose-subdomain")
def test_another_subdomain_by_a_code_action(emacs: Emacs, workspace_url: str) -> None:
    known = "(plist-get (specql-server-status (eglot-current-server)) :subdomains)"
    before = emacs.here(known)
    add_subdomains(workspace_url)
    emacs.command("specql-refresh")
    emacs.until(lambda: emacs.here(known) > before, "the new subdomains")
    goto(emacs, "Ticket")
    emacs.command("eglot-code-actions", ("Pick an action", "Another subdomain"), ("Subdomain", "18\t"))
    emacs.until(lambda: "table_code: '012181'" in emacs.text(), "code")
    assert code_of(workspace_url, "Ticket") == "012181"
    emacs.until(lambda: "Ticket has the code 012181" in emacs.messages(), "message")


def test_either_side_is_kept_by_a_key(emacs: Emacs, workspace: Path, workspace_url: str) -> None:
    with psycopg.connect(workspace_url, autocommit=True) as connection:
        for number in ("1", "2"):
            connection.execute(
                "UPDATE specql_registry.tb_domain SET description = 'Changed' WHERE domain_number = %s", [number]
            )
    emacs.command("specql-check-consistency")
    emacs.until(lambda: emacs.here("major-mode") == "specql-differences-mode", "list")
    emacs.type("\x1b<y")
    emacs.until(lambda: "Change description of domain 1 in the shared registry" in emacs.prompt(), "question")
    emacs.type("y")
    emacs.until(lambda: emacs.text().count("\n") == 1, "one difference left")
    with psycopg.connect(workspace_url) as connection:
        left = connection.execute(
            "SELECT domain_number FROM specql_registry.tb_domain WHERE description = 'Changed'"
        ).fetchall()
    assert left == [("2",)]
    emacs.type("\x1b<p")
    emacs.until(lambda: "Keep PostgreSQL's description" in emacs.prompt(), "question")
    emacs.type("y")
    emacs.until(lambda: "description: Changed" in (workspace / REGISTRY).read_text(encoding="utf-8"), "saved YAML")
    emacs.until(lambda: emacs.here('(with-current-buffer "*SpecQL differences*" (buffer-size))') == 0, "empty list")


@pytest.mark.drives("drift")
def test_several_of_the_list_are_kept_at_once(emacs: Emacs, workspace: Path, workspace_url: str) -> None:
    with psycopg.connect(workspace_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE specql_registry.tb_domain SET description = 'Changed' WHERE domain_number IN ('1', '2', '3')"
        )
    emacs.command("specql-check-consistency")
    emacs.until(lambda: emacs.here("major-mode") == "specql-differences-mode", "list")
    emacs.type("\x1b<\x00\x0e\x0ep")  # the first two are in the region
    emacs.answer("Write 2 to the registry YAML", "yes")
    emacs.until(
        lambda: (workspace / REGISTRY).read_text(encoding="utf-8").count("description: Changed") == 2, "saved YAML"
    )
    emacs.until(lambda: emacs.text().count("\n") == 1, "one difference left")


@pytest.mark.drives("drift")
def test_all_of_a_domain_is_kept_at_once(emacs: Emacs, workspace: Path, workspace_url: str) -> None:
    with psycopg.connect(workspace_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE specql_registry.tb_domain SET description = 'Changed' WHERE domain_number IN ('1', '2')"
        )
        connection.execute("UPDATE specql_registry.tb_domain SET aliases = ARRAY['clients'] WHERE domain_number = '2'")
    emacs.command("specql-check-consistency")
    emacs.until(lambda: emacs.here("major-mode") == "specql-differences-mode", "list")
    assert "crm" in emacs.text()
    assert 'domain 2 · aliases "clients" in PostgreSQL, "management", "sales" in the YAML' in emacs.text()
    emacs.type("A")
    emacs.answer("Keep all of", "Domain 2 (crm)")
    emacs.answer("Which side", "Keep PostgreSQL: write the YAML")
    emacs.until(lambda: "Write 2 to the registry YAML" in emacs.prompt(), "what is done")
    assert 'crm  domain 2 · description from "Customers, how we win them' in emacs.prompt()
    emacs.answer("Write 2 to the registry YAML", "yes")
    emacs.until(lambda: "description: Changed" in (workspace / REGISTRY).read_text(encoding="utf-8"), "saved YAML")
    assert "clients" in (workspace / REGISTRY).read_text(encoding="utf-8")
    emacs.until(lambda: emacs.text().count("\n") == 1, "one difference left")
