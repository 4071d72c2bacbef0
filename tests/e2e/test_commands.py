"""The other commands of the interface on the real server: consistency, the status, the report and the trees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.commands_support import ALLOCATE, TIME, execute, refused, registered
from tests.e2e.commands_support import registry as registry
from tests.e2e.conftest import NO_DATABASE, REGISTRY
from tests.e2e.editor import Editor

pytestmark = pytest.mark.asyncio(loop_scope="module")
own_loop = pytest.mark.asyncio(loop_scope="function")


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
