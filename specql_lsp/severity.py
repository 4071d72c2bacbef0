"""How bad a finding is."""

from __future__ import annotations

from enum import Enum


class Severity(Enum):
    """The severity of a finding; the values are those of LSP's DiagnosticSeverity."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4
