"""What is written about the rules: a page for each, and tables of all. Markdown (CommonMark)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from specql_lsp.features.diagnostics.rule import Rule
from specql_lsp.language.release import REFERENCE, Release

DIAGNOSTICS_URI = "https://pypi.org/project/specql-lsp/#diagnostics"
"""The section "Diagnostics" of README.md, which is the description of the distribution."""

_FILE = re.compile(r"^-- (?P<path>\S+) --\n", re.MULTILINE)


def page(rule: Rule) -> str:
    """The page of a rule: what it means, why, an example, what to write instead."""
    parts = [f"# {rule.code}", f"**{rule.severity.name.lower()}** · {rule.summary}", rule.explanation.strip()]
    parts += ["## Example", *_fenced(rule.example), "## Without the finding", *_fenced(rule.better)]
    if rule.fix:
        parts += ["## Light bulb", rule.fix]
    parts += ["## Release", _release(rule), "## Settings", _settings(rule)]
    return "\n\n".join(parts) + "\n"


def table(rules: Iterable[Rule], pages: str) -> str:
    """A table of rules: code, severity, summary. ``pages`` is the path of their pages' folder, with a slash."""
    rows = (
        f"| [`{rule.code}`]({pages}{rule.code}.md) | {rule.severity.name.lower()} | {rule.summary} |" for rule in rules
    )
    return "\n".join(["| code | severity | when |", "|---|---|---|", *rows]) + "\n"


def summary_to_json(rule: Rule) -> dict[str, Any]:
    """A rule in a list, for scripts."""
    return {
        "code": rule.code,
        "severity": rule.severity.name.lower(),
        "summary": rule.summary,
        "release": Release.REFERENCE.value if rule.of_release else None,
    }


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """Everything that is said about a rule, for scripts."""
    return {
        **summary_to_json(rule),
        "explanation": rule.explanation.strip(),
        "example": rule.example,
        "better": rule.better,
        "fix": rule.fix or None,
        "page": DIAGNOSTICS_URI,
    }


def _fenced(example: str) -> Iterator[str]:
    """The files of an example as blocks of code, each with its path above it where it has one."""
    before, *files = _FILE.split(example)
    texts = [("", before)] if before else []
    for path, text in (*texts, *zip(files[::2], files[1::2], strict=True)):
        if path:
            yield f"`{path}`:"
        yield f"```yaml\n{text.rstrip()}\n```"


def _release(rule: Rule) -> str:
    if rule.of_release:
        return f"It is about the limits of {REFERENCE}; with an empty `language.release` it is not reported."
    return f"What is said about SpecQL is what {REFERENCE} does."


def _settings(rule: Rule) -> str:
    severities = "`off`, `hint`, `information`, `warning` or `error`"
    return f"`diagnostics.severity` maps `{rule.code}` to {severities}."
