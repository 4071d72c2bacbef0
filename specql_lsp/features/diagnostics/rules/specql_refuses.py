"""``specql-refuses``: what is right, and what the parser of SpecQL 0.9.2 is too narrow for."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.drafts import Draft, drafted, place_in, said_once
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import ActionKind, CodeAction, Finding
from specql_lsp.items.entity import ActionNode
from specql_lsp.language.release import REFERENCE, Release
from specql_lsp.language.steps import step_kinds
from specql_lsp.semantics.expression_names import FieldNames, RefusedStep, expressions_of, refused_steps
from specql_lsp.semantics.steps import steps_read
from specql_lsp.severity import Severity
from specql_lsp.syntax.implicit_typing import misreading

RULE = Rule(
    code="specql-refuses",
    severity=Severity.INFORMATION,
    summary="SpecQL 0.9.2 refuses the file for this, though it is valid.",
    explanation=(
        "The parser of SpecQL 0.9.2 checks expressions word by word: it puts them in lower case, removes what is in "
        "quotes, and wants every word to be a field of the file's entity, or one of `and or not is null true false "
        "matches set where input output email_pattern`. So it refuses `IN`, `LIKE`, `now()`, `$parameter`, "
        "`company.city`, fields of other entities, columns such as `id`, and every field with a capital letter. It "
        "also refuses the kinds of steps of the beta line, such as `raw_sql` and `call_service`.\n\n"
        "The text is not wrong, and other releases read it. To have 0.9.2 take the file, write the condition with "
        "fields, texts, numbers, signs, AND, OR, NOT, IS NULL and MATCHES. An empty `language.release` turns this off."
    ),
    example="""\
entity: Contact
schema: crm
fields:
  status: enum(lead, customer)
actions:
  - name: qualify
    steps:
      - validate: status IN ('lead', 'customer')
""",
    better="""\
entity: Contact
schema: crm
fields:
  status: enum(lead, customer)
actions:
  - name: qualify
    steps:
      - validate: status = 'lead' OR status = 'customer'
""",
    of_release=True,
    waits=True,
    fix="Writes IN and BETWEEN as comparisons.",
)


def check(context: RuleContext) -> Iterator[Finding]:
    """The steps of the beta line, and in each other step the word at which SpecQL stops."""
    yield from drafted(RULE, context, _of_the_beta_line)
    yield from said_once(_in_expressions(context))


def _in_expressions(context: RuleContext) -> Iterator[Finding]:
    names: FieldNames | None = None
    for refused in refused_steps(context.document, context.entity):
        if misreading(refused.scalar) is None:
            names = names or FieldNames(context.analysis, context.document, context.entity)
            yield from _stops_at(context, refused, names)


def _of_the_beta_line(action: ActionNode) -> tuple[Draft, ...]:
    kinds = step_kinds()
    return tuple(
        Draft(
            step.keyword.text_span,
            f'{REFERENCE} refuses the {step.kind} step: "Unknown step type". '
            "The beta line (specql-generator 0.5.0b0) reads it.",
        )
        for step in steps_read(action)
        if (kind := kinds.get(step.kind)) is not None and kind.release is Release.BETA and step.keyword is not None
    )


def _stops_at(context: RuleContext, refused: RefusedStep, names: FieldNames) -> Iterator[Finding]:
    """The first word, at which SpecQL stops; where that one is wrong, it is ``unknown-field``."""
    word = refused.words[0]
    if names.wrong(refused, word) is not None:
        return
    hint = _HINTS.get(word.text, "")
    if not hint and word.text in context.entity.field_group.names_with_capitals:
        hint = " No expression of it can name a field with a capital letter."
    message = (
        f"{REFERENCE} refuses this: \"Field '{shortened(word.text)}' referenced in expression not found in entity.\" "
        "It takes every word for one of the entity's fields, but AND, OR, NOT, IS, NULL, TRUE, FALSE and MATCHES."
        f"{hint}"
    )
    yield RULE.finding(place_in(context.document.text, refused.scalar, word.span, refused.shift), message)


_HINTS = {
    "in": " Write x = a OR x = b.",
    "between": " Write x >= a AND x <= b.",
    "like": " Write MATCHES with a regular expression.",
    "ilike": " Write MATCHES with a regular expression.",
}


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """Writes IN and BETWEEN as comparisons, which SpecQL takes."""
    from specql_lsp.language.expressions.rewriting import as_comparisons
    from specql_lsp.syntax.editing.scalars import replace_text

    document = context.document
    for refused in refused_steps(document, context.entity):
        word, scalar, shift = refused.words[0], refused.scalar, refused.shift
        if place_in(document.text, scalar, word.span, shift) != finding.span:
            continue
        for expression in expressions_of(refused.step.kind, scalar.value):
            written = as_comparisons(scalar.value, expression, word.span)
            if written is not None:
                span = place_in(document.text, scalar, written.span, shift)
                edit = replace_text(document.tree, span, written.text)
                title = f"Write {word.text.upper()} as comparisons"
                yield CodeAction(title, ActionKind.QUICK_FIX, (finding,), (edit,), preferred=True)
