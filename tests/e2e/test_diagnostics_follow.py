"""When diagnostics are published, and when they go: edits, closed buffers, files that change, settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.conftest import QUIET, REGISTRY
from tests.e2e.diagnostics_support import (
    ERROR,
    TASK,
    TICKET,
    WARNING,
    Found,
    execute,
    found,
    opened,
    related,
    voucher,
)
from tests.e2e.editor import Editor

pytestmark = pytest.mark.asyncio(loop_scope="module")

own_loop = pytest.mark.asyncio(loop_scope="function")


async def test_a_change_publishes_and_a_fix_clears(shared: Editor) -> None:
    with opened(shared, voucher("'012033'")) as path:
        await shared.codes(path, "unregistered-table-code")
        shared.edit(path, (3, 15), (3, 21), "012991")
        await shared.codes(path, "unknown-subdomain")
        shared.change(path, voucher("'014011'", schema="projects", name="Project"))
        await shared.codes(path)
        last = next(p for p in reversed(shared.published) if p.uri == shared.uri(path))
        assert (last.version, list(last.diagnostics)) == (3, [])
        shared.edit(path, (1, 8), (1, 16), "nowhere")
        await shared.codes(path, "unknown-domain")


async def test_a_burst_of_changes_is_answered_at_its_end(shared: Editor) -> None:
    with opened(shared, "entity: Voucher\nschema: \n") as path:
        await shared.until(lambda: any(p.uri == shared.uri(path) for p in shared.published), "the first answer")
        before = len(shared.published)
        for index, letter in enumerate("nowhere_at_all_"):
            shared.edit(path, (1, 8 + index), (1, 8 + index), letter)
        await shared.codes(path, "unknown-domain")
        versions = [p.version for p in shared.published[before:] if p.uri == shared.uri(path)]
        assert versions[-1] == 16
        assert len(versions) < 8
        assert versions == sorted(v for v in versions if v is not None)


async def test_a_closed_buffer_leaves_the_disks_diagnostics(shared: Editor) -> None:
    shared.open(TICKET, voucher("'012991'", name="Ticket"))
    await shared.codes(TICKET, "unknown-subdomain")
    shared.close(TICKET)
    await shared.codes(TICKET, "missing-table-code")


async def test_a_closed_buffer_without_a_file_leaves_nothing(shared: Editor) -> None:
    with opened(shared, voucher("'012991'")) as path:
        await shared.codes(path, "unknown-subdomain")
    await shared.codes(path)


@own_loop
async def test_files_that_change_on_the_disk(editor: Editor) -> None:
    await editor.codes(TASK, "unregistered-table-code")
    editor.write(TASK, voucher("'014F12'", schema="projects", name="Task"))
    await editor.codes(TASK, "unknown-subdomain")
    editor.write("entities/crm/late.yaml", "entity: Late\nschema: crm\n")
    await editor.codes("entities/crm/late.yaml", "missing-table-code")
    editor.delete("entities/crm/late.yaml")
    await editor.codes("entities/crm/late.yaml")
    # The only other user of Contact's code takes its own.
    await editor.codes("entities/crm/contact.yaml", "table-code-taken")
    editor.write("entities/catalog/product.yaml", voucher("'013031'", schema="catalog", name="Product"))
    await editor.codes("entities/catalog/product.yaml")
    await editor.codes("entities/crm/contact.yaml")
    # A file that turns into something else is none of ours any more.
    editor.write(TASK, "name: build\n")
    await editor.codes(TASK)
    # Deleting one user of a code frees it for the other.
    editor.write("entities/crm/a.yaml", voucher("'012044'", name="A"))
    editor.write("entities/crm/b.yaml", voucher("'012044'", name="B"))
    await editor.codes("entities/crm/a.yaml", "table-code-taken")
    editor.delete("entities/crm/b.yaml")
    await editor.codes("entities/crm/a.yaml", "unregistered-table-code")
    await editor.codes("entities/crm/b.yaml")


@own_loop
async def test_the_registry_file_changes(editor_yaml: Editor) -> None:
    editor = editor_yaml
    await editor.codes(TASK, "unregistered-table-code")
    text = editor.path(REGISTRY).read_text(encoding="utf-8")
    task = "          Task: '014012'\n      '02':\n        name: location\n"
    registered = text.replace("      '02':\n        name: location\n", task)
    editor.open(REGISTRY, registered)  # unsaved: it counts all the same
    await editor.codes(TASK)
    editor.close(REGISTRY)
    await editor.codes(TASK, "unregistered-table-code")
    editor.write(REGISTRY, registered)
    await editor.codes(TASK)
    editor.write(REGISTRY, text.replace("    name: crm\n", "    name: crn\n").replace("  crm:\n", "  crn:\n"))
    await editor.codes("entities/crm/campaign.yaml", "unregistered-table-code")
    await editor.codes(TICKET, "unknown-domain")
    editor.delete(REGISTRY)
    await editor.source("none")
    # Unavailable is not empty: what needs a registry is not reported.
    await editor.codes(TICKET)
    await editor.codes("entities/crm/company.yaml", "unquoted-table-code")
    await editor.codes("entities/crm/contact.yaml", "table-code-taken")
    await editor.codes(REGISTRY)


@own_loop
async def test_the_registry_file_checks_itself(editor: Editor) -> None:
    await editor.codes(REGISTRY, "subdomain-mismatch")
    text = editor.path(REGISTRY).read_text(encoding="utf-8")
    for old, new in (
        ("table_code: '011012'", "table_code: '011011'"),  # line 25: Account's
        ("table_code: '012032'", "table_code: 012032"),
        ("table_code: '013031'", "table_code: '012131'"),
        ("table_code: '013211'", "table_code: '01201F'"),
        ("table_code: '014011'", "table_code: '01401'"),
        ("  projects:\n    core:\n", "  project:\n    core:\n"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    editor.open(REGISTRY, text)
    expected: list[Found] = [
        ("domain-mismatch", ERROR, (83, 24, 83, 32)),
        ("invalid-table-code", ERROR, (98, 24, 98, 31)),
        ("reserved-table-code", ERROR, (76, 37, 76, 45)),
        ("table-code-taken", ERROR, (20, 24, 20, 32)),
        ("table-code-taken", ERROR, (24, 24, 24, 32)),
        ("unknown-domain", WARNING, (126, 2, 126, 9)),
        ("unquoted-table-code", ERROR, (52, 24, 52, 30)),
    ]
    wanted = {code for code, _, _ in expected}

    def checked() -> list[types.Diagnostic] | None:
        shown = editor.client.diagnostics.get(editor.uri(REGISTRY), [])
        ours = [d for d in shown if d.code in wanted]
        return ours if len(ours) == len(expected) else None

    diagnostics = await editor.until(checked, "the registry's own findings")
    assert found(diagnostics) == expected
    account = next(d for d in diagnostics if d.code == "table-code-taken" and d.range.start.line == 20)
    assert related(account, editor) == [
        (REGISTRY, (24, 24, 24, 32), "Session in core / accounts has the code 011011, too."),
    ]
    editor.change(REGISTRY, text.replace("\n  '2':\n", "\n  '2': [\n", 1))
    await editor.until(
        lambda: "yaml-syntax" in [d.code for d in editor.client.diagnostics[editor.uri(REGISTRY)]], "the broken text"
    )
    editor.close(REGISTRY)
    await editor.codes(REGISTRY, "subdomain-mismatch")


@own_loop
async def test_severities_are_the_users(workspace: Path) -> None:
    severity = {"missing-table-code": "error", "unknown-domain": "off", "unregistered-table-code": "information"}
    async with Editor(workspace, settings={"diagnostics": {"severity": severity}}) as editor:
        (missing,) = await editor.codes(TICKET, "missing-table-code")
        assert missing.severity == ERROR
        (unregistered,) = await editor.codes("entities/crm/campaign.yaml", "unregistered-table-code")
        assert unregistered.severity == types.DiagnosticSeverity.Information
        # Settings change while the server runs.
        editor.settings["diagnostics"]["severity"] = {"missing-table-code": "warning", "unquoted-table-code": "off"}
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
        await editor.codes("entities/crm/campaign.yaml", "unknown-domain", "unregistered-table-code")
        await editor.codes("entities/crm/company.yaml")
        uri = editor.uri(TICKET)
        await editor.until(
            lambda: [d.severity for d in editor.client.diagnostics[uri]] == [WARNING], "the new severity"
        )


@own_loop
async def test_diagnostics_can_be_switched_off(workspace: Path, workspace_url: str) -> None:
    execute(workspace_url, "DELETE FROM specql_registry.tb_domain WHERE domain_number = '4'")
    environment = {"SPECQL_DB_URL": workspace_url}
    settings: dict[str, Any] = {**QUIET, "diagnostics": {"drift": False}}
    async with Editor(workspace, environment=environment, settings=settings) as editor:
        await editor.codes(REGISTRY, "subdomain-mismatch")
        assert (await editor.command("specql.checkConsistency"))["consistent"] is False
        await editor.codes(TASK, "unknown-domain", "unknown-domain-number", "unknown-entity")
        assert [d.code for d in editor.client.diagnostics[editor.uri(REGISTRY)]] == ["subdomain-mismatch"]
        settings["diagnostics"] = {"enabled": False}
        editor.settings.update(settings)
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
        await editor.until(lambda: not any(editor.client.diagnostics.values()), "silence")
