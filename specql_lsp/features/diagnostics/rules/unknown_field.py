"""``unknown-field``: a step, a translation, an identifier or a view names a field that the entity has not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from specql_lsp.features.diagnostics.drafts import place_in, said_once
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import Finding
from specql_lsp.language.release import REFERENCE
from specql_lsp.semantics.expression_names import FieldNames, RefusedStep, WrongName, refused_steps
from specql_lsp.semantics.field_mentions import field_mentions
from specql_lsp.severity import Severity
from specql_lsp.syntax.implicit_typing import misreading
from specql_lsp.syntax.text import Span

RULE = Rule(
    code="unknown-field",
    severity=Severity.ERROR,
    summary="An expression, a SET list, a translation, an identifier or a view names a field that the entity has not.",
    explanation=(
        "SpecQL 0.9.2 takes the words of `validate`, `if`, `update … SET … WHERE`, `delete … WHERE` and `find … WHERE` "
        "for fields of the file's entity and refuses the file when one is missing: \"Field 'statu' referenced in "
        'expression not found in entity". Reported is a word that can be nothing else: the entity that the step is '
        "about has no such field, and it is no SQL word, function, literal, parameter or variable. What is valid, and "
        "refused all the same, is `specql-refuses`.\n\n"
        "In `translations.fields`, `identifier.components` and `table_views` SpecQL does not look for the fields: "
        "there it is a warning. Write the name of a field; without quotes an enum's value counts as a field, too."
    ),
    example="""\
entity: Contact
schema: crm
fields:
  status: enum(lead, customer)
actions:
  - name: qualify
    steps:
      - validate: statu = 'lead'
""",
    better="""\
entity: Contact
schema: crm
fields:
  status: enum(lead, customer)
actions:
  - name: qualify
    steps:
      - validate: status = 'lead'
""",
    waits=True,
    fix="Changes the name to the nearest field, or puts an enum's value in quotes.",
)


def check(context: RuleContext) -> Iterator[Finding]:
    """The names of fields that are none."""
    yield from said_once(_in_steps(context))
    yield from _in_mentions(context)


def _in_steps(context: RuleContext) -> Iterator[Finding]:
    names: FieldNames | None = None
    for refused in refused_steps(context.document, context.entity):
        if misreading(refused.scalar) is not None:
            continue  # it is no text at all: ``invalid-step``
        names = names or FieldNames(context.analysis, context.document, context.entity)
        for word in refused.words:
            wrong = names.wrong(refused, word)
            if wrong is not None:
                yield _finding(context, refused, word.span, wrong)


def _finding(context: RuleContext, refused: RefusedStep, span: Span, wrong: WrongName) -> Finding:
    place = place_in(context.document.text, refused.scalar, span, refused.shift)
    name, entity = shortened(wrong.name), shortened(wrong.entity)
    message = f"{entity} has no field {name}: {REFERENCE} refuses the file."
    if wrong.is_value:
        quoted = f"'{wrong.name}'"
        return RULE.finding(place, f"{message} If the value is meant, write {quoted}.", replacements=(quoted,))
    if wrong.is_function:
        call = f"{wrong.name}()"
        return RULE.finding(place, f"{message} If the function is meant, write {call}.", replacements=(call,))
    near = wrong.near
    hint = f"Did you mean {shortened(near)}?" if near else "Add the field, or name one that the entity has."
    return RULE.finding(place, f"{message} {hint}", replacements=(near,) if near else ())


def _in_mentions(context: RuleContext) -> Iterator[Finding]:
    """The fields named outside of steps; SpecQL does not look for them, so these are no errors."""
    entity = context.entity
    names: FieldNames | None = None
    for mention in field_mentions(context.document.tree, entity):
        names = names or FieldNames(context.analysis, context.document, entity)
        missing = names.missing(mention)
        near = missing.near if missing is not None else None
        if missing is None or not (mention.is_certain or near):
            continue
        hint = f"Did you mean {shortened(near)}?" if near else "Add the field, or name one that the entity has."
        owner, name = shortened(missing.entity), shortened(missing.name)
        message = f"{owner} has no field {name}: {REFERENCE} does not notice it. {hint}"
        found = RULE.finding(mention.name.text_span, message, replacements=(near,) if near else ())
        yield replace(found, severity=Severity.WARNING)
