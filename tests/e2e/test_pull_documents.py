"""``textDocument/diagnostic``: what is found in the text as it is, once; everything else is published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.clients import declared_by
from tests.e2e.diagnostics_support import TASK, TICKET, voucher
from tests.e2e.pull_support import CANCELLED, SERVER_CANCELLED, PullClient, codes, pulling
from tests.support.patient import QUIET_VARIABLE

PATH = "entities/crm/voucher.yaml"
WRONG = voucher("'012991'")
RIGHT = voucher("'014011'", schema="projects", name="Project")
UNKNOWN_DOMAIN = "entity: Voucher\nschema: crn\n"


@pytest.fixture
def client(workspace: Path) -> Iterator[PullClient]:
    with PullClient(workspace) as client:
        client.source("yaml")
        client.codes_published(TICKET, "missing-table-code")  # the workspace is read
        yield client
        assert client.leave() == 0
        assert b"Traceback" not in client.stderr


def test_a_document_that_is_opened(client: PullClient) -> None:
    client.open(PATH, WRONG)
    report = client.pull(PATH)
    assert (report["kind"], codes(report["items"])) == ("full", ["unknown-subdomain"])
    assert report["items"][0]["source"] == "specql"
    client.open(TASK)
    assert codes(client.pull(TASK)["items"]) == ["unregistered-table-code"]
    client.open("compose.yaml", "services:\n  a: [b\n")
    assert client.pull("compose.yaml")["items"] == []


def test_what_has_not_changed_is_not_sent_again(client: PullClient) -> None:
    client.open(PATH, WRONG)
    first = client.pull(PATH)["resultId"]
    assert client.pull(PATH, first) == {"kind": "unchanged", "resultId": first}
    client.change(PATH, WRONG + "# a comment\n")
    assert client.pull(PATH, first) == {"kind": "unchanged", "resultId": first}
    client.change(PATH, f"# a line more\n{WRONG}")
    second = client.pull(PATH, first)
    assert (second["kind"], codes(second["items"])) == ("full", ["unknown-subdomain"])
    assert second["resultId"] != first
    client.change(PATH, RIGHT)
    third = client.pull(PATH, second["resultId"])
    assert (third["kind"], third["items"]) == ("full", [])
    assert client.pull(PATH, third["resultId"])["kind"] == "unchanged"
    client.change(PATH, WRONG)
    assert client.pull(PATH, first)["kind"] == "full"  # no id is used twice


def test_a_line_break_for_a_blank_moves_what_is_found(client: PullClient) -> None:
    """The offsets of the findings are the same; their places are not."""
    client.open(PATH, f"# a b\n{WRONG}")
    first = client.pull(PATH)
    client.change(PATH, f"# a\n#\n{WRONG}")
    second = client.pull(PATH, first["resultId"])
    lines = [each["items"][0]["range"]["start"]["line"] for each in (first, second)]
    assert lines == [4, 5]


def test_what_is_pulled_is_not_published(client: PullClient) -> None:
    client.open(TICKET)
    client.pull(TICKET)
    assert client.published[client.uri(TICKET)] == []  # what was published before it was opened is taken back
    client.open(PATH, WRONG)
    client.pull(PATH)
    client.change(PATH, voucher("'012033'"))
    assert codes(client.pull(PATH)["items"]) == ["unregistered-table-code"]
    assert client.uri(PATH) not in client.published
    # Closed, it is published as it is on the disk.
    client.close(TICKET)
    client.codes_published(TICKET, "missing-table-code")
    client.write(TICKET, UNKNOWN_DOMAIN.replace("Voucher", "Ticket"))
    client.codes_published(TICKET, "unknown-domain")


def test_a_document_that_is_open_and_not_pulled_is_published(client: PullClient) -> None:
    client.open(PATH, WRONG)
    client.codes_published(PATH, "unknown-subdomain")
    client.pull(PATH)
    assert client.published[client.uri(PATH)] == []


def test_a_change_elsewhere_refreshes(client: PullClient) -> None:
    client.open(TASK)
    first = client.pull(TASK)
    assert codes(first["items"]) == ["unregistered-table-code"]
    before = client.refreshes
    client.open(PATH, voucher("'014012'", schema="projects"))  # another one with the code of Task
    client.refreshed()
    assert codes(client.pull(TASK, first["resultId"])["items"]) == ["table-code-taken"]
    client.close(PATH)
    client.refreshed()
    assert codes(client.pull(TASK)["items"]) == ["unregistered-table-code"]
    assert client.refreshes == before + 2


def test_the_registry_refreshes(client: PullClient) -> None:
    client.open(TASK)
    first = client.pull(TASK)
    path = "registry/domain_registry.yaml"
    text = (client.folder / path).read_text(encoding="utf-8")
    task = "          Task: '014012'\n      '02':\n        name: location\n"
    client.write(path, text.replace("      '02':\n        name: location\n", task))
    client.refreshed()
    assert client.pull(TASK, first["resultId"])["items"] == []


def test_what_is_typed_waits_and_comes_by_a_refresh(workspace: Path) -> None:
    with PullClient(workspace, environment={QUIET_VARIABLE: "2000"}) as client:
        client.source("yaml")
        client.open(PATH, UNKNOWN_DOMAIN)
        first = client.pull(PATH)
        assert codes(first["items"]) == ["unknown-domain"]  # nothing was typed: it was opened like that
        client.edit(PATH, 1, 11, 11, "k")
        second = client.pull(PATH, first["resultId"])
        assert (second["kind"], second["items"]) == ("full", [])
        client.refreshed()
        third = client.pull(PATH, second["resultId"])
        assert codes(third["items"]) == ["unknown-domain"]
        assert len({each["resultId"] for each in (first, second, third)}) == 3
        assert client.leave() == 0


def test_a_client_that_does_not_pull_at_an_edit_is_asked_to(client: PullClient) -> None:
    client.open(PATH, RIGHT)
    assert client.pull(PATH)["items"] == []
    client.change(PATH, WRONG)  # all of it is typed: what is found waits
    client.refreshed()
    assert codes(client.pull(PATH)["items"]) == ["unknown-subdomain"]


def test_an_edit_ends_what_was_asked_before_it(workspace: Path) -> None:
    settings = {"diagnostics": {"debounceMs": 10_000}}
    with PullClient(workspace, settings=settings) as client:
        client.source("yaml")
        client.open(PATH, WRONG)
        client.pull(PATH)
        client.change(PATH, RIGHT)
        waiting = client.ask_document(PATH)
        client.change(PATH, WRONG)
        error = client.end_of(waiting)["error"]
        assert (error["code"], error["data"]) == (SERVER_CANCELLED, {"retriggerRequest": True})
        closed = client.ask_document(PATH)
        client.close(PATH)
        error = client.end_of(closed)["error"]
        assert (error["code"], error["data"]) == (SERVER_CANCELLED, {"retriggerRequest": False})
        while client.pull(PATH)["items"]:  # there is no such file, which has to be seen first
            client.refreshed()
        assert client.leave() == 0


def test_a_request_that_is_cancelled(workspace: Path) -> None:
    with PullClient(workspace, settings={"diagnostics": {"debounceMs": 10_000}}) as client:
        client.source("yaml")
        client.open(PATH, WRONG)
        first = client.pull(PATH)
        client.change(PATH, RIGHT)
        waiting = client.ask_document(PATH, first["resultId"])
        client.notify("$/cancelRequest", {"id": waiting})
        assert client.end_of(waiting)["error"]["code"] == CANCELLED
        client.notify("$/cancelRequest", {"id": waiting})  # once more is no harm
        client.close(PATH)
        client.open(PATH, RIGHT)  # what is opened waits for no pause
        assert client.pull(PATH)["items"] == []
        assert client.leave() == 0


def test_a_file_that_is_not_open(client: PullClient) -> None:
    assert codes(client.pull(TICKET)["items"]) == ["missing-table-code"]
    assert client.published[client.uri(TICKET)] == []
    client.write(TICKET, UNKNOWN_DOMAIN.replace("Voucher", "Ticket"))
    client.refreshed()
    assert codes(client.pull(TICKET)["items"]) == ["unknown-domain"]
    assert client.pull("entities/there/is_none.yaml")["items"] == []


def test_a_text_that_is_not_known_has_nothing(client: PullClient) -> None:
    client.open(PATH, WRONG)
    assert client.pull(PATH)["items"]
    client._change(PATH, {"range": {"start": {"line": 9}}, "text": "?"})
    assert client.pull(PATH)["items"] == []
    client.change(PATH, WRONG)
    assert codes(client.pull(PATH)["items"]) == ["unknown-subdomain"]


def test_settings_change_what_is_shown_and_its_id(workspace: Path) -> None:
    with PullClient(workspace) as client:
        client.source("yaml")
        client.open(TICKET)
        first = client.pull(TICKET)
        assert [each["severity"] for each in first["items"]] == [4]
        config = workspace / "specql-lsp.toml"
        config.write_text('[diagnostics.severity]\nmissing-table-code = "error"\n', encoding="utf-8")
        client.touch("specql-lsp.toml")
        client.refreshed()
        second = client.pull(TICKET, first["resultId"])
        assert (second["kind"], [each["severity"] for each in second["items"]]) == ("full", [1])
        config.write_text("[diagnostics]\nenabled = false\n", encoding="utf-8")
        client.touch("specql-lsp.toml")
        client.refreshed()
        assert client.pull(TICKET, second["resultId"])["items"] == []
        assert client.leave() == 0


def test_related_documents_save_a_refresh(workspace: Path) -> None:
    with PullClient(workspace, capabilities=pulling(relatedDocumentSupport=True)) as client:
        client.source("yaml")
        client.open(TASK)
        client.pull(TASK)
        client.open(PATH, voucher("'014012'", schema="projects"))
        while "relatedDocuments" not in (report := client.pull(PATH)):
            pass
        (related,) = report["relatedDocuments"].items()
        assert (related[0], related[1]["kind"]) == (client.uri(TASK), "full")
        assert codes(related[1]["items"]) == ["table-code-taken"]
        assert client.pull(TASK, related[1]["resultId"])["kind"] == "unchanged"
        assert client.leave() == 0


@pytest.mark.parametrize("editor", ["neovim", "helix", "emacs", "kate"])
def test_to_those_that_cannot_be_asked_again_everything_is_published(workspace: Path, editor: str) -> None:
    with PullClient(workspace, capabilities=declared_by(editor)) as client:
        assert "diagnosticProvider" not in client.initialized
        client.codes_published(TICKET, "missing-table-code")
        client.open(PATH, WRONG)
        client.codes_published(PATH, "unknown-subdomain")
        assert client.leave() == 0
        assert client.refreshes == 0
