"""``specql-lsp format``: formats files in place, or shows what that would change."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from specql_lsp.features.formatting import formatting
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.workspace.documents import Document
from tests.cli.support import MODULE, environment, run
from tests.support.forks import run_forked
from tests.support.workspaces import REGISTRY

BEFORE = b"entity:   Note\nschema : crm  \nfields:\n    text:  'text!'\n"
AFTER = b"entity: Note\nschema: crm\nfields:\n    text: text!\n"
NOTE = "entities/crm/note.yaml"


@pytest.fixture
def note(workspace: Path) -> Path:
    """A file that is not formatted; all others of the workspace are."""
    path = workspace / NOTE
    path.write_bytes(BEFORE)
    return path


def git(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["git", "-c", "core.autocrlf=false", *arguments],
        cwd=folder,
        env=environment(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_SYSTEM=os.devnull),
        input=given,
        capture_output=True,
        check=False,
    )


def test_it_formats_the_workspace_in_place(workspace: Path, note: Path) -> None:
    others = {path: path.stat().st_mtime_ns for path in workspace.rglob("*.yaml") if path != note}
    done = run(workspace, "format")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{NOTE}: formatted\n1 of 9 SpecQL files formatted.\n"
    assert note.read_bytes() == AFTER
    assert {path: path.stat().st_mtime_ns for path in others} == others
    assert run(workspace, "format").stdout == "0 of 9 SpecQL files formatted.\n"


def test_check_says_which_would_change_and_writes_nothing(workspace: Path, note: Path) -> None:
    done = run(workspace, "format", "--check")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"{NOTE}: would be formatted\n1 of 9 SpecQL files would be formatted.\n"
    assert note.read_bytes() == BEFORE
    assert run(workspace, "format", "--check", "entities/catalog").returncode == 0


def test_diff_prints_the_change_and_writes_nothing(workspace: Path, note: Path) -> None:
    done = run(workspace, "format", "--diff", "entities/crm")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[:5] == [
        f"--- a/{NOTE}",
        f"+++ b/{NOTE}",
        "@@ -1,4 +1,4 @@",
        "-entity:   Note",
        "-schema : crm  ",
    ]
    assert note.read_bytes() == BEFORE
    note.write_bytes(AFTER)
    nothing = run(workspace, "format", "--diff", "--check")
    assert (nothing.returncode, nothing.stdout) == (0, "")


@pytest.mark.parametrize("name", ["note.yaml", "a note.yaml", 'a"no\\te.yaml', "né 😀.yaml", "tab\tbed.yaml"])
@pytest.mark.parametrize(
    "text",
    [
        BEFORE,
        BEFORE.replace(b"\n", b"\r\n"),
        BEFORE.rstrip(b"\n"),
        b"\xef\xbb\xbf" + BEFORE,
        BEFORE + "description:  'né 😀'\n\n\n".encode(),
        BEFORE + b"description: |\n  a\xc2\xa0b\n  c",
    ],
    ids=["plain", "crlf", "no-break", "mark", "emoji", "block"],
)
def test_git_applies_the_diff(tmp_path: Path, name: str, text: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(text)
    shown = run_forked([MODULE, "format", "--diff", name], tmp_path, environment())
    assert (shown.returncode, shown.stderr) == (1, b"")
    (tmp_path / "diff").write_bytes(shown.stdout)
    applied = git(tmp_path, "apply", "--whitespace=nowarn", "diff")
    assert applied.returncode == 0, applied.stderr
    assert path.read_bytes() == _formatted(text)


def _formatted(text: bytes) -> bytes:
    decoded = text.decode()
    mark = "\ufeff" if decoded.startswith("\ufeff") else ""
    document = Document("file:///a.yaml", decoded.removeprefix("\ufeff"))
    return (mark + apply(document.text, formatting(document))).encode()


def test_mode_links_line_ends_and_byte_order_mark_stay(tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "note.yaml"
    real.parent.mkdir()
    real.write_bytes(b"\xef\xbb\xbf" + BEFORE.replace(b"\n", b"\r\n"))
    real.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(real)
    done = run(tmp_path, "format", "link.yaml")
    assert (done.returncode, done.stdout) == (0, "elsewhere/note.yaml: formatted\n1 of 1 SpecQL file formatted.\n")
    assert link.is_symlink()
    assert real.stat().st_mode & 0o7777 == 0o640
    assert real.read_bytes() == b"\xef\xbb\xbf" + AFTER.replace(b"\n", b"\r\n")
    assert sorted(path.name for path in real.parent.iterdir()) == ["note.yaml"]


def test_the_registry_is_formatted_and_its_codes_keep_their_quotes(workspace: Path) -> None:
    registry = workspace / REGISTRY
    before = registry.read_text()
    registry.write_text(before.replace("name: crm", "name:   crm"))
    assert "name:   crm" in registry.read_text()
    done = run(workspace, "format", REGISTRY)
    assert done.returncode == 0
    assert registry.read_text() == before


def test_files_of_others_and_broken_files_are_left_alone(workspace: Path) -> None:
    for name, text in (("other.yaml", "name:   x\n"), ("broken.yaml", "entity:   A\nfields: {a: \n")):
        (workspace / name).write_text(text)
    done = run(workspace, "format", "other.yaml", "broken.yaml")
    assert (done.returncode, done.stdout) == (0, "0 of 0 SpecQL files formatted.\n")
    assert (
        done.stderr == "specql-lsp: broken.yaml is not formatted: it is not valid YAML; specql-lsp check says where.\n"
    )
    assert (workspace / "other.yaml").read_text() == "name:   x\n"
    assert (workspace / "broken.yaml").read_text() == "entity:   A\nfields: {a: \n"


def test_what_cannot_be_read_is_said(workspace: Path, note: Path) -> None:
    missing = run(workspace, "format", "missing.yaml")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert missing.stderr == "specql-lsp: There is no file or folder missing.yaml.\n"
    latin = workspace / "latin.yaml"
    latin.write_bytes("entity: A\ndescription:  é\n".encode("latin-1"))
    done = run(workspace, "format", "latin.yaml", NOTE)
    assert (done.returncode, done.stderr) == (2, "specql-lsp: latin.yaml is not formatted: it is not UTF-8 text.\n")
    assert note.read_bytes() == AFTER
    assert latin.read_bytes() == "entity: A\ndescription:  é\n".encode("latin-1")


def test_files_of_another_workspace(workspace: Path, note: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (workspace / "specql-lsp.toml").write_text('[files]\nexclude = ["entities/crm/**"]\n')
    done = run(elsewhere, "format", "--check", "--workspace", str(workspace))
    assert (done.returncode, done.stdout) == (0, "0 of 4 SpecQL files would be formatted.\n")
    done = run(elsewhere, "format", "--check", "--workspace", str(workspace), str(note))
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, f"{note.as_posix()}: would be formatted")
