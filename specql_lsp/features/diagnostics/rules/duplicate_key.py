"""``duplicate-key``: a key is in one mapping twice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from specql_lsp.features.diagnostics.rule import FileContext, Rule
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import Finding, Related
from specql_lsp.index.symbols import place
from specql_lsp.severity import Severity
from specql_lsp.syntax.duplicate_keys import repeated_keys

_MOST = 20

RULE = Rule(
    code="duplicate-key",
    severity=Severity.WARNING,
    summary="A mapping has the same key twice: SpecQL keeps only the last value, without a message.",
    explanation="""\
PyYAML keeps the last of the values and drops the others silently: of two fields of one name only the second becomes a
column. Keys are the same where PyYAML reads the same value: `yes` and `true`, `1` and `0x1`, `name` and `'name'`.

Delete one of the two, or give it the name that was meant.
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

    Cut to what a person reads; linear in the text, in what was edited for an edited one.
    """
    tree = context.document.tree
    # Where the structure is a guess, so is which mapping a key belongs to.
    for repeated in islice(repeated_keys(tree), _MOST) if not tree.has_problems else ():
        line = tree.lines.line_of(repeated.first_span.start) + 1
        text, first_text = shortened(repeated.text), shortened(repeated.first_text)
        is_same_text = repeated.first_text == repeated.text
        same = f"is already on line {line}" if is_same_text else f"is the same as {first_text} on line {line}"
        first = Related(place(context.document, repeated.first_span), f"{first_text} is given here first.")
        yield RULE.finding(
            repeated.span,
            f"The key {text} {same}: SpecQL keeps only the last value. Delete one.",
            related=(first,),
        )
