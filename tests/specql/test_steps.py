"""What is said about steps, held to SpecQL: what it refuses has a finding at its cause, what it takes has no error."""

from __future__ import annotations

import json
import random
import re

import pytest

from specql_lsp.features.code_actions.fixes import fixes
from specql_lsp.features.diagnostics import check
from specql_lsp.features.model import Finding
from specql_lsp.language.checked_words import checked_words
from specql_lsp.semantics.step_sql import template_of
from specql_lsp.severity import Severity
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.specql.reference import Reference
from tests.specql.step_mutations import BLOCK_STYLE, OTHER_STYLES, WORDS, mutated
from tests.support.effort import SEED, times

_FIELD = re.compile(r"Field '(\w+)' referenced in expression not found")


def refusals_in(text: str) -> tuple[Document, list[Finding]]:
    """What says of a text that SpecQL refuses it."""
    document = Document("file:///workspace/contact.yaml", text)
    found = check(Analysis(), document)
    return document, [f for f in found if f.severity is Severity.ERROR or f.code == "specql-refuses"]


def is_at_cause(text: str, error: str, found: list[Finding]) -> bool:
    """Whether a finding is at the word that SpecQL names; SpecQL has taken quotes out of it."""
    word = _FIELD.search(error)
    spans = [re.sub(r"['\"][^'\"]*['\"]", "", text[f.span.start : f.span.end]).lower() for f in found]
    return word is None or any(word[1] in span for span in spans)


@pytest.mark.parametrize("text", [BLOCK_STYLE, OTHER_STYLES], ids=["block style", "other styles"])
def test_mutations(specql: Reference, text: str) -> None:
    chosen = random.Random(SEED)
    refused = accepted = 0
    for _ in range(times(1000)):
        changed = mutated(text, chosen)
        error = specql.entity(changed).error
        document, found = refusals_in(changed)
        if error is None:
            accepted += 1
            assert not found, (changed, found)
        elif found:
            refused += 1
            assert is_at_cause(changed, error, found), (changed, error, found)
        else:
            # Valid YAML that the parser cannot read: of such an action nothing is said.
            assert document.tree.has_problems, (changed, error)
    assert refused > times(1000) / 5
    assert accepted > times(1000) / 5


@pytest.mark.parametrize("prefix", ["validate: ", "update: Contact SET ", "find: Contact WHERE ", "if: "])
def test_the_words_of_expressions(specql: Reference, prefix: str) -> None:
    """The first word that SpecQL names is the first one that we find, in whatever text."""
    chosen = random.Random(SEED)
    kind, _, head = prefix.partition(": ")
    for _ in range(times(300)):
        words = chosen.choices([*WORDS, "status", "a'b'c", "x'", "WHERE", "now'x'y"], k=chosen.randrange(1, 8))
        text = head + chosen.choice([" ", ""]).join(words)
        quoted = json.dumps(text, ensure_ascii=False)
        file = f"entity: Contact\nfields: {{status: text}}\nactions: [{{name: a, steps: [{{{kind}: {quoted}}}]}}]\n"
        error = specql.entity(file).error
        refused = [word.text for word in checked_words(kind, text) if word.text != "status"]
        named = _FIELD.search(error) if error is not None else None
        assert (named[1] if named else None) == (refused[0] if refused else None), (text, error)


def test_the_names_of_actions_with_templates(specql: Reference) -> None:
    for name in ["create", "created", "Create_it", "update", "deleteX", "recreate", "cre", "do_update"]:
        sql = specql.action(
            "entity: Contact\nfields: {status: text}\nactions:\n"
            f"  - name: {name}\n    steps: [{{validate: status = 'zebra'}}]\n"
        )
        assert ("zebra" in sql) == (template_of(name) is None), name


@pytest.mark.parametrize(
    "condition",
    [
        "status IN ('a', 'b')",
        "status NOT IN ('a') AND score BETWEEN 1 AND 2",
        "NOT (score NOT BETWEEN 1 AND 2 OR status in ('it''s', 'x'))",
        "score in (1, score + 1)",
    ],
)
def test_what_the_fix_of_specql_refuses_writes(specql: Reference, condition: str) -> None:
    """SpecQL takes it, and PostgreSQL reads operators of the same precedence."""
    head = "entity: Contact\nfields: {status: text, score: integer}\nactions:\n- name: a\n  steps:\n"
    text = f"{head}  - validate: {condition}\n"
    while specql.entity(text).error is not None:
        document = Document("file:///workspace/contact.yaml", text)
        [finding] = [f for f in check(Analysis(), document) if f.code == "specql-refuses"]
        [action] = fixes(Analysis(), document, finding)
        text = apply(text, action.edits)
    written = text.partition("validate: ")[2].strip()
    assert specql.sql(f"select 1 from t where {written}").error is None
    assert " in " not in written.lower()
