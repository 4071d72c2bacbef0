"""Which of the entities that have one table code came in later: read from git's history, or from a base revision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from specql_lsp.cli.git import Commit, Repository
from specql_lsp.cli.views.words import listed
from specql_lsp.features.shared_codes import CodeOwner, EntityKey, SharedCode, owners_in
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import path_of, uri_of

_BASE_ADVICE = "Name the branch whose codes stay with --base, or change one of the codes yourself."


class Verdict(NamedTuple):
    """Which entity keeps a table code. ``first`` is None where that cannot be decided, and ``reason`` says why."""

    first: CodeOwner | None
    reason: str


class _Arrival(NamedTuple):
    """The commit with which an entity got a code. It may have had it before where the history begins with that."""

    commit: str
    time: int
    is_exact: bool


class Arrivals:
    """Decides by the history of the repository that a workspace is in.

    Args:
        repository: of the workspace's folder.
        folder: the workspace's folder, absolute.
        registry: the path of the registry YAML, relative to the folder.
        snapshot: which domain a schema is.
        base: a revision whose codes stay; None: the whole history decides.

    Raises:
        UnknownRevisionError: ``base`` names no commit.
        GitError: git cannot answer; as every method.
    """

    def __init__(
        self, repository: Repository, folder: Path, registry: str, snapshot: Snapshot, base: str | None
    ) -> None:
        self._repository = repository
        self._folder = folder
        self._registry = registry
        self._snapshot = snapshot
        self._base_name = base
        self._base = repository.commit(base) if base is not None else None
        if base is not None and self._base is None:
            raise UnknownRevisionError(base, is_shallow=repository.is_shallow)
        self._heads = repository.heads()

    def verdict(self, shared: SharedCode) -> Verdict:
        """Which entity keeps a code."""
        if self._base is not None:
            return self._by_base(shared, self._base)
        return self._by_history(shared)

    def _by_base(self, shared: SharedCode, base: str) -> Verdict:
        known = self._owners_at(base, shared.code)
        there = [owner for owner in shared.owners if owner.key in known]
        if len(there) == 1:
            return Verdict(there[0], f"{there[0].entity} has it in {self._base_name}.")
        if there:
            names = listed(owner.entity for owner in there)
            return Verdict(None, f"{names} have it in {self._base_name}, too: change one of the codes yourself.")
        return Verdict(None, f"None of them has it in {self._base_name}: change one of the codes yourself.")

    def _by_history(self, shared: SharedCode) -> Verdict:
        committed = {key for head in self._heads for key in self._owners_at(head, shared.code)}
        new = [owner for owner in shared.owners if owner.key not in committed]
        for owner in new:
            if not all(self._is_own(facts.uri) for facts in owner.files):
                return Verdict(None, f"The file of {owner.entity} is not in this git repository. {_BASE_ADVICE}")
        if len(new) == len(shared.owners):
            return Verdict(None, f"{listed(owner.entity for owner in new)} are not committed yet. {_BASE_ADVICE}")
        arrivals = self._arrivals(shared.code)
        old = [owner for owner in shared.owners if owner.key in committed]
        if len(old) == 1:
            return Verdict(old[0], f"{listed(owner.entity for owner in new)} {_is(new)} not committed yet.")
        found = {owner.key: arrivals.get(owner.key) for owner in old}
        unknown = [owner.entity for owner in old if found[owner.key] is None]
        if unknown:
            return Verdict(None, f"The history does not say when {listed(unknown)} got the code. {_BASE_ADVICE}")
        dated = [(owner, arrival) for owner in old if (arrival := found[owner.key]) is not None]
        for owner, arrival in dated:
            if all(self._is_before(arrival, other) for each, other in dated if each is not owner):
                return Verdict(owner, f"{owner.entity} got it first.")
        if any(not arrival.is_exact for _, arrival in dated):
            advice = "Fetch the whole of it (git fetch --unshallow), or name the branch whose codes stay with --base."
            return Verdict(None, f"The history of this clone is cut off before they got the code. {advice}")
        return Verdict(None, f"They got the code at the same time. {_BASE_ADVICE}")

    def _is_before(self, one: _Arrival, other: _Arrival) -> bool:
        """Whether one came in first for sure."""
        if not other.is_exact or one.commit == other.commit:
            return False
        if self._repository.is_ancestor(one.commit, other.commit):
            return True
        return one.time < other.time and not self._repository.is_ancestor(other.commit, one.commit)

    def _is_own(self, uri: str) -> bool:
        path = path_of(uri)
        return path is not None and self._repository.is_own(path)

    def _owners_at(self, commit: str, code: str) -> set[EntityKey]:
        """The entities that have a code in the files of a commit."""
        files = self._repository.files_with(commit, code, self._registry)
        return {key for path, text in files for key in self._owners_of(path, text, code)}

    def _arrivals(self, code: str) -> dict[EntityKey, _Arrival]:
        """With which commit entities got a code, for the first time since they last had it not."""
        commits = self._repository.commits_changing(self._heads, code, self._registry)
        blobs = self._repository.contents(
            blob for commit in commits for file in commit.files for blob in (file.before, file.after) if blob
        )

        def owners(commit: Commit, *, after: bool) -> Counter[EntityKey]:
            texts = ((file.path, file.after if after else file.before) for file in commit.files)
            return Counter(
                key
                for path, blob in texts
                if blob is not None and blob in blobs
                for key in self._owners_of(path, blobs[blob], code)
            )

        held: Counter[EntityKey] = Counter()
        found: dict[EntityKey, _Arrival] = {}
        for commit in commits:
            before, after = owners(commit, after=False), owners(commit, after=True)
            for key in before | after:
                held[key] = max(held[key] + after[key] - before[key], 0)
                if not held[key]:
                    found.pop(key, None)
                elif after[key] > before[key] and key not in found:
                    is_exact = not (commit.is_root and self._repository.is_shallow)
                    found[key] = _Arrival(commit.name, commit.time, is_exact)
        return found

    def _owners_of(self, path: str, text: str, code: str) -> Iterator[EntityKey]:
        document = Document(uri_of(self._folder / path), text, is_registry=path == self._registry)
        return owners_in(self._snapshot, document, code)


class UnknownRevisionError(Exception):
    """A revision names no commit.

    Args:
        revision: what was given.
        is_shallow: whether the repository lacks a part of its history.
    """

    def __init__(self, revision: str, *, is_shallow: bool) -> None:
        advice = " It may be beyond what this shallow clone has: git fetch --unshallow." if is_shallow else ""
        super().__init__(f"{revision!r} names no commit of this repository.{advice}")


def _is(owners: Sequence[CodeOwner]) -> str:
    return "is" if len(owners) == 1 else "are"
