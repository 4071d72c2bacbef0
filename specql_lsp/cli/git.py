"""git, run as a program: what a repository holds at a revision, and which commits changed how often a text occurs.

Nothing is written, fetched or shown: no pager, external diff, text conversion, signature check or file system monitor
that the repository configures is started, and a prompt ends in an error.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from specql_lsp.cli.output import CommandError

TIMEOUT_SECONDS = 120.0
"""How long one call of git may take."""
_KEPT = frozenset({"GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"})
_KEPT_PREFIX = "GIT_CONFIG_"
_SAFE = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "log.showSignature=false", "protocol.allow=never")
_NO_BLOB = "0"
_DONE = frozenset({0})
_FOUND_OR_NOT = frozenset({0, 1})
_ENTITY_FILES = ("*.yaml", "*.yml")


class GitError(CommandError):
    """git cannot answer; the message is a sentence that says why."""

    def __init__(self, message: str) -> None:
        super().__init__("git-unavailable", message)


class ChangedFile(NamedTuple):
    """A file of a commit: its path, and its blobs before and after; None where there was or is none."""

    path: str
    before: str | None
    after: str | None


class Commit(NamedTuple):
    """A commit, with the files in which a text occurs more or less often than before it."""

    name: str
    time: int
    """The committer's, in seconds since 1970."""
    is_root: bool
    """Whether it has no parent that is known: it is the first one, or the repository is shallow."""
    files: tuple[ChangedFile, ...]


class Repository:
    """The repository that a folder is in; paths are relative to the folder, with ``/`` between their parts.

    Args:
        folder: absolute.

    Raises:
        GitError: git is not installed, or the folder is in no repository that git reads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        inside = self._run("rev-parse", "--is-inside-work-tree", allowed=None)
        if inside.returncode != 0:
            said = _first_line(inside.stderr)
            if "not a git repository" in said:
                said = ""
            reason = f" ({said})" if said else ""
            raise GitError(
                f"{folder} is in no git repository that can be read{reason}: which of two entities came in later is "
                "read from its history."
            )
        self.is_shallow = self._text("rev-parse", "--is-shallow-repository") == "true"

    def commit(self, revision: str) -> str | None:
        """The full name of the commit that a revision names; None where it names none."""
        return self._text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}") or None

    def heads(self) -> tuple[str, ...]:
        """What the working tree comes from: the current commit, and the one that is being merged; none at first."""
        found = (self.commit("HEAD"), self.commit("MERGE_HEAD"))
        return tuple(each for each in found if each is not None)

    def is_ancestor(self, one: str, other: str) -> bool:
        """Whether one commit is among the ancestors of another."""
        return self._run("merge-base", "--is-ancestor", one, other, allowed=_FOUND_OR_NOT).returncode == 0

    def files_with(self, commit: str, text: str, also: str) -> Iterator[tuple[str, str]]:
        """The YAML files of a commit in which a text occurs, by path, each with its content; case does not matter.

        Args:
            commit: the commit's full name.
            text: what to look for.
            also: the path of a file that is looked at whatever its name ends with.
        """
        pathspecs = (*_ENTITY_FILES, f":(literal){also}")
        found = self._run("grep", "-zliF", "--no-textconv", "-e", text, commit, "--", *pathspecs, allowed=_FOUND_OR_NOT)
        prefix = f"{commit}:"
        paths = [os.fsdecode(each).removeprefix(prefix) for each in found.stdout.split(b"\0") if each]
        blobs = self._blobs(commit, paths)
        contents = self.contents(blobs.values())
        for path, blob in blobs.items():
            if blob in contents:
                yield path, contents[blob]

    def _blobs(self, commit: str, paths: Iterable[str]) -> dict[str, str]:
        """The names of the blobs at paths of a commit."""
        wanted = list(paths)
        if not wanted:
            return {}
        written = self._run("--literal-pathspecs", "ls-tree", "-z", commit, "--", *wanted).stdout
        found: dict[str, str] = {}
        for entry in filter(None, written.split(b"\0")):
            head, _, path = entry.partition(b"\t")
            found[os.fsdecode(path)] = head.split(b" ")[2].decode("ascii")
        return found

    def commits_changing(self, heads: Iterable[str], text: str, also: str) -> tuple[Commit, ...]:
        """The commits, the first one first, in which a text occurs more or less often in a YAML file than before.

        A file that was only moved has not changed; merges are not among them.

        Args:
            heads: where to begin.
            text: letters and digits; case does not matter.
            also: the path of a file that is looked at whatever its name ends with.
        """
        written = self._run(
            "log",
            *("-z", "--raw", "--no-abbrev", "-M", "--relative", "--topo-order", "--reverse"),
            *("--no-textconv", "--no-ext-diff", "--no-show-signature", "--no-notes", "--no-color"),
            *("-i", "--pickaxe-regex", f"-S{text}", "--format=%H %ct %P"),
            *heads,
            "--",
            *_ENTITY_FILES,
            f":(literal){also}",
        )
        return tuple(_commits(written.stdout))

    def contents(self, names: Iterable[str]) -> Mapping[str, str]:
        """The texts of blobs by their full names; those that are not there are left out."""
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return {}
        asked = "".join(f"{name}\n" for name in wanted).encode("ascii")
        written = self._run("cat-file", "--batch", given=asked).stdout
        found: dict[str, str] = {}
        at = 0
        for name in wanted:
            end = written.find(b"\n", at)
            head = written[at:end].rsplit(b" ", 2)
            at = end + 1
            if len(head) != 3 or not head[2].isdigit():  # such as "NAME missing"
                continue
            size = int(head[2])
            if head[1] == b"blob":
                found[name] = written[at : at + size].decode("utf-8-sig", errors="replace")
            at += size + 1
        return found

    def is_own(self, path: Path) -> bool:
        """Whether a file is in this very repository, and not ignored by it: neither a submodule's nor outside."""
        try:
            relative = path.resolve().relative_to(self._folder.resolve()).as_posix()
        except (ValueError, OSError):
            return False
        ignored = self._run("check-ignore", "--quiet", "--", relative, allowed=None).returncode
        return ignored == 1  # 0: it is; 128: it is in a submodule, or beyond a link

    def _text(self, *arguments: str) -> str:
        return self._run(*arguments, allowed=None).stdout.decode("utf-8", errors="replace").strip()

    def _run(
        self, *arguments: str, allowed: frozenset[int] | None = _DONE, given: bytes | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        settings = (part for setting in _SAFE for part in ("-c", setting))
        command = ["git", "--no-pager", "-C", str(self._folder), *settings, *arguments]
        try:
            done = subprocess.run(  # noqa: S603 - nothing of it is read by a shell
                command,
                env=_environment(),
                input=given if given is not None else b"",
                capture_output=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise GitError(
                "git is not installed, or not in PATH: which of two entities came in later is read from its history."
            ) from None
        except subprocess.TimeoutExpired:
            raise GitError(f"git {arguments[0]} has not ended within {TIMEOUT_SECONDS:.0f} s.") from None
        except OSError as error:
            raise GitError(f"git cannot be run ({error.strerror or type(error).__name__}).") from None
        if allowed is not None and done.returncode not in allowed:
            raise GitError(f"git {arguments[0]} failed: {_first_line(done.stderr)}")
        return done


def _environment() -> dict[str, str]:
    """This process's environment without what would lead git to another repository, or have it ask or fetch."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("GIT_")
        or key in _KEPT
        or (key.startswith(_KEPT_PREFIX) and key != "GIT_CONFIG_PARAMETERS")
    }
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }


def _first_line(written: bytes) -> str:
    lines = written.decode("utf-8", errors="replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ").rstrip(".") if lines else "it says nothing"


def _commits(written: bytes) -> Iterator[Commit]:
    """The commits in the output of ``git log -z --raw``."""
    tokens = iter(written.split(b"\0"))
    name, time, is_root = "", 0, False
    files: list[ChangedFile] = []
    for token in tokens:
        text = token.lstrip(b"\n")
        if not text:
            continue
        if text.startswith(b":"):
            _, _, before, after, status = text.decode("ascii").split(" ")
            path = next(tokens, b"")
            if status[0] in "RC":
                path = next(tokens, b"")
            files.append(ChangedFile(os.fsdecode(path), _blob(before), _blob(after)))
            continue
        if name:
            yield Commit(name, time, is_root, tuple(files))
        name, moment, *parents = text.decode("ascii").split(" ")
        time, is_root, files = int(moment), not any(parents), []
    if name:
        yield Commit(name, time, is_root, tuple(files))


def _blob(name: str) -> str | None:
    return name if name.strip(_NO_BLOB) else None
