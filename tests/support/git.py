"""Real git repositories for tests: nothing of this machine's settings, and commits at moments of the test's choice."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

FIRST_MOMENT = 1_700_000_000
_DATES = ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")


def git_environment(home: Path) -> dict[str, str]:
    """This process's environment without its git's settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    nobody = {f"GIT_{who}_{what}": "nobody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**kept, **nobody, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "HOME": str(home)}


@dataclass
class GitFolder:
    """A repository and its working tree; each commit is an hour later than the one before it."""

    folder: Path
    moment: int = field(default=FIRST_MOMENT)

    def run(self, *arguments: str, check: bool = True, at: int | None = None) -> str:
        """What git prints; ``at`` is the moment of a commit."""
        dates = {} if at is None else dict.fromkeys(_DATES, f"{at} +0000")
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env={**git_environment(self.folder), **dates},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout
        return done.stdout

    def begin(self) -> GitFolder:
        """A new repository in the folder, on the branch ``main``."""
        self.run("init", "--quiet", "--initial-branch", "main")
        return self

    def write(self, path: str, text: str) -> Path:
        """Writes a file."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        return file

    def commit(self, message: str, *, at: int | None = None) -> str:
        """Commits all that is there; the name of the commit."""
        self.run("add", "--all")
        self.run("commit", "--quiet", "--allow-empty", "--message", message, at=at or self._next())
        return self.run("rev-parse", "HEAD").strip()

    def merge(self, branch: str) -> None:
        """Merges a branch; where there are conflicts, both sides' lines are kept, as somebody in a hurry does."""
        self.run("merge", "--quiet", "--no-ff", branch, check=False, at=self._next())
        for path in self.run("diff", "--name-only", "--diff-filter=U").split():
            file = self.folder / path
            lines = file.read_bytes().decode().splitlines(keepends=True)
            kept = (line for line in lines if not line.startswith(("<<<<<<<", "=======", ">>>>>>>")))
            file.write_bytes("".join(kept).encode())
        self.run("add", "--all")
        self.run("commit", "--quiet", "--allow-empty", "--no-edit", "--message", f"Merge {branch}", at=self._next())

    def _next(self) -> int:
        self.moment += 3600
        return self.moment
