"""A check's report as text, JSON, SARIF 2.1.0 or GitHub workflow commands."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from specql_lsp import __version__
from specql_lsp.check_workspace import FileFinding, Report
from specql_lsp.cli.views.rules import COLOURS
from specql_lsp.features.diagnostics.pages import DIAGNOSTICS_URI
from specql_lsp.features.diagnostics.rules import RULES
from specql_lsp.features.model import Severity
from specql_lsp.printable import printable, without_controls

_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_SARIF = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def as_text(report: Report) -> str:
    """A line for each finding, as compilers write them, and a closing line that counts."""
    lines = [
        f"{click.style(printable(f.path), bold=True)}:{f.start.line}:{f.start.column}: "
        f"{click.style(_name(f.severity), fg=COLOURS[f.severity])} "
        f"{click.style(f'[{f.code}]', dim=True)} {printable(f.message)}"
        for f in report.findings
    ]
    counts = Counter(f.severity for f in report.findings)
    files = f"{report.checked} SpecQL {'file' if report.checked == 1 else 'files'}{_held_against(report)}"
    if not report.findings:
        lines.append(click.style(f"No problems in {files}.", fg="green"))
    else:
        said = ", ".join(f"{counts[s]} {_counted(s, counts[s])}" for s in Severity if counts[s])
        lines.append(f"{said} in {files}.")
    return "\n".join(lines)


def _held_against(report: Report) -> str:
    """Which snapshot the files were held against, and how old it is, where that was asked for (``--registry``)."""
    provenance = report.provenance
    if provenance.file is None or provenance.reason:
        return ""
    return f", held against the snapshot {printable(provenance.file.in_words)}"


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
                "rules": [_sarif_rule(code) for code in codes],
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


def _sarif_rule(code: str) -> dict[str, Any]:
    return {
        "id": code,
        "name": code,
        "shortDescription": {"text": RULES[code].summary},
        "helpUri": DIAGNOSTICS_URI,
    }


def _sarif_result(finding: FileFinding, rule: int) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _SARIF.get(finding.severity, "note"),
        "message": {"text": _sarif_text(finding.message)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.path)},
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


def _sarif_text(text: str) -> str:
    """A message without embedded links (SARIF 2.1.0, 3.11.6): what a file holds becomes none."""
    return without_controls(text).replace("](", "] (")


def _uri(path: str) -> str:
    """A path as a URI reference (RFC 3986), percent-encoded byte by byte; of an absolute path, a ``file`` URI."""
    return Path(path).as_uri() if Path(path).is_absolute() else quote(os.fsencode(path))


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

JSON_FORMATS = frozenset({"json", "sarif"})
"""Those of ``FORMATS`` that give a JSON document."""


def _name(severity: Severity) -> str:
    return severity.name.lower()


def _counted(severity: Severity, count: int) -> str:
    name = "note" if severity is Severity.INFORMATION else _name(severity)
    return name if count == 1 else f"{name}s"


def _data(text: str) -> str:
    return without_controls(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
