"""Who works in a workspace, as git has it: recorded with what is written if ``registry.recordAuthor`` says so."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from specql_lsp.redaction import redact

_SECONDS = 2.0
_LONGEST = 300
_USER = re.compile(r"(?<=://)[^/\s]*@")
"""The user of a URL: tokens are written there."""


class Author(NamedTuple):
    """Who works where; empty where git does not say it."""

    name: str = ""
    """As git writes an author: ``Anna Example <anna@example.org>``."""
    workspace: str = ""
    """The URL of the remote ``origin``, without user and password."""


def author_of(folder: Path) -> Author:
    """The user of git and the remote of a folder. Asks git, for some seconds at most; for a worker's thread."""
    git = _git(folder.resolve())
    if git is None:
        return Author()
    name, mail, remote = (_setting(git, folder, key) for key in ("user.name", "user.email", "remote.origin.url"))
    return Author(f"{name} <{mail}>".strip() if mail else name, without_credentials(remote))


def without_credentials(text: str) -> str:
    """What a program says of itself, without the passwords in it and without the users of URLs."""
    return _USER.sub("", redact(text))


def _git(folder: Path) -> Path | None:
    """The program, from ``PATH``; never one that is in the workspace."""
    name = "git.exe" if os.name == "nt" else "git"
    for place in map(Path, os.get_exec_path()):
        program = place / name
        if place.is_absolute() and not place.resolve().is_relative_to(folder) and os.access(program, os.X_OK):
            return program
    return None


def _setting(git: Path, folder: Path, key: str) -> str:
    """One line of git's configuration, cut; empty where it has none."""
    command = [str(git), "-C", str(folder), "config", "--get", key]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - a program from PATH
    except (OSError, subprocess.SubprocessError):
        return ""
    text = done.stdout.decode("utf-8", errors="replace") if done.returncode == 0 else ""
    return "".join(character for character in text.strip() if character.isprintable())[:_LONGEST]
