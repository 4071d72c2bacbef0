"""``duplicate-key``: a key is in one mapping twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from specql_lsp.features.diagnostics.rule import FileContext, Rule
from specql_lsp.features.diagnostics.words import listed, shortened
from specql_lsp.features.model import Finding, Related
from specql_lsp.index.symbols import place
from specql_lsp.severity import Severity
from specql_lsp.syntax.duplicate_keys import RepeatedKey, repeated_keys
from specql_lsp.workspace.documents import Document

_MOST = 20
_MOST_NAMED = 4

RULE = Rule(
    code="duplicate-key",
    severity=Severity.WARNING,
    summary="A mapping has the same key twice: SpecQL keeps only the last value, without a message.",
    explanation="""\
PyYAML keeps the last of the values and drops the others silently: of two fields of one name only the second becomes a
column. Keys are the same where PyYAML reads the same value: `yes` and `true`, `1` and `0x1`, `name` and `'name'`.

Delete one of the two, or give it the name that was meant. Several keys that are repeated one after the other have one
finding: most often a line is missing above them, such as the `- name: …` of the second of two actions.
""",
    example="""\
entity: Contact
fields:
  email: email
  name: text
  email: text
""",
    better="""\
entity: Contact
fields:
  email: email
  name: text
""",
)


def check(context: FileContext) -> Iterator[Finding]:
    """Keys that are twice in one mapping, at every depth: PyYAML keeps the last value without a word.

    Cut to what a person reads; linear in the text, in what was edited for an edited one. A run of them is one
    finding: they have one cause, most often a line that is missing above them.
    """
    tree = context.document.tree
    # Where the structure is a guess, so is which mapping a key belongs to.
    run: list[RepeatedKey] = []
    for repeated in islice(repeated_keys(tree), _MOST) if not tree.has_problems else ():
        if run and not repeated.continues:
            yield _finding(context.document, run)
            run = []
        run.append(repeated)
    if run:
        yield _finding(context.document, run)


def _finding(document: Document, run: list[RepeatedKey]) -> Finding:
    """The finding about keys that are repeated one after the other."""
    related = tuple(
        Related(place(document, each.first_span), f"{shortened(each.first_text)} is given here first.") for each in run
    )
    line = min(document.lines.line_of(each.first_span.start) for each in run) + 1
    if len(run) == 1:
        text, first_text = shortened(run[0].text), shortened(run[0].first_text)
        same = "is already" if run[0].text == run[0].first_text else f"is the same as {first_text}"
        message = f"The key {text} {same} on line {line}: SpecQL keeps only the last value. Delete one."
    else:
        names = [shortened(each.text) for each in run[:_MOST_NAMED]]
        keys = listed(names) if len(run) <= _MOST_NAMED else f"{', '.join(names)}, …"
        message = (
            f"The keys {keys} are already in this mapping, from line {line} on: SpecQL keeps only the last values. "
            "Delete one of each, or begin a mapping of their own above this line."
        )
    return RULE.finding(run[0].span, message, related=related)
