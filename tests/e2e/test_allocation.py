"""``specql.allocateEntityCode`` on the real server: results, edits, rows in the database, and every refusal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pygls.exceptions import JsonRpcException

from tests.e2e.commands_support import ALLOCATE, TICKET, Registry, everything, execute, refused, registered
from tests.e2e.commands_support import registry as registry
from tests.e2e.conftest import NO_DATABASE, REGISTRY, copy_workspace
from tests.e2e.editor import Editor

pytestmark = pytest.mark.asyncio(loop_scope="module")
own_loop = pytest.mark.asyncio(loop_scope="function")


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
