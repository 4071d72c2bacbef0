"""The commands of the interface on the real server: results, edits, rows in the database, and every refusal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from pygls.exceptions import JsonRpcException

from tests.e2e.conftest import NO_DATABASE, QUIET, REGISTRY, copy_workspace
from tests.e2e.editor import Editor
from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.asyncio(loop_scope="module")
own_loop = pytest.mark.asyncio(loop_scope="function")

ALLOCATE = "specql.allocateEntityCode"
TICKET = "entities/crm/ticket.yaml"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def registered(url: str, entity: str) -> list[tuple[Any, ...]]:
    """Domain, subdomain, code and sequence of an entity's registrations."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT domain_number, subdomain_number, table_code, entity_sequence "
            "FROM specql_registry.tb_entity_registration "
            "JOIN specql_registry.tb_subdomain ON pk_subdomain = fk_subdomain "
            "JOIN specql_registry.tb_domain ON pk_domain = fk_domain WHERE entity_name = %s",
            (entity,),
        ).fetchall()


def everything(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT d.*, s.*, e.* FROM specql_registry.tb_domain d "
            "LEFT JOIN specql_registry.tb_subdomain s ON pk_domain = fk_domain "
            "LEFT JOIN specql_registry.tb_entity_registration e ON pk_subdomain = fk_subdomain ORDER BY 1, 7, 13"
        ).fetchall()


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


async def refused(editor: Editor, command: str, argument: Any) -> tuple[str, str]:
    """Kind and message of the error that answers a command."""
    with pytest.raises(JsonRpcException) as caught:
        await editor.command(command, argument)
    error = caught.value
    data = error.data if isinstance(error.data, dict) else vars(error.data or object)
    return str(data.get("kind")), error.message


class Registry:
    """An editor with the database that it writes."""

    def __init__(self, editor: Editor, url: str) -> None:
        self.editor = editor
        self.url = url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def registry(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, filled_template: str
) -> AsyncIterator[Registry]:
    """One for the module: every test takes an entity, or a subdomain, of its own."""
    folder = copy_workspace(tmp_path_factory.mktemp("commands") / "workspace")
    url = postgres_server.create_database(filled_template)
    async with Editor(folder, environment={"SPECQL_DB_URL": url}, settings=QUIET) as editor:
        await editor.source("postgresql")
        await editor.codes(TICKET, "missing-table-code")
        yield Registry(editor, url)
    postgres_server.drop_database(url)


# --- allocateEntityCode -----------------------------------------------------------------------------------


async def test_allocating_for_a_file_writes_buffer_and_database(registry: Registry) -> None:
    editor = registry.editor
    editor.open(TICKET)
    answer = await editor.command(ALLOCATE, {"uri": editor.uri(TICKET)})
    assert answer == {
        "entity": "Ticket",
        "tableCode": "012042",
        "entityCode": "TCK",
        "domain": {"number": "2", "name": "crm"},
        "subdomain": {"number": "04", "name": "support"},
        "sequence": 2,
        "created": True,
        "leased": False,
    }
    expected = (
        editor.path(TICKET)
        .read_text(encoding="utf-8")
        .replace("schema: crm\n", "schema: crm\norganization:\n  table_code: '012042'\n")
    )
    assert editor.text(TICKET) == expected
    assert registered(registry.url, "Ticket") == [("2", "04", "012042", 2)]
    (applied,) = editor.applied
    assert applied.label == "Allocate 012042"
    again = await editor.command(ALLOCATE, {"uri": editor.uri(TICKET)})
    assert again == {**answer, "created": False}
    assert editor.text(TICKET) == expected and len(editor.applied) == 1
    # Who lost the edit gets it again by asking again.
    editor.change(TICKET, editor.path(TICKET).read_text(encoding="utf-8"))
    assert (await editor.command(ALLOCATE, {"uri": editor.uri(TICKET)})) == {**answer, "created": False}
    assert editor.text(TICKET) == expected
    assert registered(registry.url, "Ticket") == [("2", "04", "012042", 2)]


async def test_a_file_that_is_not_open_is_edited_on_the_disk(registry: Registry) -> None:
    path = "entities/projects/milestone.yaml"
    registry.editor.write(path, 'entity: Milestone\nschema: tenant\norganization:\n  table_code: ""\n')
    answer = await registry.editor.command(ALLOCATE, {"uri": registry.editor.uri(path)})
    assert answer["tableCode"] == "014013"  # 2 is task.yaml's
    assert registry.editor.path(path).read_text(encoding="utf-8") == (
        'entity: Milestone\nschema: tenant\norganization:\n  table_code: "014013"\n'
    )
    assert registered(registry.url, "Milestone") == [("4", "01", "014013", 3)]


async def test_allocating_without_a_file(registry: Registry) -> None:
    edits = len(registry.editor.applied)
    argument = {"entity": "Brand", "domain": "catalog", "subdomain": "classification"}
    answer = await registry.editor.command(ALLOCATE, argument)
    assert (answer["tableCode"], answer["entityCode"], answer["created"]) == ("013011", "BRN", True)
    assert (await registry.editor.command(ALLOCATE, {"entity": "brand", "domain": "3"}))["created"] is False
    inferred = await registry.editor.command(ALLOCATE, {"entity": "CarModel", "domain": "3"})
    assert (inferred["tableCode"], inferred["subdomain"]) == ("013021", {"number": "02", "name": "manufacturer"})
    layered = await registry.editor.command(
        ALLOCATE, {"entity": "SalesView", "domain": "sales", "subdomain": "01", "layer": "02"}
    )
    assert layered["tableCode"] == "022011"
    assert registered(registry.url, "Brand") == [("3", "01", "013011", 1)]
    assert registered(registry.url, "CarModel") == [("3", "02", "013021", 1)]
    assert len(registry.editor.applied) == edits


async def test_a_very_code_is_registered(registry: Registry) -> None:
    answer = await registry.editor.command(ALLOCATE, {"entity": "Depot", "domain": "4", "tableCode": "01402a"})
    assert (answer["tableCode"], answer["sequence"], answer["subdomain"]["name"]) == ("01402A", 10, "location")
    assert registered(registry.url, "Depot") == [("4", "02", "01402A", 10)]


async def test_an_edit_that_the_editor_refuses_is_told(registry: Registry) -> None:
    editor, path = registry.editor, "entities/projects/site.yaml"
    editor.open(path, "entity: Site\nschema: projects\n")
    editor.refuse_edits = True
    try:
        answer = await editor.command(ALLOCATE, {"uri": editor.uri(path)})
    finally:
        editor.refuse_edits = False
    assert (answer["tableCode"], answer["created"]) == ("014021", True)
    assert editor.text(path) == "entity: Site\nschema: projects\n"
    assert editor.messages[-1].message == (
        "Site has the code 014021, but the editor did not write it into the file. "
        "Put it there as organization.table_code, in quotes."
    )
    await editor.command(ALLOCATE, {"uri": editor.uri(path)})
    assert editor.text(path) == "entity: Site\nschema: projects\norganization:\n  table_code: '014021'\n"
    editor.close(path)


REFUSALS: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown-domain": (
        {"entity": "Voucher", "domain": "crmm"},
        "unknown-domain",
        "The registry has no domain 'crmm' (did you mean 'crm'?); register it first, or name one that exists.",
    ),
    "unknown-subdomain": (
        {"entity": "Voucher", "domain": "crm", "subdomain": "costumer"},
        "unknown-subdomain",
        (
            "Domain 2 (crm) has no subdomain 'costumer' (did you mean 'customer'?); "
            "register it first, or name one that exists."
        ),
    ),
    "unknown-subdomain-of-the-code": (
        {"entity": "Voucher", "domain": "crm", "tableCode": "012991"},
        "unknown-subdomain",
        "",
    ),
    "already-registered": (
        {"entity": "Contact", "domain": "crm", "tableCode": "012039"},
        "already-registered",
        "Contact is registered already, with code 012031 in subdomain 03 (customer) of domain 2 (crm): use that code.",
    ),
    "code-taken": (
        {"entity": "Voucher", "domain": "crm", "tableCode": "012031"},
        "code-taken",
        "The code 012031 is registered to Contact in domain 2 (crm): take another.",
    ),
    "code-taken-by-a-file": (
        {"entity": "Voucher", "domain": "crm", "tableCode": "012041"},
        "code-taken",
        "The code 012041 is used by another file of the workspace: take another.",
    ),
    "code-reserved": (
        {"entity": "Voucher", "domain": "crm", "tableCode": "01201F"},
        "code-reserved",
        "The code 01201F is reserved in the registry: take another.",
    ),
    "no-entity": (
        {"domain": "crm"},
        "invalid-argument",
        "No entity is named: give entity, or the uri of an entity file.",
    ),
    "no-domain": ({"entity": "Voucher"}, "invalid-argument", "No domain is named for Voucher: give domain."),
    "name": ({"entity": "No name", "domain": "crm"}, "invalid-argument", ""),
    "layer": ({"entity": "Voucher", "domain": "crm", "layer": "07"}, "invalid-argument", ""),
    "code": ({"entity": "Voucher", "domain": "crm", "tableCode": "12"}, "invalid-argument", ""),
    "type": ({"entity": 5, "domain": "crm"}, "invalid-argument", "entity must be a text."),
    "other-domain": ({"entity": "Voucher", "domain": "crm", "tableCode": "013011"}, "invalid-argument", ""),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_allocating_is_refused(registry: Registry, case: str) -> None:
    argument, kind, message = REFUSALS[case]
    before = everything(registry.url)
    got_kind, got_message = await refused(registry.editor, ALLOCATE, argument)
    assert got_kind == kind
    assert got_message == message or (not message and got_message.endswith("."))
    assert everything(registry.url) == before  # nothing is half done


async def test_a_uri_that_is_no_entity_file(registry: Registry) -> None:
    for path in (REGISTRY, ".github/workflows/build.yaml", "entities/nowhere.yaml"):
        kind, message = await refused(registry.editor, ALLOCATE, {"uri": registry.editor.uri(path)})
        assert kind == "invalid-argument"
        assert message.endswith("is not a SpecQL entity file, so it can take no code.")


async def test_a_full_subdomain(registry: Registry) -> None:
    execute(
        registry.url,
        "INSERT INTO specql_registry.tb_subdomain (fk_domain, subdomain_number, subdomain_name) "
        "SELECT pk_domain, '0F', 'narrow' FROM specql_registry.tb_domain WHERE domain_number = '4'",
    )
    given = [
        await registry.editor.command(ALLOCATE, {"entity": f"Narrow{n}", "domain": "4", "subdomain": "0F"})
        for n in range(15)
    ]
    assert [a["tableCode"] for a in given] == [f"0140F{digit:X}" for digit in range(1, 16)]
    kind, message = await refused(
        registry.editor, ALLOCATE, {"entity": "OneMore", "domain": "4", "subdomain": "narrow"}
    )
    assert kind == "subdomain-full"
    assert message == (
        "Subdomain 0F (narrow) of domain 4 (projects) is full: it holds 15 codes and none is free. "
        "Use another subdomain, or register a new one."
    )
    assert registered(registry.url, "OneMore") == []


async def test_a_registry_that_is_read_only_refuses(shared_yaml: Editor) -> None:
    shared_yaml.open(TICKET)
    kind, message = await refused(shared_yaml, ALLOCATE, {"uri": shared_yaml.uri(TICKET)})
    assert kind == "registry-read-only"
    assert message == f"The registry is read-only now. {NO_DATABASE}"
    assert shared_yaml.text(TICKET) == shared_yaml.path(TICKET).read_text(encoding="utf-8")
    shared_yaml.close(TICKET)


async def test_commands_that_are_none(registry: Registry) -> None:
    for command, arguments in (("specql.nothing", [{}]), (ALLOCATE, ["text"]), (ALLOCATE, [{}, {}])):
        with pytest.raises(JsonRpcException) as caught:
            await registry.editor.command(command, *arguments)
        assert caught.value.code == -32602


@own_loop
async def test_two_servers_never_give_the_same_code(tmp_path: Path, workspace_url: str) -> None:
    folders = [copy_workspace(tmp_path / name) for name in ("one", "two")]
    environment = {"SPECQL_DB_URL": workspace_url}
    async with Editor(folders[0], environment=environment) as one, Editor(folders[1], environment=environment) as two:
        await one.source("postgresql")
        await two.source("postgresql")
        answers = await asyncio.gather(
            *(
                editor.command(ALLOCATE, {"entity": f"{name}{n}", "domain": "crm", "subdomain": "customer"})
                for n in range(6)
                for name, editor in (("One", one), ("Two", two))
            )
        )
        assert sorted(a["tableCode"] for a in answers) == [f"01203{digit:X}" for digit in range(3, 15)]
        assert all(a["created"] for a in answers)
        same = await asyncio.gather(*(e.command(ALLOCATE, {"entity": "Same", "domain": "crm"}) for e in (one, two)))
        assert {a["tableCode"] for a in same} == {"012012"}
        assert sorted(a["created"] for a in same) == [False, True]
    for answer in answers:
        assert [row[2] for row in registered(workspace_url, answer["entity"])] == [answer["tableCode"]]


# --- consistency ------------------------------------------------------------------------------------------


@own_loop
async def test_consistency_and_its_resolution(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    report = await editor.command("specql.checkConsistency")
    assert TIME.fullmatch(report.pop("checkedAt"))
    assert report == {
        "consistent": True,
        "source": "postgresql",
        "summary": {"postgresqlDomains": 4, "yamlDomains": 4, "entitiesChecked": 8, "discrepancies": 0},
        "discrepancies": [],
    }
    execute(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    execute(workspace_url, "DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = 'Session'")
    report = await editor.command("specql.checkConsistency", {})
    assert report["consistent"] is False and report["summary"]["discrepancies"] == 2
    session, goods = report["discrepancies"]
    assert session["keepYamlQuestion"] is None  # it only adds
    server = (await editor.command("specql.registryStatus"))["server"]
    assert (session["type"], session["domain"], session["subdomain"], session["entity"], session["yamlValue"]) == (
        "missing_entity_in_postgresql", "1", "01", "Session", "011012",
    )  # fmt: skip
    assert {k: v for k, v in goods.items() if k not in {"message", "location"}} == {
        "type": "domain_attribute_mismatch",
        "domain": "3",
        "attribute": "description",
        "postgresqlValue": "Goods",
        "yamlValue": "What we sell",
        "keepPostgresql": 'Keep PostgreSQL\'s description: write "Goods" to the YAML',
        "keepYaml": 'Keep the YAML\'s description: write "What we sell" to PostgreSQL',
        "keepYamlQuestion": (
            f'Change description of domain 3 in the shared registry at {server} from "Goods" to "What we sell"?'
        ),
        "name": "catalog",
        "detail": 'domain 3 · description "Goods" in PostgreSQL, "What we sell" in the YAML',
        "side": "both",
        "domainName": "catalog",
        "subdomainName": None,
    }
    await editor.codes(REGISTRY, "subdomain-mismatch", "domain-attribute-mismatch", "missing-entity-in-postgresql")

    resolve = "specql.resolveDiscrepancy"
    assert (await refused(editor, resolve, {"discrepancy": goods, "keep": "both"}))[0] == "invalid-argument"
    assert (await refused(editor, resolve, {"discrepancy": {"type": "x"}, "keep": "yaml"}))[0] == "invalid-argument"
    # The database goes on: what was shown is no longer what there is.
    execute(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Wares' WHERE domain_number = '3'")
    for keep in ("postgresql", "yaml"):
        assert await refused(editor, resolve, {"discrepancy": goods, "keep": keep}) == (
            "conflict",
            "The registries no longer differ in this way; check their consistency again.",
        )
    assert "What we sell" in editor.path(REGISTRY).read_text(encoding="utf-8")

    assert await editor.command(resolve, {"discrepancy": session, "keep": "yaml"}) == {"resolved": True}
    assert registered(workspace_url, "Session") == [("1", "01", "011012", 2)]
    (wares,) = (await editor.command("specql.checkConsistency"))["discrepancies"]
    editor.refuse_edits = True
    assert await editor.command(resolve, {"discrepancy": wares, "keep": "postgresql"}) == {"resolved": False}
    editor.refuse_edits = False
    text = editor.path(REGISTRY).read_text(encoding="utf-8")
    assert await editor.command(resolve, {"discrepancy": wares, "keep": "postgresql"}) == {"resolved": True}
    # The file is not open, so the editor writes it, and tells of it.
    assert editor.path(REGISTRY).read_text(encoding="utf-8") == text.replace("What we sell", "Wares")
    await editor.codes(REGISTRY, "subdomain-mismatch")
    assert (await editor.command("specql.checkConsistency"))["consistent"] is True


async def test_consistency_needs_both_sides(shared_yaml: Editor) -> None:
    kind, message = await refused(shared_yaml, "specql.checkConsistency", {})
    assert kind == "registry-unavailable"
    assert message.startswith("PostgreSQL and the registry YAML cannot be compared.")


# --- status, report and trees -----------------------------------------------------------------------------


@own_loop
async def test_status_is_told_and_asked(editor_postgresql: Editor, workspace_url: str) -> None:
    editor = editor_postgresql
    status = await editor.source("postgresql", discrepancies=0)
    assert TIME.fullmatch(status["since"]) and TIME.fullmatch(status["loadedAt"])
    expected = {
        "source": "postgresql", "writable": True, "stale": False, "reason": "",
        "domains": 4, "subdomains": 9, "entities": 8, "discrepancies": 0,
    }  # fmt: skip
    assert {k: status[k] for k in expected} == expected
    assert status["server"] == workspace_url.split("@")[1]
    asked = await editor.command("specql.registryStatus")
    assert {k: asked[k] for k in expected} == expected
    count = len(editor.statuses)
    execute(workspace_url, "DELETE FROM specql_registry.tb_domain WHERE domain_number = '4'")
    assert (await editor.command("specql.registryStatus", {}))["domains"] == 4  # it asks nobody
    refreshed = await editor.command("specql.refreshRegistry", {})
    assert (refreshed["domains"], refreshed["entities"], refreshed["discrepancies"]) == (3, 7, 1)
    await editor.source("postgresql", domains=3)
    assert len(editor.statuses) == count + 1
    await editor.command("specql.refreshRegistry")
    await editor.command("specql.registryStatus")
    assert len(editor.statuses) == count + 1  # nothing changed, nothing is told


async def test_the_status_of_yaml(shared_yaml: Editor) -> None:
    status = await shared_yaml.command("specql.registryStatus")
    assert (status["source"], status["writable"], status["discrepancies"], status["server"]) == (
        "yaml", False, None, None,
    )  # fmt: skip
    assert status["reason"] == NO_DATABASE
    assert (status["domains"], status["subdomains"], status["entities"]) == (4, 9, 8)


async def test_the_performance_report(shared_postgresql: Editor) -> None:
    before = await shared_postgresql.command("specql.performanceReport")
    await shared_postgresql.command("specql.refreshRegistry")
    await shared_postgresql.command("specql.listDomains")
    await shared_postgresql.complete("entities/crm/new.yaml", "entity: Voucher\nschema: $0\n")
    shared_postgresql.close("entities/crm/new.yaml")
    report = await shared_postgresql.command("specql.performanceReport", {})
    assert set(report) >= {
        "since", "queries", "failed", "successRate", "averageMs", "p50Ms", "p95Ms", "maxMs", "slow", "slowQueries",
        "byOperation", "cache", "fallbacks",
    }  # fmt: skip
    assert TIME.fullmatch(report["since"])
    assert report["byOperation"]["registry.load"]["queries"] == before["byOperation"]["registry.load"]["queries"] + 1
    assert (report["failed"], report["successRate"], report["fallbacks"]) == (0, 1.0, 0)
    assert 0 < report["p50Ms"] <= report["p95Ms"] <= report["maxMs"]
    assert report["cache"] == {"hits": before["cache"]["hits"] + 2, "misses": 0, "hitRate": 1.0}


async def test_the_trees_of_domains(shared: Editor) -> None:
    domains = await shared.command("specql.listDomains")
    assert [(d["number"], d["name"], d["multiTenant"], d["aliases"]) for d in domains] == [
        ("1", "core", False, []),
        ("2", "crm", True, ["management", "sales"]),
        ("3", "catalog", False, []),
        ("4", "projects", True, ["tenant"]),
    ]
    crm = domains[1]
    assert crm["description"] == "Customers, how we win them and how we keep them"
    assert [
        (s["number"], s["name"], s["nextEntitySequence"], s["free"], s["nextTableCode"]) for s in crm["subdomains"]
    ] == [
        ("01", "core", 2, 13, "012012"),
        ("03", "customer", 426, 13, "012033"),
        ("04", "support", 1, 14, "012042"),
    ]
    assert crm["subdomains"][1]["description"] == "Whoever buys from us"
    places = {"registryLocation", "fileLocation"}  # test_places.py is about these
    assert [{k: v for k, v in e.items() if k not in places} for e in crm["subdomains"][1]["entities"]] == [
        {"name": "Contact", "tableCode": "012031", "sequence": 1, "entityCode": "CNT"},
        {"name": "Company", "tableCode": "012032", "sequence": 2, "entityCode": "CMP"},
    ]
    for argument in ({"number": "2"}, {"name": "crm"}, {"name": "sales"}):
        assert await shared.command("specql.getDomain", argument) == crm
    assert await refused(shared, "specql.getDomain", {"number": "9"}) == (
        "unknown-domain",
        "There is no domain 9. The registry has: 1 core, 2 crm, 3 catalog, 4 projects.",
    )
    assert (await refused(shared, "specql.getDomain", {}))[0] == "invalid-argument"
    assert (await refused(shared, "specql.getDomain", {"number": "2", "name": "crm"}))[0] == "invalid-argument"


@own_loop
async def test_without_any_registry(tmp_path: Path) -> None:
    async with Editor(tmp_path) as editor:
        status = await editor.source("none")
        assert (status["domains"], status["entities"], status["writable"]) == (None, None, False)
        for command, argument in (
            ("specql.listDomains", {}),
            ("specql.getDomain", {"number": "2"}),
            ("specql.checkConsistency", {}),
            (ALLOCATE, {"entity": "Voucher", "domain": "crm"}),
        ):
            kind, message = await refused(editor, command, argument)
            assert kind == "registry-unavailable", command
            assert message.endswith((".", "there."))
