"""Diagnostics: every finding about one file. Pure functions over the analysis; which file to check is the caller's.

``check`` is for any file of SpecQL's, ``drift`` for the configured registry YAML. They are separate, so that each
can be published and cleared by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from specql_lsp.config import Settings
from specql_lsp.features.diagnostics.configured import configured
from specql_lsp.features.diagnostics.drift import check_drift
from specql_lsp.features.diagnostics.rule import FileContext
from specql_lsp.features.diagnostics.rules import check_file, check_files
from specql_lsp.features.model import Finding
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

__all__ = ["check", "drift", "found_in", "found_in_each", "shown"]


def check(analysis: Analysis, document: Document) -> tuple[Finding, ...]:
    """The findings of one file, in the order of the text; none for a file that is not SpecQL's.

    Drift is not among them.
    """
    settings = analysis.settings
    if not settings.diagnostics.enabled or not document.is_specql:
        return ()
    return configured(check_file(analysis, document), settings)


def drift(analysis: Analysis, document: Document) -> tuple[Finding, ...]:
    """What differs between PostgreSQL and this file, if it is the configured registry YAML.

    None while the two cannot be compared: unavailable is not equal, and not different either.
    """
    settings = analysis.settings
    if not settings.diagnostics.enabled or not settings.diagnostics.drift or not document.is_registry:
        return ()
    return configured(_drift(analysis, document), settings)


def found_in(analysis: Analysis, document: Document) -> tuple[Finding, ...]:
    """Everything that is found in one file, drift included, whatever the settings hide; for ``shown``."""
    [found] = found_in_each([(analysis, document)])
    return found


def found_in_each(files: Sequence[tuple[Analysis, Document]]) -> list[tuple[Finding, ...]]:
    """What ``found_in`` gives for each of several files, in less time than one after the other."""
    ours = [FileContext(*file) for file in files if file[1].is_specql]
    found = iter(zip(ours, check_files(ours), strict=True))
    return [_with_drift(*next(found)) if document.is_specql else () for _, document in files]


def _with_drift(file: FileContext, found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(chain(found, _drift(*file)) if file.document.is_registry else found)


def shown(settings: Settings, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings as the user wants them, in the order of the text."""
    wants_drift = settings.diagnostics.drift
    return configured((item for item in found if wants_drift or item.discrepancy is None), settings)


def _drift(analysis: Analysis, document: Document) -> Iterator[Finding]:
    discrepancies = analysis.discrepancies
    return check_drift(document, discrepancies) if discrepancies is not None else iter(())
