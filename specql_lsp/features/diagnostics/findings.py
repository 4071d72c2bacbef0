"""How findings are made: one table of severities, and the user's overrides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from specql_lsp.config import DiagnosticsSettings, SeverityOverride
from specql_lsp.features.diagnostics.rules import RULES
from specql_lsp.features.model import Finding, Related, Severity
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from specql_lsp.syntax.text import Span

_SEVERITIES: dict[str, Severity] = {
    "yaml-syntax": Severity.ERROR,
    "several-documents": Severity.ERROR,
    "duplicate-key": Severity.WARNING,
    "unknown-domain": Severity.WARNING,
    "invalid-table-code": Severity.ERROR,
    "unquoted-table-code": Severity.ERROR,
    "reserved-table-code": Severity.ERROR,
    "unknown-schema-layer": Severity.ERROR,
    "unknown-domain-number": Severity.ERROR,
    "unknown-subdomain": Severity.WARNING,
    "domain-mismatch": Severity.ERROR,
    "subdomain-mismatch": Severity.WARNING,
    "table-code-taken": Severity.ERROR,
    "table-code-differs": Severity.ERROR,
    "unregistered-table-code": Severity.WARNING,
    "missing-table-code": Severity.HINT,
    "unknown-entity": Severity.WARNING,
    "invalid-registry": Severity.ERROR,
    **{kind.diagnostic_code: Severity.WARNING for kind in DiscrepancyType},
}
_OVERRIDES: dict[SeverityOverride, Severity] = {
    SeverityOverride.HINT: Severity.HINT,
    SeverityOverride.INFORMATION: Severity.INFORMATION,
    SeverityOverride.WARNING: Severity.WARNING,
    SeverityOverride.ERROR: Severity.ERROR,
}


def severities() -> dict[str, Severity]:
    """The severity that the contract gives to each code."""
    return {**_SEVERITIES, **{rule.code: rule.severity for rule in RULES.values()}}


def finding(
    span: Span,
    code: str,
    message: str,
    related: tuple[Related, ...] = (),
    discrepancy: Discrepancy | None = None,
) -> Finding:
    """A finding with the severity that the contract gives to its code."""
    return Finding(span, code, _SEVERITIES[code], message, related, discrepancy)


def configured(found: Iterable[Finding], settings: DiagnosticsSettings) -> tuple[Finding, ...]:
    """The findings as the user wants them: none, some turned off, some with another severity; by place."""
    if not settings.enabled:
        return ()
    kept: list[Finding] = []
    for item in found:
        override = settings.severity.get(item.code)
        if override is SeverityOverride.OFF:
            continue
        kept.append(item if override is None else replace(item, severity=_OVERRIDES[override]))
    return tuple(sorted(kept, key=lambda item: (item.span, item.code)))
