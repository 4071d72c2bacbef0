"""Files that are replaced, and what programs leave beside them that are ended meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from specql_lsp.replaced_files import StagedFiles, replace_file
from tests.support.patience import PATIENCE

HOURS = 3600.0


def beside(file: Path) -> list[str]:
    return sorted(path.name for path in file.parent.iterdir() if path != file)


def leave(path: Path, hours: float) -> Path:
    """A file that was written some hours ago."""
    path.write_text("left\n")
    at = path.stat().st_mtime - hours * HOURS
    os.utime(path, (at, at))
    return path


def test_what_a_killed_program_left_goes_with_the_next_replacement(tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text("old\n")
    leave(tmp_path / ".registry.yaml.0123abcd", 2)
    leave(tmp_path / ".registry.yaml.89abcdef", 200)
    kept = [
        leave(tmp_path / ".registry.yaml.0123abce", 0.5).name,  # of a program that may still be running
        leave(tmp_path / ".other.yaml.0123abcd", 2).name,
        leave(tmp_path / ".registry.yaml.0123abcg", 2).name,
        leave(tmp_path / ".registry.yaml.0123abc", 2).name,
        leave(tmp_path / "registry.yaml.0123abcd", 2).name,
    ]
    folder = tmp_path / ".registry.yaml.11111111"
    folder.mkdir()
    link = tmp_path / ".registry.yaml.22222222"
    link.symlink_to("registry.yaml")
    for path in (folder, link):
        os.utime(path, (0, 0), follow_symlinks=path.is_dir() and not path.is_symlink())
    replace_file(file, "new\n")
    assert file.read_text() == "new\n"
    assert beside(file) == sorted([*kept, folder.name, link.name])


def test_files_that_are_staged_together_keep_their_texts(tmp_path: Path) -> None:
    """However long it takes: those of one program are never older than the file that comes last."""
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    with StagedFiles() as staged:
        staged.stage(first, "1\n")
        (waiting,) = tmp_path.iterdir()
        os.utime(waiting, (0, 0))
        staged.stage(second, "2\n")
        staged.put()
    assert (first.read_text(), second.read_text(), len(list(tmp_path.iterdir()))) == ("1\n", "2\n", 2)


SCRIPT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for what it runs in the background
from specql_lsp.cli.main import run
name = sys.argv.pop(1)

def audit(event, arguments):
    if event == "os.rename":
        os.kill(os.getpid(), int(name))

sys.addaudithook(audit)
sys.exit(run())
"""


def test_a_command_that_is_terminated_leaves_nothing(tmp_path: Path) -> None:
    """It is ended when the new text is beside the file, and the file is not replaced yet."""
    file = tmp_path / "note.yaml"
    text = "entity:   Note\nschema:   crm\n"
    for number in (signal.SIGTERM, signal.SIGINT):
        file.write_text(text)
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(int(number)), "format", "note.yaml"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 128 + number, done.stderr
        assert (file.read_text(), beside(file)) == (text, [])
        assert "Traceback" not in done.stderr
