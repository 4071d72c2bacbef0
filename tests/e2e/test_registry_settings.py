"""A changed setting of the registry begins the registry anew, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.e2e.failure_support import CAMPAIGN, REGISTRY, RawClient

COUNTING = [sys.executable, str(Path(__file__).with_name("counting_server.py"))]


def changed(client: RawClient, **registry: Any) -> None:
    client.notify("workspace/didChangeConfiguration", {"settings": {"specql": {"registry": registry}}})


def run(client: RawClient, command: str, **argument: Any) -> Any:
    answer = client.answer("workspace/executeCommand", {"command": f"specql.{command}", "arguments": [argument]})
    return answer["result"]


def published(client: RawClient, path: Path, *codes: str) -> None:
    """Waits until these are the codes that were published last for a file."""

    def is_wanted(message: dict[str, Any]) -> bool:
        found = [d["code"] for d in message["params"]["diagnostics"]]
        return is_of_file(message) and sorted(found) == sorted(codes)

    def is_of_file(message: dict[str, Any]) -> bool:
        return message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == path.as_uri()

    last = [message for message in client.messages if is_of_file(message)][-1:]
    if not last or not is_wanted(last[0]):
        client.until(lambda m: is_of_file(m) and is_wanted(m))


def test_a_changed_setting_of_the_registry_reads_no_entity_file(workspace: Path, tmp_path: Path) -> None:
    log = tmp_path / "reads"
    with RawClient(server=COUNTING, environment={"READS": str(log)}) as client:
        client.initialize(workspace)
        published(client, workspace / CAMPAIGN, "unknown-domain", "unregistered-table-code")
        run(client, "refreshRegistry")
        # An allocation waits until every file is indexed; this one is refused after that.
        refused = {"command": "specql.allocateEntityCode", "arguments": [{"entity": "X", "domain": "crm"}]}
        assert "error" in client.answer("workspace/executeCommand", refused)
        before = log.read_text().splitlines()
        assert any(line.endswith("campaign.yaml") for line in before), "reads are seen"
        for seconds in (90, 91):
            changed(client, refreshSeconds=seconds)
            assert run(client, "refreshRegistry")["source"] == "yaml"
        after = log.read_text().splitlines()[len(before) :]
        assert {Path(line).name for line in after} == {Path(REGISTRY).name}
        assert [d["number"] for d in run(client, "listDomains")], "the registry answers"
        assert client.leave() == 0


def test_the_index_lives_on_when_the_registry_changes(workspace: Path) -> None:
    """Right after the change an allocation knows the codes of every file."""
    with RawClient() as client:
        client.initialize(workspace)
        published(client, workspace / CAMPAIGN, "unknown-domain", "unregistered-table-code")
        changed(client, backend="in_memory")
        run(client, "registerDomain", number="2", name="crm")
        run(client, "registerSubdomain", domain="crm", number="04", name="support")
        wanted = {"entity": "Ticket", "domain": "crm", "subdomain": "support"}
        assert run(client, "allocateEntityCode", **wanted)["tableCode"] == "012042"  # 012041 is campaign.yaml's
        changed(client, backend="yaml")
        assert run(client, "refreshRegistry")["source"] == "yaml"
        published(client, workspace / CAMPAIGN, "unknown-domain", "unregistered-table-code")
        assert client.leave() == 0


def test_another_registry_file(workspace: Path) -> None:
    other = workspace / "registry" / "other.yaml"
    other.write_text((workspace / REGISTRY).read_text())
    with RawClient() as client:
        client.initialize(workspace)
        published(client, workspace / REGISTRY, "subdomain-mismatch")
        changed(client, yamlPath="registry/other.yaml")
        published(client, workspace / REGISTRY)
        published(client, other, "subdomain-mismatch")
        assert {d["registryLocation"]["uri"] for d in run(client, "listDomains")} == {other.as_uri()}
        assert client.leave() == 0


def test_one_code_action_asks_for_the_registry_once(workspace: Path) -> None:
    uri = (workspace / "entities/crm/ticket.yaml").as_uri()
    place = {"line": 0, "character": 9}
    with RawClient() as client:
        client.initialize(workspace)
        run(client, "refreshRegistry")
        opened = {"uri": uri, "languageId": "yaml", "version": 1, "text": "entity: Ticket\nschema: crm\n"}
        client.notify("textDocument/didOpen", {"textDocument": opened})
        before = run(client, "performanceReport")["cache"]
        asked = {"textDocument": {"uri": uri}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
        assert client.answer("textDocument/codeAction", asked)["result"] is not None
        after = run(client, "performanceReport")["cache"]
        assert (after["hits"] - before["hits"], after["misses"] - before["misses"]) == (1, 0)
        assert client.leave() == 0
