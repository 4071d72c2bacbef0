"""Settings from every place, and what happens when they change while the server runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from specql_lsp.config import settings_for
from tests.e2e.editor import Editor
from tests.e2e.editor_client import capabilities
from tests.e2e.failure_support import (
    ALLOCATE,
    CAMPAIGN,
    CONTACT,
    REGISTRY,
    TICKET,
    TICKET_REQUEST,
    messages_shown,
    registry_settings,
)
from tests.support.ports import own_port

TOML = "specql-lsp.toml"


def settings_changed(editor: Editor, settings: dict[str, Any]) -> None:
    """The user changes the editor's settings."""
    editor.settings = settings
    editor.client._configuration = {"": {"specql": settings}}
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))


async def test_changed_settings_switch_the_backend(workspace: Path, workspace_url: str) -> None:
    async with Editor(workspace) as editor:
        await editor.source("yaml")
        settings_changed(editor, registry_settings(workspace_url))
        await editor.source("postgresql", writable=True)
        assert (await editor.command(ALLOCATE, TICKET_REQUEST))["created"]
        settings_changed(editor, {"registry": {"backend": "yaml", "databaseUrl": workspace_url}})
        await editor.source("yaml", writable=False)
        settings_changed(editor, {"registry": {"backend": "in_memory"}})
        await editor.source("in_memory", writable=True, domains=0)
        settings_changed(editor, {})
        await editor.source("yaml", domains=4)
        assert editor.messages == []


async def test_a_registry_in_memory(workspace: Path) -> None:
    async with Editor(workspace, options={"registry": {"backend": "in_memory"}}) as editor:
        await editor.source("in_memory", writable=True)
        empty = await editor.command("specql.listDomains")
        assert empty == []
        await editor.everything_read()
        domain = await editor.command("specql.registerDomain", {"number": "2", "name": "crm", "aliases": ["sales"]})
        assert (domain["number"], domain["name"], domain["aliases"]) == ("2", "crm", ["sales"])
        place = {"domain": "crm", "number": "04", "name": "support"}
        subdomain = await editor.command("specql.registerSubdomain", place)
        assert (subdomain["number"], subdomain["free"], subdomain["entities"]) == ("04", 14, [])  # one is in a file
        allocation = await editor.command(ALLOCATE, TICKET_REQUEST)
        assert (allocation["tableCode"], allocation["created"]) == ("012042", True)
        for command, wrong, kind in [
            ("specql.registerDomain", {"number": "2", "name": "other"}, "already-registered"),
            ("specql.registerDomain", {"number": "3"}, "invalid-argument"),
            ("specql.registerDomain", {"number": "3", "name": "x", "aliases": "y"}, "invalid-argument"),
            ("specql.registerSubdomain", {**place, "number": "05", "domain": "nowhere"}, "unknown-domain"),
        ]:
            with pytest.raises(JsonRpcException) as refused:
                await editor.command(command, wrong)
            assert refused.value.data["kind"] == kind
        settings_changed(editor, {"diagnostics": {"drift": False}})
        status = await editor.command("specql.refreshRegistry")
        assert status["entities"] == 1, "the registry in memory lives as long as the process"


async def test_the_file_and_its_changes_on_the_disk(workspace: Path, workspace_url: str) -> None:
    (workspace / TOML).write_text(f'[registry]\ndatabaseUrl = "{workspace_url}"\n')
    async with Editor(workspace) as editor:
        await editor.source("postgresql", writable=True)
        editor.write(TOML, '[registry]\nbackend = "yaml"\n')
        await editor.source("yaml")
        editor.write(TOML, "[registry\n")
        await editor.until(lambda: editor.messages, "a message")
        assert "specql-lsp.toml is not valid TOML" in editor.messages[0].message
        editor.write(TOML, '[registry]\nbackend = "in_memory"\n')
        await editor.source("in_memory")
        editor.delete(TOML)
        await editor.source("yaml")
        await messages_shown(editor, types.MessageType.Warning)


async def test_the_environment(workspace: Path, workspace_url: str) -> None:
    environment = {"SPECQL_DB_URL": workspace_url}
    async with Editor(workspace, environment=environment) as editor:
        await editor.source("postgresql", writable=True)
    async with Editor(workspace, environment={**environment, "SPECQL_REPOSITORY_BACKEND": "yaml"}) as editor:
        await editor.source("yaml")


async def test_the_higher_layer_wins(workspace: Path, workspace_url: str) -> None:
    """The file says PostgreSQL at a closed port, the environment YAML, the options memory, the client the database."""
    (workspace / TOML).write_text(f'[registry]\ndatabaseUrl = "postgresql://u@127.0.0.1:{own_port()}/d"\n')
    async with Editor(
        workspace,
        environment={"SPECQL_REPOSITORY_BACKEND": "yaml", "TEAM_URL": workspace_url},
        options={"registry": {"backend": "in_memory"}},
        settings={"registry": {"backend": "auto", "databaseUrl": "${env:TEAM_URL}"}},
    ) as editor:
        await editor.source("postgresql", writable=True)
        settings_changed(editor, {})
        await editor.source("in_memory")


async def test_a_client_that_sends_its_settings_itself(workspace: Path) -> None:
    async with Editor(workspace, client_capabilities=capabilities(configuration=False)) as editor:
        await editor.source("yaml")
        for settings in ({"specql": {"registry": {"backend": "in_memory"}}}, {"registry": {"backend": "in_memory"}}):
            editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=settings))
            await editor.source("in_memory")
            editor.client.workspace_did_change_configuration(
                types.DidChangeConfigurationParams(settings={"specql": {}})
            )
            await editor.source("yaml")


async def test_wrong_values_are_told_once_and_not_used(workspace: Path) -> None:
    wrong = {"registry": {"refreshSeconds": "often", "backend": "oracle"}, "diagnostics": {"severity": {"x": "loud"}}}
    async with Editor(workspace, settings=wrong, options={"registry": {"backend": "in_memory"}}) as editor:
        await editor.source("in_memory")  # the next lower layer's value
        await messages_shown(editor, *[types.MessageType.Warning] * 3)
        text = "\n".join(message.message for message in editor.messages)
        for key in ("registry.refreshSeconds", "registry.backend", "diagnostics.severity"):
            assert f"specql.{key} in the client's settings" in text
        settings_changed(editor, {**wrong, "diagnostics": {**wrong["diagnostics"], "drift": False}})
        settings_changed(editor, {**wrong, "files": {"include": 3}})
        await editor.until(lambda: len(editor.messages) > 3, "the new mistake")
        await messages_shown(editor, *[types.MessageType.Warning] * 4)
        assert "specql.files.include" in editor.messages[-1].message


async def test_values_that_clocks_and_patterns_refuse(workspace: Path) -> None:
    (workspace / TOML).write_text(
        "[registry]\nrefreshSeconds = inf\nstatementTimeoutMs = nan\nconnectTimeoutSeconds = 1e300\n"
        '[files]\nexclude = ["[z-a]", "{{a}"]\n'
    )
    async with Editor(workspace) as editor:
        await editor.source("yaml", domains=4)
        await messages_shown(editor, *[types.MessageType.Warning] * 3)


async def test_severity_enabled_and_drift(workspace: Path, workspace_url: str) -> None:
    text = (workspace / REGISTRY).read_text().replace("description: What we sell", "description: Something else")
    (workspace / REGISTRY).write_text(text)
    base = registry_settings(workspace_url, refreshSeconds=3600)
    severity = {"missing-table-code": "warning", "unknown-domain": "off", "subdomain-mismatch": "information"}
    async with Editor(workspace, settings={**base, "diagnostics": {"severity": severity}}) as editor:
        (found,) = await editor.codes(TICKET, "missing-table-code")
        assert found.severity == types.DiagnosticSeverity.Warning
        await editor.codes(CAMPAIGN, "unregistered-table-code")
        shown = await editor.codes(REGISTRY, "subdomain-mismatch", "domain-attribute-mismatch")
        assert {str(d.code): d.severity for d in shown} == {
            "subdomain-mismatch": types.DiagnosticSeverity.Information,
            "domain-attribute-mismatch": types.DiagnosticSeverity.Warning,
        }
        settings_changed(editor, {**base, "diagnostics": {"drift": False}})
        await editor.codes(REGISTRY, "subdomain-mismatch")
        (found,) = await editor.codes(TICKET, "missing-table-code")
        await editor.codes(CAMPAIGN, "unknown-domain", "unregistered-table-code")
        settings_changed(editor, {**base, "diagnostics": {"enabled": False}})
        for path in (TICKET, CAMPAIGN, REGISTRY, CONTACT):
            await editor.codes(path)
        settings_changed(editor, base)
        await editor.codes(REGISTRY, "subdomain-mismatch", "domain-attribute-mismatch")
        await editor.codes(TICKET, "missing-table-code")


async def test_where_files_are_looked_for(workspace: Path) -> None:
    async with Editor(workspace, settings={"files": {"exclude": ["**/crm/**"]}}) as editor:
        await editor.codes("entities/projects/task.yaml", "unregistered-table-code")
        await editor.codes(CAMPAIGN)
        settings_changed(editor, {"files": {"include": ["entities/crm/*.yaml"]}})
        await editor.codes(CAMPAIGN, "unknown-domain", "unregistered-table-code")
        await editor.codes("entities/projects/task.yaml")


async def test_another_place_of_the_yaml(workspace: Path) -> None:
    (workspace / REGISTRY).rename(workspace / "numbers.yml")
    async with Editor(workspace, settings={"registry": {"yamlPath": "numbers.yml"}}) as editor:
        await editor.source("yaml", domains=4)
        await editor.codes("numbers.yml", "subdomain-mismatch")
        settings_changed(editor, {})
        await editor.source("none")


async def test_an_untrusted_workspace_names_no_database(workspace: Path, workspace_url: str) -> None:
    (workspace / "specql-lsp.toml").write_text(f'[registry]\ndatabaseUrl = "{workspace_url}"\n', encoding="utf-8")
    async with Editor(workspace, arguments=["serve", "--untrusted"]) as editor:
        assert (await editor.source("yaml"))["server"] is None
    async with Editor(
        workspace, arguments=["serve", "--untrusted"], settings={"registry": {"databaseUrl": workspace_url}}
    ) as editor:
        await editor.source("postgresql")  # what the user says counts
    async with Editor(workspace, arguments=["serve"]) as editor:
        await editor.source("postgresql")


@pytest.mark.parametrize(
    "text", ["[specql.registry]\ndatabase_url = 'x'\n", "[registry]\ndatabaseUrl = 'x'\nrefreshSeconds = 7\n"]
)
def test_nor_in_any_other_spelling(tmp_path: Path, text: str) -> None:
    (tmp_path / "specql-lsp.toml").write_text(text, encoding="utf-8")
    assert settings_for(tmp_path, [], {})[0].registry.database_url == "x"
    untrusted, warnings = settings_for(tmp_path, [], {}, trusted=False)
    assert (untrusted.registry.database_url, warnings) == ("", ())
    assert untrusted.registry.refresh_seconds == (7 if "refresh" in text else 30)
