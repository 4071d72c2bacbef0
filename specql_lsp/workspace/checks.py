"""Checks of files: each as its file was when the check was made, to be run on any thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.lookups import LookupKey, recorded

FindingT = TypeVar("FindingT")

CheckFunction = Callable[[Sequence[tuple[Analysis, Document]]], list[tuple[FindingT, ...]]]
"""Everything that is found in each of several documents, whatever the settings show."""


@dataclass(eq=False, slots=True)
class Check(Generic[FindingT]):
    """The check of one file as it was when the check was made. ``run`` may be called on any thread."""

    folder: str
    document: Document
    analysis: Analysis
    function: CheckFunction[FindingT]
    changed: set[LookupKey] = field(default_factory=set)
    """What has changed since the check was made."""
    found: tuple[FindingT, ...] = ()
    looked_up: frozenset[LookupKey] = frozenset()

    def run(self) -> Check[FindingT]:
        """Checks the file; returns itself, with the result."""
        run_checks([self])
        return self


def run_checks(checks: Sequence[Check[FindingT]]) -> None:
    """Runs checks of one host: several together take less time than one after the other."""
    if not checks:
        return
    recordings = [recorded(check.analysis) for check in checks]
    files = [(analysis, check.document) for check, (analysis, _) in zip(checks, recordings, strict=True)]
    for check, found, (_, looked_up) in zip(checks, checks[0].function(files), recordings, strict=True):
        check.found = found
        check.looked_up = frozenset(looked_up)
