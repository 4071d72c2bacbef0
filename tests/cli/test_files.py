"""A file is replaced as a whole or stays as it is, byte for byte."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from specql_lsp.cli.files import read_text_exactly, replace_text
from specql_lsp.cli.output import CommandError
from tests.support.postgres import unprivileged_user

NAME = "registry.yaml"


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_text_comes_and_goes_with_its_line_ends_and_its_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / NAME
    content = "\ufeffdomains:\r\n  '1': {name: 顧客}\n# no line end".encode()
    path.write_bytes(content)
    text = read_text_exactly(path, NAME)
    assert text == "\ufeffdomains:\r\n  '1': {name: 顧客}\n# no line end"
    replace_text(path, text.replace("顧客", "crm"), NAME)
    assert path.read_bytes() == content.replace("顧客".encode(), b"crm")


def test_where_no_file_is(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / NAME
    assert read_text_exactly(path, NAME) is None
    replace_text(path, "a: b\n", NAME)
    assert path.read_bytes() == b"a: b\n"
    usual = tmp_path / "usual"
    usual.touch()
    assert path.stat().st_mode == usual.stat().st_mode
    assert names(path.parent) == [NAME]


def test_mode_and_links_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "real" / NAME
    path.parent.mkdir()
    path.write_text("old\n")
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    replace_text(link, "new\n", NAME)
    assert link.is_symlink()
    assert path.read_text() == "new\n"
    assert path.stat().st_mode & 0o7777 == 0o640
    assert names(path.parent) == [NAME]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_is_kept(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text("old\n")
    os.chown(path, 4321, 8765)
    replace_text(path, "new\n", NAME)
    assert (path.stat().st_uid, path.stat().st_gid) == (4321, 8765)


def test_a_file_that_is_read_only_is_not_replaced() -> None:
    """Its folder would allow it. Root may write everything, so that another user tries."""
    user = unprivileged_user()
    with tempfile.TemporaryDirectory() as name:  # not in pytest's, which is root's alone
        path = Path(name) / NAME
        path.write_text("old\n")
        if user is not None:
            os.chown(name, user, -1)
            os.chown(path, user, -1)
        path.chmod(0o444)
        child = os.fork()
        if child == 0:
            status = 2
            try:
                if user is not None:
                    os.setresuid(user, user, user)
                replace_text(path, "new\n", NAME)
            except CommandError as error:
                status = 0 if str(error) == f"The file {NAME} cannot be written (Permission denied)." else 1
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert path.read_text() == "old\n" and names(path.parent) == [NAME]


def test_what_cannot_be_read_or_written_is_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / NAME
    folder.mkdir()
    with pytest.raises(CommandError, match=r"^The file registry.yaml cannot be read \(Is a directory\)\.$"):
        read_text_exactly(folder, NAME)
    with pytest.raises(CommandError, match=r"^The file registry.yaml cannot be written \(Is a directory\)\.$"):
        replace_text(folder, "a: b\n", NAME)
    assert names(tmp_path) == [NAME]
    (folder / "latin.yaml").write_bytes("ä".encode("latin-1"))
    with pytest.raises(CommandError, match=r"^The file latin.yaml is not UTF-8 text\.$"):
        read_text_exactly(folder / "latin.yaml", "latin.yaml")
