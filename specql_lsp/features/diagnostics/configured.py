"""Findings as the user wants them: which are shown, and how severe they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from specql_lsp.config import Settings, SeverityOverride
from specql_lsp.features.diagnostics.rules import RULES
from specql_lsp.features.model import Finding, Severity

_OVERRIDES: dict[SeverityOverride, Severity] = {
    SeverityOverride.HINT: Severity.HINT,
    SeverityOverride.INFORMATION: Severity.INFORMATION,
    SeverityOverride.WARNING: Severity.WARNING,
    SeverityOverride.ERROR: Severity.ERROR,
}


def configured(found: Iterable[Finding], settings: Settings) -> tuple[Finding, ...]:
    """The findings as the user wants them: none, some turned off, some with another severity; by place."""
    severity = settings.diagnostics.severity
    if not settings.diagnostics.enabled:
        return ()
    kept: list[Finding] = []
    for item in found:
        override = severity.get(item.code)
        if override is SeverityOverride.OFF or (not settings.language.release and RULES[item.code].of_release):
            continue
        kept.append(item if override is None else replace(item, severity=_OVERRIDES[override]))
    return tuple(sorted(kept, key=lambda item: (item.span, item.code)))
