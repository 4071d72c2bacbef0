"""A check's report as text, JSON, SARIF 2.1.0 or GitHub workflow commands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import click

from specql_lsp import __version__
from specql_lsp.batch import FileFinding, Report
from specql_lsp.features.model import Severity

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFORMATION: "blue", Severity.HINT: "cyan"}
_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_SARIF = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def as_text(report: Report) -> str:
    """A line for each finding, as compilers write them, and a closing line that counts."""
    lines = [
        f"{click.style(f.path, bold=True)}:{f.start.line}:{f.start.column}: "
        f"{click.style(_name(f.severity), fg=_COLOURS[f.severity])} "
        f"{click.style(f'[{f.code}]', dim=True)} {f.message}"
        for f in report.findings
    ]
    counts = Counter(f.severity for f in report.findings)
    files = f"{report.checked} SpecQL {'file' if report.checked == 1 else 'files'}"
    if not report.findings:
        lines.append(click.style(f"No problems in {files}.", fg="green"))
    else:
        said = ", ".join(f"{counts[s]} {_counted(s, counts[s])}" for s in Severity if counts[s])
        lines.append(f"{said} in {files}.")
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """A JSON array in the shape of the interface."""
    return json.dumps(
        [
            {
                "path": f.path,
                "line": f.start.line,
                "column": f.start.column,
                "endLine": f.end.line,
                "endColumn": f.end.column,
                "severity": _name(f.severity),
                "code": f.code,
                "message": f.message,
            }
            for f in report.findings
        ],
        indent=2,
        ensure_ascii=False,
    )


def as_sarif(report: Report) -> str:
    """SARIF 2.1.0 (OASIS), columns in Unicode code points."""
    codes = sorted({f.code for f in report.findings})
    run = {
        "tool": {
            "driver": {
                "name": "specql-lsp",
                "version": __version__,
                "rules": [{"id": code, "name": code} for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(f, codes.index(f.code)) for f in report.findings],
    }
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _sarif_result(finding: FileFinding, rule: int) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _SARIF.get(finding.severity, "note"),
        "message": {"text": finding.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": finding.path},
                    "region": {
                        "startLine": finding.start.line,
                        "startColumn": finding.start.column,
                        "endLine": finding.end.line,
                        "endColumn": finding.end.column,
                    },
                }
            }
        ],
    }


def as_github(report: Report) -> str:
    """Workflow commands, which GitHub shows at the lines of a pull request."""
    return "\n".join(
        f"::{_GITHUB.get(f.severity, 'notice')} file={_property(f.path)},line={f.start.line},col={f.start.column},"
        f"endLine={f.end.line},endColumn={f.end.column},title={_property(f.code)}::{_data(f.message)}"
        for f in report.findings
    )


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}


def _name(severity: Severity) -> str:
    return severity.name.lower()


def _counted(severity: Severity, count: int) -> str:
    name = "note" if severity is Severity.INFORMATION else _name(severity)
    return name if count == 1 else f"{name}s"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
