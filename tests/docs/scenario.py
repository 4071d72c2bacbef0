"""Where the examples of ``docs/operations.md`` are run: a shell, a home, a repository, and a server that answers to
the names in the text.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from tests.docs.examples import Block, Document, Meanwhile, Section, matches
from tests.support.workspaces import FIXTURE

ROOT = Path(__file__).parents[2]
DATABASE = "registry"
PSQL = 'psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 "$ADMIN"'
"""How the administrator runs SQL."""
DEFAULT_PORT = 5432
"""The port that the text has where a server says which it listens on."""


class Scenario:
    """Runs blocks as somebody would who pastes them into one terminal, section by section.

    The names of the text lead to the test's server by libpq's own ``PGHOSTADDR`` and ``PGPORT``; nothing in the blocks
    is changed.

    Args:
        document: where the sections are.
        folder: an empty folder; the repository and the home are made in it.
        port: of the server, on the loopback address.
        programs: the folder of ``psql`` and ``pg_dump``.
        meanwhile: what to do at the points where the document says that something happens.
    """

    def __init__(
        self,
        document: Document,
        folder: Path,
        port: int,
        programs: Path,
        meanwhile: Mapping[str, Callable[[Scenario], None]] | None = None,
    ) -> None:
        self._document = document
        self._folder = folder
        self._port = port
        self._programs = programs
        self._meanwhile = meanwhile or {}
        self.home = folder / "home"
        self.workspace = folder / "team"
        self.home.mkdir()
        self._bin = folder / "bin"
        self._bin.mkdir()
        command = self._bin / "specql-lsp"
        command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m tests.support.patient "$@"\n')
        command.chmod(0o755)
        shutil.copytree(FIXTURE, self.workspace)
        self._environment = self._initial_environment()
        self.run_shell("git init --quiet && git add --all && git commit --quiet --message Begin")

    def play(self, heading: str, *, instead: Mapping[str, str] | None = None) -> None:
        """Runs a section, from its first block to its last, in a terminal that was just opened.

        Args:
            heading: the section's.
            instead: what to run instead of the blocks that hold a text, for those whom the document tells so.
        """
        section, left = self._document.sections[heading], dict(instead or {})
        self._environment = self._initial_environment()
        for step in (*self._document.always, *section.steps):
            if isinstance(step, Meanwhile):
                self._meanwhile[step.what](self)
            elif step.language != "ini":
                other = next((held for held in left if held in step.text), None)
                self._play(section, step if other is None else replace(step, text=left.pop(other)))
        assert not left, f"{heading} has no block with {left}"

    def blocks(self, heading: str) -> list[Block]:
        """The blocks of a section."""
        return self._document.sections[heading].blocks

    def at(self, port: int) -> None:
        """From now on the names lead to another port, in terminals that are opened."""
        self._port = port
        self._environment = self._initial_environment()

    def run_shell(self, script: str) -> str:
        """Runs a script in the terminal, which has to succeed; its output."""
        status, output = self._bash(script)
        assert status == 0, output
        return output

    def _play(self, section: Section, block: Block) -> None:
        script = block.text if block.language == "bash" else f"{PSQL} <<'SQL'\n{block.text}SQL"
        status, output = self._bash(script)
        place = f"docs/operations.md:{block.line} ({section.heading})\n{block.text}\n-- printed --\n{output}"
        assert status == block.exit, f"ended with {status}, not {block.exit}: {place}"
        if block.printed is not None:
            shown = re.sub(rf":{self._port}\b", f":{DEFAULT_PORT}", output)
            assert matches(block.printed, shown), f"should have printed\n{block.printed}-- instead: {place}"

    def _bash(self, script: str) -> tuple[int, str]:
        """Runs a script in the same terminal as the one before: what it exports stays."""
        left = self._folder / "environment"
        done = subprocess.run(
            ["bash", "-c", f"trap 'env --null > {left}' EXIT\nset -e\n{script}"],
            cwd=self.workspace,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        pairs = (entry.split("=", 1) for entry in left.read_text(encoding="utf-8").split("\0") if "=" in entry)
        self._environment = {name: value for name, value in pairs if name not in {"_", "SHLVL", "PWD", "OLDPWD"}}
        return done.returncode, done.stdout

    def _initial_environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PG", "SPECQL_"))}
        path = os.pathsep.join(
            (str(self._bin), str(Path(sys.executable).parent), str(self._programs), os.environ["PATH"])
        )
        nobody = {f"GIT_{who}_{what}": "nobody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        return {
            **kept,
            **nobody,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "HOME": str(self.home),
            "NO_COLOR": "1",
            "PAGER": "cat",
            "PATH": path,
            "PGHOSTADDR": "127.0.0.1",
            "PGPORT": str(self._port),
        }
