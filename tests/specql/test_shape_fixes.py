"""The fixes of the rules about shape, held to SpecQL: it reads what it read before, and what was wrong is gone."""

from __future__ import annotations

import random
from collections.abc import Iterator

import yaml

from specql_lsp.features.code_actions import code_actions
from specql_lsp.features.diagnostics import check
from specql_lsp.features.diagnostics.rules import entity_shape
from specql_lsp.features.model import ActionKind, Finding, Severity
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.pyyaml.errors import syntax_errors
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.rules.fixes import NOW
from tests.features.rules.test_unknown_type import MEANT
from tests.specql.reference import Reference
from tests.specql.shape_mutations import EVERYTHING, IN_A_MAPPING, WITH_ALIASES, changed
from tests.specql.test_invalid_sql import DESCRIPTIONS, NAMES, TYPES
from tests.support.effort import SEED, times

OURS = {rule.code for rule in entity_shape.RULES}


def texts() -> Iterator[str]:
    for base in (EVERYTHING, IN_A_MAPPING, WITH_ALIASES):
        yield from changed(base)
    for type_ in (*MEANT, *TYPES):
        quoted = "'" + type_.replace("'", "''") + "'"
        plain = yaml.safe_dump(type_, width=1000).split("\n")[0]
        yield f"entity: Thing\nfields: {{a: {quoted}, b: text}}\n"
        yield f"entity: Thing\nfields:\n  a: {plain}\n  b: text\n"
        yield f"entity: Thing\nfields:\n  a:\n    type: {plain}  # c\n    description: d\n"
        yield f"entity: Thing\nfields:\n  a: {{type: {quoted}, nullable: true, required: true, default: x}}\n"
        yield f"entity: Thing\r\nfields:\r\n  a:\r\n    required: true\r\n    type: {plain}\r\n    values: [x, y]\r\n"
    for name in NAMES:
        yield yaml.safe_dump({"entity": "Thing", "fields": {name: "text", "b": "text"}}, allow_unicode=True)
    for description in DESCRIPTIONS:
        yield yaml.safe_dump({"entity": "Thing", "description": description}, allow_unicode=True)


def document(text: str) -> Document:
    return Document("file:///workspace/thing.yaml", text)


def count(found: tuple[Finding, ...], like: Finding) -> int:
    return sum((finding.code, finding.message) == (like.code, like.message) for finding in found)


def test_fixes(specql: Reference) -> None:
    chosen = random.Random(SEED).sample(list(texts()), times(700))
    fixes = 0
    for text in chosen:
        before = document(text)
        if before.entity is None or syntax_errors(before.tree):
            continue
        found = check(Analysis(), before)
        errors = [finding for finding in found if finding.severity is Severity.ERROR]
        for finding in found:
            if finding.code in OURS and count(found, finding) == 1:
                for action in code_actions(Analysis(), before, finding.span, (finding,), NOW):
                    if action.kind is ActionKind.QUICK_FIX and action.edits:
                        fixes += 1
                        changed_text = apply(text, action.edits)
                        after = document(changed_text)
                        assert not syntax_errors(after.tree), (text, changed_text)
                        if "twice" not in finding.message and not action.title.startswith("Remove"):
                            assert not count(check(Analysis(), after), finding), (action.title, text, changed_text)
                        error = specql.entity(changed_text).error
                        if not errors or errors == [finding]:
                            assert error is None, (action.title, text, changed_text, error)
    assert fixes > times(200)
