"""What is generated from the rules: README's tables, ``docs/rules``, the settings of the VS Code extension.

``make rules`` (``python -m tests.docs.rules``) writes it; ``test_rules.py`` fails where it is not up to date.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from specql_lsp.config import SeverityOverride
from specql_lsp.features.diagnostics.pages import page, table
from specql_lsp.features.diagnostics.rule import Rule
from specql_lsp.features.diagnostics.rules import RULES, drift
from tests.docs.blocks import README, with_block

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "rules"
_OVERVIEW = """\
# Diagnostics

Each diagnostic has its page; `specql-lsp rule CODE` shows it in a terminal. The examples assume a registry with the
domains 1 (core), 2 (crm, also called management) with the subdomain 03 (customer), in which Contact has the code 012034
and Company 012035, and 3 (catalog); it reserves the codes 000000, 999999 and 01203E. Of drift, the example is a YAML,
and the text without the finding what PostgreSQL holds.

These pages are generated (`make rules`) from `specql_lsp/features/diagnostics/rules`.

"""


def generated() -> Iterator[tuple[Path, str]]:
    """Every file that has generated text in it, with the text that it has to have."""
    rules = list(RULES.values())
    drifts = [rule for rule in rules if rule in drift.RULES]
    others = [rule for rule in rules if rule not in drift.RULES]
    for rule in rules:
        yield PAGES / f"{rule.code}.md", page(rule)
    yield PAGES / "README.md", _OVERVIEW + table(rules, "")
    readme = README.read_text(encoding="utf-8")
    for name, some in (("diagnostics", others), ("drift", drifts)):
        readme = with_block(readme, name, "make rules", table(some, "docs/rules/"))
    yield README, readme
    manifest = ROOT / "editors" / "vscode" / "package.json"
    yield manifest, _with_severities(manifest.read_text(encoding="utf-8"), rules)


def unknown_pages() -> list[Path]:
    """The pages of rules that do not exist any more."""
    known = {path for path, _ in generated()}
    return [path for path in sorted(PAGES.glob("*.md")) if path not in known]


def _with_severities(text: str, rules: list[Rule]) -> str:
    manifest = json.loads(text)
    [properties] = [
        part["properties"]
        for part in manifest["contributes"]["configuration"]
        if "specql.diagnostics.severity" in part["properties"]
    ]
    levels = [level.value for level in SeverityOverride]
    properties["specql.diagnostics.severity"]["properties"] = {
        rule.code: {"type": "string", "enum": levels, "description": rule.summary} for rule in rules
    }
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes everything."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for path, text in list(generated()):
        path.write_text(text, encoding="utf-8")
    for path in unknown_pages():
        path.unlink()


if __name__ == "__main__":
    main()
