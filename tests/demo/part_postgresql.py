"""The second half: the same workspace with a real PostgreSQL, started for the purpose."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from lsprotocol import types

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.sources.postgresql.install import create_schema
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.sources.yaml.source import YamlSource
from tests.demo.editor import Editor
from tests.demo.part_yaml import TICKET
from tests.demo.scenario import REGISTRY, Scenario, labels, rows
from tests.demo.screen import CURSOR, Style
from tests.support.postgres import PASSWORD, PASSWORD_USER, PostgresServer

NEW_FILE = "entities/billing/invoice.yaml"

BILLING = """\
WITH domain AS (
    INSERT INTO specql_registry.tb_domain (domain_number, domain_name, description)
    VALUES ('5', 'billing', 'Invoices and what is owed') RETURNING pk_domain
), subdomain AS (
    INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name)
    SELECT pk_domain, '01', 'invoicing' FROM domain RETURNING pk_subdomain
)
INSERT INTO specql_registry.tb_entity_registration (fk_subdomain, entity_name, table_code, entity_sequence)
SELECT pk_subdomain, 'Payment', '015011', 1 FROM subdomain"""
COMPANY = (
    "UPDATE specql_registry.tb_entity_registration SET table_code = '012035', entity_sequence = 5 "
    "WHERE entity_name = 'Company'"
)
LOCATION = (
    "UPDATE specql_registry.tb_subdomain SET description = 'Sites, buildings, addresses' "
    "WHERE subdomain_name = 'location'"
)
EXPECTED_DRIFT = {
    "missing-in-yaml",
    "missing-entity-in-yaml",
    "entity-attribute-mismatch",
    "subdomain-attribute-mismatch",
}


async def show_postgresql(scenario: Scenario) -> None:
    """Completion from the database, an allocation, drift, and what happens when the database goes away."""
    screen = scenario.screen
    screen.part("4 · With PostgreSQL, started for this demo: the team's registry")
    began = time.monotonic()
    with PostgresServer() as server:
        url = _filled_database(scenario, server)
        screen.say(f"started and filled in {time.monotonic() - began:.1f} s", Style.DIM)
        screen.step("A colleague's program adds the domain billing: in the database, not in the YAML")
        screen.say("INSERT INTO specql_registry.tb_domain … VALUES ('5', 'billing', …)", Style.DIM)
        _execute(server, BILLING)
        async with Editor(scenario.folder, {"SPECQL_DB_URL": url}) as editor:
            await _show_completion(scenario, editor)
            await _show_allocation(scenario, editor)
            await _show_drift(scenario, editor, server)
            await _show_repair(scenario, editor)
            await _show_loss(scenario, editor, server)
        scenario.expect(editor.exit_status == 0, "the server ends with status 0")
        said = " ".join([*editor.messages, *map(str, editor.statuses)])
        scenario.expect(PASSWORD not in said, "the password is never said")


def _filled_database(scenario: Scenario, server: PostgresServer) -> str:
    """A database with the workspace's registry in it; its URL for a role that has to give a password."""
    screen = scenario.screen
    owner = server.create_database(name="registry")
    create_schema(owner)
    server.create_password_user()
    source = PostgresqlSource(RegistrySettings(database_url=owner))
    try:
        added = migrate(YamlSource(scenario.folder / REGISTRY).load(), source)
    finally:
        source.close()
    _execute(server, f"GRANT USAGE ON SCHEMA specql_registry TO {PASSWORD_USER}")
    _execute(server, f"GRANT ALL ON ALL TABLES IN SCHEMA specql_registry TO {PASSWORD_USER}")
    _execute(server, f"GRANT ALL ON ALL SEQUENCES IN SCHEMA specql_registry TO {PASSWORD_USER}")
    screen.step("An empty database gets SpecQL's schema and what the YAML holds, in one transaction")
    screen.say(
        f"added {added.domains} domains, {added.subdomains} subdomains, {added.entities} entities; "
        "read again and compared before the commit"
    )
    scenario.expect(added.domains and added.subdomains and added.entities, "the registry was migrated")
    return server.url("registry", PASSWORD_USER, PASSWORD)


def _execute(server: PostgresServer, statement: str) -> None:
    with psycopg.connect(server.url("registry"), autocommit=True) as connection:
        connection.execute(statement.encode())


async def _show_completion(scenario: Scenario, editor: Editor) -> None:
    screen = scenario.screen
    screen.step("The server is started again, now with SPECQL_DB_URL")
    status = await editor.until(
        lambda: next((s for s in editor.statuses if s["source"] == "postgresql"), None), "the registry's status"
    )
    screen.answers(f"specql/registryStatus  {_status(status)}", Style.BOLD)
    scenario.expect(status["writable"] and not status["stale"], "the registry can be written")

    screen.step(f"A new file, {NEW_FILE}: which schemas are there now?")
    text = f"entity: Invoice\nschema: b{CURSOR}\n"
    screen.source(text)
    screen.asks("textDocument/completion")
    items = await editor.complete(NEW_FILE, text)
    screen.answers(f"{len(items)} {'item' if len(items) == 1 else 'items'}")
    screen.table(rows(items))
    scenario.expect(labels(items)[0] == "billing", "the domain that only the database has comes first")
    text = f"entity: Invoice\nschema: billing\norganization:\n  table_code: {CURSOR}\n"
    screen.source(text)
    screen.asks("textDocument/completion")
    items = await editor.complete(NEW_FILE, text)
    screen.answers(f"{len(items)} items")
    screen.table(rows(items), head=1)
    scenario.expect(labels(items)[0] == "015012", "the code of Payment, which only the database has, is not offered")


async def _show_allocation(scenario: Scenario, editor: Editor) -> None:
    screen = scenario.screen
    screen.step(f"Allocate a code for {TICKET}")
    before = editor.text(TICKET)
    editor.show(TICKET)
    screen.asks("workspace/executeCommand", "specql.allocateEntityCode")
    answer = await editor.execute("specql.allocateEntityCode", {"uri": editor.uri(TICKET)})
    screen.answers(_allocation(answer))
    after = editor.text(TICKET)
    screen.diff(TICKET, before, after)
    scenario.expect(answer["created"] and answer["entityCode"] == "TCK", "Ticket got a code")
    scenario.expect(f"table_code: '{answer['tableCode']}'" in after, "the code stands in the file, quoted")
    screen.asks("workspace/executeCommand", "specql.allocateEntityCode, once more")
    again = await editor.execute("specql.allocateEntityCode", {"uri": editor.uri(TICKET)})
    screen.answers(_allocation(again))
    scenario.expect(
        again["tableCode"] == answer["tableCode"] and not again["created"], "asking again gives the same code"
    )
    scenario.expect(editor.text(TICKET) == after, "asking again leaves the file alone")


async def _show_drift(scenario: Scenario, editor: Editor, server: PostgresServer) -> None:
    screen = scenario.screen
    screen.step("Others change rows in the database. Do PostgreSQL and the YAML still agree?")
    for statement in (COMPANY, LOCATION):
        screen.say(f"{statement};", Style.DIM)
        _execute(server, statement)
    screen.asks("workspace/executeCommand", "specql.checkConsistency")
    report = await editor.execute("specql.checkConsistency")
    summary = report["summary"]
    screen.answers(
        f"consistent: {str(report['consistent']).lower()} · {summary['postgresqlDomains']} domains in PostgreSQL, "
        f"{summary['yamlDomains']} in YAML, {summary['entitiesChecked']} entities compared, "
        f"{summary['discrepancies']} discrepancies"
    )
    scenario.expect(not report["consistent"], "drift is found")

    uri = editor.uri(REGISTRY)
    count = summary["discrepancies"]

    def drift() -> list[types.Diagnostic]:
        found = [d for d in editor.diagnostics.get(uri, ()) if str(d.code) in EXPECTED_DRIFT]
        return found if len(found) == count else []

    found = await editor.until(drift, "the diagnostics of the drift")
    screen.answers("textDocument/publishDiagnostics, at the lines of the YAML:")
    screen.diagnostics(REGISTRY, editor.text(REGISTRY), found)
    scenario.expect({str(d.code) for d in found} == EXPECTED_DRIFT, "every kind of change is shown")
    lines = editor.text(REGISTRY).split("\n")
    code = scenario.find("Company's drift", found, lambda d: d.code == "entity-attribute-mismatch")
    scenario.expect("012032" in lines[code.range.start.line], "the drift is shown at its line")
    scenario.expect("012035" in code.message, "the drift names PostgreSQL's value")


async def _show_repair(scenario: Scenario, editor: Editor) -> None:
    screen = scenario.screen
    screen.step("Which side is right, a person says: here PostgreSQL is, for Company's code")
    report = await editor.execute("specql.checkConsistency")
    discrepancy = scenario.find("Company's", report["discrepancies"], lambda d: d.get("entity") == "Company")
    before = editor.text(REGISTRY)
    screen.asks("workspace/executeCommand", 'specql.resolveDiscrepancy, keep: "postgresql"')
    answer = await editor.execute("specql.resolveDiscrepancy", {"discrepancy": discrepancy, "keep": "postgresql"})
    screen.answers(f"resolved: {str(answer['resolved']).lower()}")
    screen.diff(REGISTRY, before, editor.text(REGISTRY))
    scenario.expect(answer["resolved"] and "table_code: '012035'" in editor.text(REGISTRY), "the YAML was edited")
    left = len(report["discrepancies"]) - 1
    uri = editor.uri(REGISTRY)
    await editor.until(
        lambda: len([d for d in editor.diagnostics.get(uri, ()) if str(d.code) in EXPECTED_DRIFT]) == left,
        "the remaining diagnostics",
    )
    screen.answers(f"textDocument/publishDiagnostics: {left} discrepancies are left")


async def _show_loss(scenario: Scenario, editor: Editor, server: PostgresServer) -> None:
    screen = scenario.screen
    screen.step("PostgreSQL is stopped. Does the editor notice?")
    server.stop()
    screen.asks("workspace/executeCommand", "specql.refreshRegistry")
    status = await editor.execute("specql.refreshRegistry")
    screen.answers(_status(status), Style.BOLD)
    messages = await editor.until(lambda: _of_loss(editor), "a message")
    screen.answers(f"window/showMessage  {messages[-1]}", Style.YELLOW)
    screen.asks("textDocument/completion", "at schema:")
    items = await editor.complete(NEW_FILE, f"entity: Invoice\nschema: {CURSOR}\n")
    screen.answers(f"{len(items)} items: {', '.join(labels(items))}")
    scenario.expect(status["source"] == "yaml" and not status["writable"], "the YAML answers, read-only")
    scenario.expect("crm" in labels(items), "completion goes on")
    scenario.expect(len(_of_loss(editor)) == 1, "one message is shown, not many")


def _of_loss(editor: Editor) -> list[str]:
    """The messages but those of drift, which may still be told of what the demo did before."""
    return [message for message in editor.messages if " the registry YAML differ in " not in message]


def _status(status: dict[str, Any]) -> str:
    state = "writable" if status["writable"] else "read-only"
    counts = f"{status['domains']} domains, {status['subdomains']} subdomains, {status['entities']} entities"
    return f"source: {status['source']}, {state} · {counts}"


def _allocation(answer: dict[str, Any]) -> str:
    place = f"{answer['domain']['name']} / {answer['subdomain']['name']}"
    created = str(answer["created"]).lower()
    return f"{answer['entity']}: {answer['tableCode']} ({answer['entityCode']}) in {place} · created: {created}"
