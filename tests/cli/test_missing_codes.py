"""``specql-lsp domain allocate-missing`` as a process: files written byte by byte, what is refused, exit status."""

from __future__ import annotations

from pathlib import Path

from tests.cli.support import answer, codes, refusal, run

COMMAND = ("domain", "allocate-missing")
MARKED = "\ufeffentity: CustomerVisit\r\nschema: crm\r\n# caf\u00e9\r\n"


NOWHERE = "The schema nowhere is no domain of the registry: register the domain, or change the schema."


def put(workspace: Path, name: str, text: str) -> Path:
    path = workspace / "entities" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def test_files_without_a_code_get_one_and_keep_all_else(workspace: Path, workspace_url: str) -> None:
    visit = put(workspace, "deep/visit.yaml", MARKED)
    unclear = put(workspace, "unclear.yaml", "entity: Xyzzy\nschema: catalog\n")
    before = {path: path.read_bytes() for path in workspace.rglob("*.yaml")}
    preview = answer(workspace, *COMMAND, "--dry-run", url=workspace_url, status=1)
    assert {path: path.read_bytes() for path in workspace.rglob("*.yaml")} == before
    assert codes(workspace_url, "CustomerVisit") == []
    done = answer(workspace, *COMMAND, url=workspace_url, status=1)
    assert done == preview
    given = {each["path"]: each for each in done["allocated"]}
    code = given["entities/deep/visit.yaml"]["tableCode"]
    assert codes(workspace_url, "CustomerVisit") == [code]
    expected = MARKED.replace("schema: crm\r\n", f"schema: crm\r\norganization:\r\n  table_code: '{code}'\r\n")
    assert visit.read_bytes().decode() == expected
    assert unclear.read_bytes() == before[unclear]
    (left,) = [each for each in done["refused"] if each["entity"] == "Xyzzy"]
    assert (left["path"], left["kind"]) == ("entities/unclear.yaml", "unknown-subdomain")
    assert left["message"] == (
        "Which subdomain of catalog Xyzzy belongs to follows from nothing: allocate its code in one of "
        "classification, manufacturer, product."
    )
    again = answer(workspace, *COMMAND, url=workspace_url, status=1)
    assert again == {"allocated": [], "refused": done["refused"], "unwritten": []}


def test_only_what_is_named(workspace: Path, workspace_url: str) -> None:
    put(workspace, "deep/visit.yaml", MARKED)
    put(workspace, "deep/call.yaml", "entity: SupportCall\nschema: crm\n")
    done = answer(workspace, *COMMAND, "entities/deep/call.yaml", url=workspace_url)
    assert [each["entity"] for each in done["allocated"]] == ["SupportCall"]
    done = answer(workspace, *COMMAND, "entities/deep", url=workspace_url)
    assert [each["entity"] for each in done["allocated"]] == ["CustomerVisit"]
    shown = run(workspace, *COMMAND, "entities/deep", url=workspace_url)
    assert (shown.returncode, shown.stdout) == (0, "Every entity has a code.\n")
    kind, message = refusal(workspace, *COMMAND, "nowhere", url=workspace_url, status=2)
    assert (kind, message) == ("file-unreadable", "There is no file or folder nowhere.")


def test_as_text(workspace: Path, workspace_url: str) -> None:
    put(workspace, "deep/visit.yaml", MARKED)
    put(workspace, "deep/call.yaml", "entity: Lost\nschema: nowhere\n")
    shown = run(workspace, *COMMAND, "entities/deep", "--dry-run", url=workspace_url)
    assert (shown.returncode, shown.stderr) == (1, "")
    assert shown.stdout.splitlines() == [
        "CODE    ENTITY         SUBDOMAIN       FILE",
        "012033  CustomerVisit  crm / customer  entities/deep/visit.yaml",
        "",
        f"entities/deep/call.yaml: Lost gets no code. {NOWHERE}",
        "",
        "1 code would be allocated, 1 not.",
    ]


def test_a_file_that_cannot_be_written(workspace: Path, workspace_url: str) -> None:
    """What is registered stays; the next run writes it."""
    visit = put(workspace, "deep/visit.yaml", MARKED)
    mode = visit.parent.stat().st_mode
    visit.parent.chmod(0o500)
    try:
        shown = run(workspace, *COMMAND, "entities/deep", url=workspace_url)
    finally:
        visit.parent.chmod(mode)
    if visit.read_bytes().decode() == MARKED:  # root writes everywhere
        assert shown.returncode == 2
        assert "CustomerVisit has the code 012033, but it is not in its file. " in shown.stderr
    done = answer(workspace, *COMMAND, "entities/deep", url=workspace_url)
    assert "012033" in visit.read_text(encoding="utf-8") and len(done["allocated"]) <= 1


def test_a_registry_that_is_only_read(workspace: Path) -> None:
    kind, _ = refusal(workspace, *COMMAND)
    assert kind == "registry-read-only"
