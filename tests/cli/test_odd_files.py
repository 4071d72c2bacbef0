"""Commands that give codes, and files that are written in another way than usual, or change meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from specql_lsp.regular_files import ENTITY_FILE_BYTES
from tests.cli.support import Run, answer, codes, refusal, run
from tests.support.patience import PATIENCE, until

ALLOCATE_MISSING = ("domain", "allocate-missing")


def put(workspace: Path, name: str, text: str) -> Path:
    path = workspace / "entities" / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        "{{entity: Odd, schema: crm, organization: {{table_code: '{code}'}}}}\n",
        "  entity: Odd\n  schema: crm\n  organization:\n    table_code: '{code}'\n",
        "? entity\n: Odd\n? schema\n: crm\n? organization\n: table_code: '{code}'\n",
        "schema: crm\rentity: Odd\rorganization: {{table_code: '{code}'}}\r",
    ],
    ids=["braces", "indented", "explicit keys", "carriage returns"],
)
def test_a_code_in_use_is_neither_given_out_nor_released(text: str, workspace: Path, workspace_url: str) -> None:
    allocate = ("domain", "allocate-code", "crm", "customer", "Fresh")
    code = answer(workspace, *allocate, url=workspace_url)["tableCode"]
    put(workspace, "odd.yaml", text.format(code=code))
    release = ("domain", "release-code", "crm", "Fresh")
    kind, message = refusal(workspace, *release, url=workspace_url)
    assert kind == "conflict" and "entities/odd.yaml" in message
    (workspace / "entities/odd.yaml").unlink()
    assert run(workspace, *release, url=workspace_url).returncode == 0
    put(workspace, "odd.yaml", text.format(code=code))
    assert answer(workspace, *allocate, url=workspace_url)["tableCode"] != code


def test_files_in_other_styles_get_a_code(workspace: Path, workspace_url: str) -> None:
    put(workspace, "odd1.yaml", "{entity: CustomerOne, schema: crm}\n")
    put(workspace, "odd2.yaml", "  entity: CustomerTwo\n  schema: crm\n")
    done = answer(workspace, *ALLOCATE_MISSING, "entities/odd1.yaml", "entities/odd2.yaml", url=workspace_url)
    given = {each["entity"]: each["tableCode"] for each in done["allocated"]}
    assert given.keys() == {"CustomerOne", "CustomerTwo"} and done["refused"] == done["unwritten"] == []
    one, two = ((workspace / f"entities/odd{number}.yaml").read_text(encoding="utf-8") for number in (1, 2))
    assert one == f"{{entity: CustomerOne, schema: crm, organization: {{table_code: '{given['CustomerOne']}'}}}}\n"
    added = f"  organization:\n    table_code: '{given['CustomerTwo']}'\n"
    assert two == "  entity: CustomerTwo\n  schema: crm\n" + added


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("entity: CustomerX\nschema: crm\nfields:\n  a: [text\n", "The file is not valid YAML: correct it, "),
        ("entity: CustomerX\nschema: crm\nfields:\n\ta: text\n", "The file is not valid YAML: correct it, "),
        ("<<<<<<< HEAD\nentity: CustomerX\n=======\nentity: B\n>>>>>>> b\nschema: crm\n", "The file is not valid YAML"),
        ("entity: CustomerX\nschema: crm\n---\nentity: B\nschema: crm\n", "The file has several YAML documents, "),
        ("entity: yes\nschema: crm\n", "The entity's name is a boolean: put it between quotes, "),
    ],
)
def test_what_specql_does_not_read_gets_no_code(text: str, reason: str, workspace: Path, workspace_url: str) -> None:
    file = put(workspace, "odd.yaml", text)
    for more in (("--dry-run",), ()):
        done = answer(workspace, *ALLOCATE_MISSING, "entities/odd.yaml", *more, url=workspace_url, status=1)
        ((refused,), allocated) = done["refused"], done["allocated"]
        assert allocated == [] and refused["kind"] == "invalid-argument"
        assert refused["message"].startswith(reason)
    assert file.read_bytes().decode() == text and codes(workspace_url, "CustomerX") == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ("entity: Other\nschema: crm\n", "The file odd.yaml does not define CustomerX any more."),
        (
            "entity: CustomerX\nschema: crm\norganization:\n  table_code: '01203E'\n",
            "The file odd.yaml has the code 01203E by now.",
        ),
        (
            "entity: CustomerX\nschema: crm\norganization: [a]\n",
            "The file odd.yaml cannot be changed. organization holds a list and no mapping: ",
        ),
        ("nothing: here\n", "The file odd.yaml does not define CustomerX any more."),
        (None, "The file odd.yaml is gone."),
    ],
)
def test_a_file_that_changes_meanwhile_keeps_its_change(
    changed: str | None, reason: str, workspace: Path, workspace_url: str
) -> None:
    file = put(workspace, "odd.yaml", "entity: CustomerX\nschema: crm\n")

    def change() -> None:
        if changed is None:
            file.unlink()
        else:
            file.write_bytes(changed.encode())

    done = _while_waiting(workspace_url, change, workspace, *ALLOCATE_MISSING, "entities/odd.yaml")
    (code,) = codes(workspace_url, "CustomerX")
    assert done.returncode == 2, done
    assert f"CustomerX has the code {code}, but it is not in its file. " in done.stderr and reason in done.stderr
    assert not file.exists() if changed is None else file.read_bytes().decode() == changed


def test_a_moved_entity_does_not_overwrite_another_code(workspace: Path, workspace_url: str) -> None:
    file = workspace / "entities/crm/contact.yaml"
    changed = file.read_text(encoding="utf-8").replace("012031", "01203E")

    def change() -> None:
        file.write_text(changed, encoding="utf-8")

    move = ("domain", "move-entity", "crm", "Contact", "core")
    done = _while_waiting(workspace_url, change, workspace, *move)
    assert done.returncode == 2, done
    assert "The file contact.yaml has the code 01203E by now." in done.stderr
    assert file.read_text(encoding="utf-8") == changed


def test_files_that_cannot_be_read_are_named(workspace: Path, workspace_url: str) -> None:
    """Their codes are not known, so that they could be given out."""
    (workspace / "entities/latin.yaml").write_bytes("# caf\u00e9\nentity: Latin\nschema: crm\n".encode("latin-1"))
    (workspace / "entities/large.yaml").write_bytes(b"entity: Large\n" + b"#" * ENTITY_FILE_BYTES)
    (workspace / "entities/other.yaml").write_bytes(b"services: \xff\n")
    done = run(workspace, "domain", "allocate-code", "crm", "customer", "Fresh", url=workspace_url)
    assert done.returncode == 0
    assert done.stderr.splitlines()[:2] == [
        "specql-lsp: entities/large.yaml is not read: it is larger than 4 MB.",
        "specql-lsp: entities/latin.yaml is not read: it is not UTF-8 text.",
    ]
    assert "other.yaml" not in done.stderr


def _while_waiting(url: str, action: Callable[[], None], workspace: Path, *command: str) -> Run:
    """Runs a command, and an action when it has read the files and waits for the registry's lock."""
    patient = f"[registry]\nlockTimeoutMs = {PATIENCE * 1000:.0f}\nstatementTimeoutMs = {PATIENCE * 1000:.0f}\n"
    (workspace / "specql-lsp.toml").write_text(patient, encoding="utf-8")
    with ThreadPoolExecutor(1) as pool, psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE specql_registry.tb_entity_registration IN EXCLUSIVE MODE")
        (holder_pid,) = holder.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        running = pool.submit(run, workspace, *command, url=url)
        with psycopg.connect(url, autocommit=True) as watcher:
            blocked = "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
            until(lambda: watcher.execute(blocked, (holder_pid,)).fetchone() != (0,), "the command waits")
        action()
        holder.rollback()
        return running.result()
