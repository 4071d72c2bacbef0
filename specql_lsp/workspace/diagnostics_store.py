"""What was found in each file of a folder, and what each check looked up; never the files themselves.

A change names keys; the files that looked one of them up are found without a look at any other file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from specql_lsp.index.symbols import SymbolKind
from specql_lsp.workspace.lookups import LookupKey

FindingT = TypeVar("FindingT")


@dataclass(frozen=True, slots=True)
class FileDiagnostics(Generic[FindingT]):
    """The result of a file's last check."""

    found: tuple[FindingT, ...]
    """Everything that the check found."""
    shown: tuple[FindingT, ...]
    """What the settings show of it."""
    looked_up: tuple[LookupKey, ...]


class DiagnosticsStore(Generic[FindingT]):
    """The findings of one folder's files by URI. Used on one thread.

    Args:
        show: what the settings show of findings.
    """

    def __init__(self, show: Callable[[tuple[FindingT, ...]], tuple[FindingT, ...]]) -> None:
        self._show = show
        self._files: dict[str, FileDiagnostics[FindingT]] = {}
        self._readers: dict[str | SymbolKind, dict[LookupKey, str | set[str]]] = {}
        """The files that looked a key up, by its kind. Most keys have one reader: no set is made for it."""

    def put(self, uri: str, found: tuple[FindingT, ...], looked_up: Iterable[LookupKey]) -> bool:
        """Sets the result of a file's check; whether what is shown of it has changed."""
        keys = tuple(looked_up)
        before = self._files.get(uri)
        self._read_by(uri, before.looked_up if before is not None else (), keys)
        shown = self._show(found)
        self._files[uri] = FileDiagnostics(found, shown, keys)
        return before is None or before.shown != shown

    def remove(self, uri: str) -> bool:
        """Forgets a file; whether anything was known of it."""
        before = self._files.pop(uri, None)
        if before is None:
            return False
        self._read_by(uri, before.looked_up, ())
        return True

    def get(self, uri: str) -> FileDiagnostics[FindingT] | None:
        """The result of a file's last check."""
        return self._files.get(uri)

    @property
    def uris(self) -> tuple[str, ...]:
        """The files that were checked, in no particular order."""
        return tuple(self._files)

    def keys_of(self, kind: str) -> tuple[LookupKey, ...]:
        """Every key of a kind that a file's last check looked up."""
        return tuple(self._readers.get(kind, ()))

    def stale(self, changed: Iterable[LookupKey]) -> set[str]:
        """The files whose last check looked up one of some keys."""
        files: set[str] = set()
        for key in changed:
            readers = self._readers.get(key[0], {}).get(key)
            if isinstance(readers, str):
                files.add(readers)
            elif readers is not None:
                files |= readers
        return files

    def show_by(self, show: Callable[[tuple[FindingT, ...]], tuple[FindingT, ...]]) -> list[str]:
        """Shows findings by other settings, without a check; the files for which that makes a difference."""
        self._show = show
        differing: list[str] = []
        for uri, file in self._files.items():
            shown = show(file.found) if file.found else ()
            if shown != file.shown:
                self._files[uri] = replace(file, shown=shown)
                differing.append(uri)
        return differing

    def _read_by(self, uri: str, before: tuple[LookupKey, ...], after: tuple[LookupKey, ...]) -> None:
        old, new = frozenset(before), frozenset(after)
        for key in old - new:
            of_kind = self._readers[key[0]]
            readers = of_kind[key]
            if isinstance(readers, str):
                del of_kind[key]
            else:
                readers.discard(uri)
                if not readers:
                    del of_kind[key]
        for key in new - old:
            of_kind = self._readers.setdefault(key[0], {})
            readers = of_kind.setdefault(key, uri)
            if isinstance(readers, set):
                readers.add(uri)
            elif readers != uri:
                of_kind[key] = {readers, uri}
