"""The commands of the registry, typed with M-x, against a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.editors.emacs.conftest import Start
from tests.editors.emacs.emacs import Emacs
from tests.editors.emacs.test_language import TICKET, code_of
from tests.support.workspaces import REGISTRY


@pytest.fixture
def emacs(start: Start, workspace: Path, workspace_url: str) -> Emacs:
    """An Emacs on the ticket's file, with PostgreSQL."""
    found = start(url=workspace_url)
    found.visit(workspace / TICKET)
    found.until(lambda: "[PostgreSQL]" in found.mode_line(), "PostgreSQL")
    found.everything_read()
    return found


def said(emacs: Emacs, *words: str) -> None:
    emacs.until(lambda: all(word in emacs.messages() for word in words), f"message with {words}")


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@pytest.mark.drives("commands")
def test_allocating_a_code(emacs: Emacs, workspace_url: str) -> None:
    emacs.type("\x1bx")
    emacs.answer("M-x", "specql-allocate-code")
    emacs.answer("Domain", "2\t")
    emacs.until(lambda: "Subdomain" in emacs.prompt(), "subdomains")
    emacs.type("?")  # what minibuffers list completions with
    listed = '(if (get-buffer "*Completions*") (with-current-buffer "*Completions*" (buffer-string)) "")'
    emacs.until(lambda: "next 012042, 14 free" in emacs.lisp(listed), "preview of the code")
    emacs.answer("Subdomain", "04\t")
    said(emacs, "Ticket has the code 012042")
    assert "table_code: '012042'" in emacs.text()
    assert code_of(workspace_url, "Ticket") == "012042"


@pytest.mark.drives("commands")
def test_status_refresh_and_performance_report(emacs: Emacs) -> None:
    emacs.command("specql-status")
    said(emacs, "SpecQL registry: PostgreSQL.")
    emacs.command("specql-refresh")
    emacs.command("specql-performance-report")
    shown = '(if (get-buffer "*SpecQL performance*") (with-current-buffer "*SpecQL performance*" (buffer-string)) "")'
    emacs.until(lambda: "queries" in emacs.lisp(shown), "report")
    emacs.until(lambda: "median" in emacs.lisp(shown), "all of the report")


@pytest.mark.drives("commands")
def test_registering_a_domain_and_a_subdomain(emacs: Emacs, workspace_url: str) -> None:
    emacs.command("specql-register-domain", ("Number", "7"), ("Name", "logistics"), ("Description", "What is moved"))
    said(emacs, "Domain 7 logistics is registered")
    emacs.command(
        "specql-register-subdomain", ("Domain", "7\t"), ("Number", "01"), ("Name", "fleet"), ("Description", "")
    )
    said(emacs, "Subdomain 01 fleet is registered")
    with psycopg.connect(workspace_url) as connection:
        rows = connection.execute(
            "SELECT d.domain_name, s.subdomain_name FROM specql_registry.tb_domain d"
            " JOIN specql_registry.tb_subdomain s ON s.fk_domain = d.pk_domain WHERE d.domain_number = '7'"
        ).fetchall()
    assert rows == [("logistics", "fleet")]


def test_a_refusal_is_a_sentence(emacs: Emacs) -> None:
    emacs.command("specql-register-domain", ("Number", "2"), ("Name", "another"), ("Description", ""))
    said(emacs, "The domain number 2 is taken in the registry: it is crm.")
    assert "jsonrpc" not in emacs.messages()


@pytest.mark.drives("browse")
def test_finding_an_entity(emacs: Emacs, workspace: Path) -> None:
    emacs.command("specql-find-entity", ("Entity", "Company\t"))
    emacs.until(lambda: emacs.here("buffer-file-name") == str(workspace / "entities/crm/company.yaml"), "its file")
    emacs.until(lambda: emacs.here('(looking-at-p "Company")'), "the cursor at its name")
    emacs.command("specql-find-entity", ("Entity", "Organ\t"))
    emacs.until(lambda: emacs.here("buffer-file-name") == str(workspace / REGISTRY), "the registry")
    emacs.until(lambda: emacs.here('(looking-at-p "Organization:")'), "the cursor at its entry")


@pytest.mark.drives("drift")
def test_differences_are_listed_visited_and_resolved_both_ways(
    emacs: Emacs, workspace: Path, workspace_url: str
) -> None:
    execute(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Changed' WHERE domain_number = '2'")
    execute(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Also' WHERE domain_number = '1'")
    emacs.command("specql-check-consistency")
    emacs.until(lambda: emacs.here("major-mode") == "specql-differences-mode", "list")
    said(emacs, "2 differences")
    emacs.until(
        lambda: "2 differences]" in emacs.lisp('(with-current-buffer "ticket.yaml" (specql-mode-line))'), "mode line"
    )

    emacs.type("\x1b<\r")
    emacs.until(lambda: emacs.here("buffer-file-name") == str(workspace / REGISTRY), "line in the registry")
    emacs.until(lambda: "Accounts, sessions" in emacs.here("(thing-at-point 'line t)"), "the first difference")
    emacs.command("next-error")
    emacs.until(lambda: "Customers" in emacs.here("(thing-at-point 'line t)"), "the second difference")

    emacs.lisp('(progn (pop-to-buffer "*SpecQL differences*") t)')
    emacs.type("\x1b<r")
    emacs.until(lambda: "Resolve" in emacs.prompt(), "the sides of the first difference")
    emacs.answer("Resolve", _title(emacs, "keepYaml"))
    emacs.until(lambda: "Change description of domain 1 in the shared registry" in emacs.prompt(), "the question")
    emacs.type("n")
    emacs.until(lambda: emacs.prompt() == "", "the answer")
    assert "Resolved" not in emacs.messages()
    emacs.type("y")
    emacs.until(lambda: "Change description of domain 1 in the shared registry" in emacs.prompt(), "the question")
    emacs.type("y")
    emacs.until(lambda: "Resolved" in emacs.messages(), "the first resolved")
    with psycopg.connect(workspace_url) as connection:
        row = connection.execute(
            "SELECT description FROM specql_registry.tb_domain WHERE domain_number = '1'"
        ).fetchone()
    assert row == ("Accounts, sessions and everything every team needs",)
    emacs.until(lambda: emacs.text().count("\n") == 1, "one difference left")

    emacs.type("\x1b<r")
    emacs.until(lambda: "Resolve" in emacs.prompt(), "the sides of the difference")
    emacs.answer("Resolve", _title(emacs, "keepPostgresql"))
    registry = '(with-current-buffer (find-buffer-visiting "%s") (buffer-string))' % (workspace / REGISTRY)
    emacs.until(lambda: "description: Changed" in emacs.lisp(registry), "PostgreSQL's value in the YAML")
    emacs.until(lambda: emacs.here('(with-current-buffer "*SpecQL differences*" (buffer-size))') == 0, "empty list")


def _title(emacs: Emacs, side: str) -> str:
    """What the resolution of the listed difference is called, as it is typed: a space is quoted."""
    title: str = emacs.lisp(f'(with-current-buffer "*SpecQL differences*" (plist-get (tabulated-list-get-id) :{side}))')
    return title.replace(" ", "\x11 ")


def test_resolving_asks_where_nothing_is_listed(emacs: Emacs) -> None:
    emacs.command("specql-resolve")
    said(emacs, "PostgreSQL and the registry YAML hold the same")
