"""The YAML itself: ``yaml-syntax`` and ``several-documents``, where SpecQL refuses it."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.rule import FileContext, Rule
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import Finding
from specql_lsp.severity import Severity

YAML_SYNTAX = Rule(
    code="yaml-syntax",
    severity=Severity.ERROR,
    summary="The text is not valid YAML: PyYAML, with which SpecQL reads it, refuses it.",
    explanation="""\
SpecQL reads its files with PyYAML, which stops at the first error: nothing of the file is read. This is reported
exactly where PyYAML refuses the text, in other words than its own, once for each top-level key. A file that is no
UTF-8 text is reported by `specql-lsp check`, too.

Frequent causes are a missing blank behind a colon, a tab as indentation, a quote that is not closed, and a text with
`: ` or ` #` in it that needs quotes.
""",
    example="""\
entity: Contact
description: "A person
fields:
  email: email
""",
    better="""\
entity: Contact
description: "A person"
fields:
  email: email
""",
    waits=True,
)

SEVERAL_DOCUMENTS = Rule(
    code="several-documents",
    severity=Severity.ERROR,
    fix="Moves each further document into a file of its own.",
    summary="A second YAML document begins in the file: SpecQL reads one document a file and refuses this one.",
    explanation="""\
A line `---` begins another YAML document. SpecQL loads one document a file (`yaml.safe_load`) and stops with
`expected a single document in the stream`.

Put each entity into a file of its own, or delete the line.
""",
    example="""\
entity: Contact
---
entity: Company
""",
    better="""\
-- contact.yaml --
entity: Contact
-- company.yaml --
entity: Company
""",
)

RULES = (YAML_SYNTAX, SEVERAL_DOCUMENTS)
_LONGEST_MESSAGE = 500
"""Characters: a tag or an anchor may be of any length."""
CODES = frozenset(rule.code for rule in RULES)
"""The codes of what SpecQL's reader refuses."""


def check(context: FileContext) -> Iterator[Finding]:
    """Where the text is not YAML as PyYAML reads it, in plain words, and where a second document begins."""
    review = context.document.syntax_review
    second = review.second_document
    for span, message in review.errors:
        if second is not None and span.start > second.start:
            continue  # PyYAML does not read on
        yield YAML_SYNTAX.finding(span, shortened(message, _LONGEST_MESSAGE))
    if review.second_document is not None:
        what = "entity" if context.document.entities else "document"
        yield SEVERAL_DOCUMENTS.finding(
            review.second_document,
            "A second YAML document begins here: SpecQL reads one document a file and refuses this one. "
            f"Put each {what} into a file of its own, or delete this line.",
        )
