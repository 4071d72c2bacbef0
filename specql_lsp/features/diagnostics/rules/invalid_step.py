"""``invalid-step``: a step whose kind SpecQL knows and whose shape it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Dict
from itertools import chain
from types import MappingProxyType

from specql_lsp.features.diagnostics.drafts import Draft, drafted, said_once
from specql_lsp.features.diagnostics.rule import Rule, RuleContext
from specql_lsp.features.diagnostics.words import shortened
from specql_lsp.features.model import CodeAction, Finding
from specql_lsp.items.entity import ActionNode, EntityItem, StepNode
from specql_lsp.language.names import nearest
from specql_lsp.language.release import REFERENCE
from specql_lsp.language.step_texts import RefusedText, TextProblem, refused_text
from specql_lsp.semantics.steps import (
    MAPPINGS,
    TEXTS,
    TEXTS_OR_MAPPINGS,
    StepList,
    actions_with_steps,
    is_unsure,
    lists_beneath,
    step_lists,
    steps_read,
    text_of,
    unfit_lists,
)
from specql_lsp.severity import Severity
from specql_lsp.syntax import yaml11
from specql_lsp.syntax.constructed import constructed
from specql_lsp.syntax.cut_values import cut_values
from specql_lsp.syntax.empty_items import empty_items, may_have_empty_items
from specql_lsp.syntax.implicit_typing import misreading
from specql_lsp.syntax.nodes import Alias, Mapping, Node, Scalar, Sequence, shifted
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.workspace.documents import Document

RULE = Rule(
    code="invalid-step",
    severity=Severity.ERROR,
    summary="A step is not written as SpecQL reads steps of its kind.",
    explanation=(
        "SpecQL 0.9.2 reads a step by its key and refuses the whole file where the value has another form:\n\n"
        "- `update: Entity SET field = value, … [WHERE condition]`: with SET in capitals, between blanks;\n"
        "- `call: function(argument = value, …)`: with parentheses, and a name without a schema;\n"
        '- `notify: recipient(channel, "text")`;\n'
        "- `insert: Entity`, `delete: Entity [WHERE …]`, `find: Entity [WHERE …]`, `validate: condition`: texts;\n"
        "- `if: condition` with `then` and `else`, which are lists of steps;\n"
        "- `refresh_table_view:` with `scope` self, related, propagate or batch, `strategy` immediate or deferred, and "
        "`propagate`, a list;\n"
        "- `for_query:` a mapping with `alias`, `query` and `body`."
    ),
    example="""\
entity: Contact
schema: crm
fields:
  status: enum(lead, customer)
actions:
  - name: qualify
    steps:
      - update: Contact
""",
    better="""\
entity: Contact
schema: crm
fields:
  status: enum(lead, customer)
actions:
  - name: qualify
    steps:
      - update: Contact SET status = 'customer'
""",
    waits=True,
    fix="Adds the parentheses, writes SET and mappings as SpecQL wants them, quotes what YAML reads as no text.",
)

NO_LIST = "propagate is a list of entities"
"""How the message begins about ``propagate`` with something else."""
SETS_NOTHING = "This update sets nothing"
"""How the message begins about an update without SET."""
_SCOPES = ("self", "related", "propagate", "batch")
_STRATEGIES = ("immediate", "deferred")
_Check = Callable[[StepNode], Iterator[Draft]]


def check(context: RuleContext) -> Iterator[Finding]:
    """The steps that SpecQL refuses though it knows their kind."""
    if not actions_with_steps(context.document, context.entity):
        return
    shapes = chain(drafted(RULE, context, _shapes_in_action), _behind_aliases(context))
    yield from _with_empty_tags_left_out(context, said_once(shapes))
    if context.entity.field_group.nodes:  # without fields SpecQL does not look at conditions
        yield from _with_empty_tags_left_out(context, drafted(RULE, context, _conditions_in_action))
    yield from _empty_steps(context.document, context.entity)


def _shapes_in_action(action: ActionNode) -> tuple[Draft, ...]:
    return tuple(_shapes(action))


def _shapes(action: ActionNode) -> Iterator[Draft]:
    for step in steps_read(action):
        of_kind = _CHECKS.get(step.kind)
        if of_kind is not None:
            yield from of_kind(step)
    yield from _misfits(step_lists(action))


def _behind_aliases(context: RuleContext) -> Iterator[Finding]:
    """What is found in steps whose lists and keys are aliases of collections: the action alone does not say of what."""
    document = context.document
    if not document.tree.anchors:
        return
    for action in actions_with_steps(document, context.entity):
        for step in steps_read(action.node):
            body, value = _resolved(document.tree, step.body), step.value
            value = _resolved(document.tree, value) if isinstance(value, Mapping) else value
            of_kind = _CHECKS.get(step.kind)
            if of_kind is not None and (body is not step.body or value is not step.value):
                meant = step._replace(body=body, value=value)
                for draft in chain(of_kind(meant), _misfits(lists_beneath(meant))):
                    yield draft.placed(RULE, document.text, action.shift)


def _resolved(tree: SyntaxTree, body: Mapping) -> Mapping:
    """A mapping with what the aliases of its values refer to; the very mapping where it has none."""
    if not any(isinstance(entry.value, Alias) for entry in body.entries):
        return body
    return body._replace(content=tuple(e._replace(value=tree.resolve(e.value) or e.value) for e in body.entries))


def _misfits(lists: Iterable[StepList]) -> Iterator[Draft]:
    for found in lists:
        for misfit in found.misfits:
            yield Draft(_first(misfit), f"{_NO_STEP} Write - validate: condition, say.")


def _conditions_in_action(action: ActionNode) -> tuple[Draft, ...]:
    steps = (step for step in steps_read(action) if step.kind in {"validate", "if"})
    return tuple(draft for step in steps for draft in _wants_text(step))


_NO_STEP = f"A step is a mapping whose key is its kind: {REFERENCE} refuses anything else."
_NO_VALUE = "has no value"
_TAGGED = re.compile(r"['\"]?\s*:\s*!")


def _with_empty_tags_left_out(context: RuleContext, found: Iterator[Finding]) -> Iterator[Finding]:
    """Leaves out what is said of a key without a value where a tag says what it is: ``validate: !!str``."""
    text = context.document.text
    for finding in found:
        if _NO_VALUE not in finding.message or _TAGGED.match(text, finding.span.end) is None:
            yield finding


def _first(node: Node) -> Span:
    """What is shown for a node: of a collection its first scalar."""
    while isinstance(node, Sequence | Mapping):
        inner = node.items[0] if isinstance(node, Sequence) and node.items else None
        if inner is None:
            break
        node = inner
    return node.span


def _empty_steps(document: Document, entity: EntityItem) -> Iterator[Finding]:
    text = document.text
    if not may_have_empty_items(text):
        return
    for action in actions_with_steps(document, entity):
        for found in step_lists(action.node):
            if isinstance(found.node, Sequence):
                sequence = shifted(found.node, action.shift)
                if isinstance(sequence, Sequence):
                    for span in empty_items(text, sequence):
                        yield RULE.finding(span, f"The step is empty. {_NO_STEP}")


def _keyword(step: StepNode) -> Span:
    return step.keyword.text_span if step.keyword is not None else step.body.span


_SHAPES: Dict[str, str] = MappingProxyType(
    {
        "validate": "validate: status = 'lead'",
        "if": "if: status = 'lead'",
        "insert": "insert: Entity",
        "update": "update: Entity SET field = value",
        "delete": "delete: Entity WHERE condition",
        "find": "find: Entity WHERE condition",
        "call": "call: function(argument = value)",
        "notify": 'notify: recipient(channel, "text")',
        "declare": "declare: v_count integer := 0, or a mapping with name, type and default",
        "assign": "assign: v_count := v_count + 1, or a mapping with variable and expression",
        "query": "query: SELECT …, or a mapping with sql and into",
        "cte": "cte: WITH name AS (SELECT …), or a mapping with name and query",
        "for_query": "a mapping with alias, query and body",
        "cursor_declare": "a mapping with name and query",
        "cursor_fetch": "a mapping with cursor and into",
        "refresh_table_view": "a mapping with scope, propagate and strategy",
    }
)
"""How each kind is written."""


def _wants_text(step: StepNode) -> Iterator[Draft]:
    """A value that is no text, where SpecQL needs one."""
    value = step.value
    if text_of(step) is not None or is_unsure(value):
        return
    write = f"Write {_SHAPES[step.kind]} instead."
    if value is None or (isinstance(value, Scalar) and not value.value):
        message = f"The {step.kind} step {_NO_VALUE}: {REFERENCE} refuses it. {write}"
        yield Draft(_keyword(step), message)
    elif isinstance(value, Scalar):
        read = misreading(value)
        message = (
            f"YAML reads {shortened(value.value)} as {read}, and {REFERENCE} needs a text for {step.kind}. {write}"
        )
        quoted = f"'{value.value}'"
        yield Draft(value.span, message, (quoted,) if step.kind in {"validate", "if", "insert"} else ())
    else:
        what = "mapping" if isinstance(value, Mapping) else "list"
        message = f"The {step.kind} step is followed by a {what}, and {REFERENCE} needs a text. {write}"
        yield Draft(_keyword(step), message)


def _lists(step: StepNode) -> Iterator[Draft]:
    """The keys whose values SpecQL goes through as lists of steps."""
    for entry in unfit_lists(step):
        key = entry.name or ""
        message = (
            f"{key} of {step.kind} is a list of steps: {REFERENCE} refuses anything else. Write each behind a dash"
        )
        end = ", or leave the key out." if step.kind == "if" else "."
        yield Draft(entry.key.span, message + end)


def _text_only(step: StepNode) -> Iterator[Draft]:
    text = text_of(step)
    if text is None:
        yield from _wants_text(step)
        return
    refused = refused_text(step.kind, text)
    if refused is not None and isinstance(step.value, Scalar):
        for cut in cut_values(step.body):
            if cut.entry.value is step.value:
                quoted = yaml11.quote(cut.text)
                message = (
                    f"Between braces YAML ends a value at a comma: {REFERENCE} refuses this {step.kind} step. Quote it."
                )
                yield Draft(cut.span, message, (quoted,))
                return
        message, replacements = _refused(step.kind, text, refused)
        if text.strip():
            yield Draft(refused.span, message, replacements, step.value)
        else:
            yield Draft(_keyword(step), message)


def _refused(kind: str, text: str, refused: RefusedText) -> tuple[str, tuple[str, ...]]:
    """The message about a text that SpecQL refuses, and what may replace the part that is wrong."""
    name = shortened(refused.name)
    match refused.problem:
        case TextProblem.NO_SET:
            entity = shortened(text.strip().partition(" ")[0] or "Entity")
            why = f"{SETS_NOTHING}: {REFERENCE} refuses an update without SET."
            return f"{why} Write update: {entity} SET field = value instead.", ()
        case TextProblem.SET_IS_NOT_FOUND:
            word = text[refused.span.start : refused.span.end]
            if word != "SET":
                return f"{REFERENCE} finds SET only in capitals: it refuses this update. Write SET.", ("SET",)
            return (
                f"{REFERENCE} finds SET only between two blanks on one line: it refuses this update. Join the lines.",
                (),
            )
        case TextProblem.NO_NAME:
            return f"The {kind} step begins with a name: {REFERENCE} refuses it. Write {_SHAPES[kind]} instead.", ()
        case TextProblem.QUALIFIED_NAME:
            message = f"{REFERENCE} refuses a name with a schema or a dot in a {kind} step. Write {name}(…) instead."
            if not refused.name:
                return message, ()
            written = text[refused.span.start : refused.span.end]
            is_opened = text[refused.span.end :].lstrip().startswith("(")
            if is_opened or kind != "call" or not written.endswith(refused.name):
                return message, (refused.name,) if is_opened else ()
            return message, (f"{refused.name}()",)
        case TextProblem.NO_PARENTHESES:
            is_bare = text.strip() == refused.name
            needed = f"{name}()" if kind == "call" else f'{name}(channel, "text")'
            why = f"The {kind} step needs parentheses behind the name: {REFERENCE} refuses it without."
            message = f"{why} Write {needed} instead."
            return message, (f"{refused.name}()",) if is_bare and kind == "call" else ()
        case TextProblem.NOT_CLOSED:
            message = f"The parenthesis behind {name} is not closed on its line: {REFERENCE} refuses this {kind} step."
            closes = kind == "call" and "\n" not in text.strip() and text.count("(") == text.count(")") + 1
            return f"{message} Write {_SHAPES[kind]} instead.", (f"{text.strip()})",) if closes else ()
    missing = "a channel and a text" if refused.problem is TextProblem.NO_CHANNEL else "a text behind the channel"
    return (f'{name} needs {missing}: {REFERENCE} refuses this notify step. Write {name}(email, "text") instead.', ())


def _text_or_mapping(step: StepNode) -> Iterator[Draft]:
    if not isinstance(step.value, Mapping):
        yield from _wants_text(step)


def _mapping(step: StepNode) -> Iterator[Draft]:
    """A value that is no mapping, where SpecQL needs one."""
    value = step.value
    if not isinstance(value, Mapping) and not isinstance(value, Alias):
        message = (
            f"The {step.kind} step needs a mapping: {REFERENCE} refuses anything else. Write {_SHAPES[step.kind]}."
        )
        yield Draft(value.span if isinstance(value, Scalar) and value.value else _keyword(step), message)


def _for_query(step: StepNode) -> Iterator[Draft]:
    yield from _mapping(step)
    yield from _lists(step)


def _refresh(step: StepNode) -> Iterator[Draft]:
    yield from _mapping(step)
    config = step.value
    if not isinstance(config, Mapping):
        return
    yield from _one_of(config, "scope", _SCOPES)
    yield from _one_of(config, "strategy", _STRATEGIES)
    entry = config.entry("propagate")
    if entry is not None and not isinstance(entry.value, Sequence) and not is_unsure(entry.value):
        value = entry.value
        is_name = isinstance(value, Scalar) and bool(value.value)
        message = f"{NO_LIST}: {REFERENCE} refuses anything else. Write propagate: [Entity] instead."
        yield Draft(value.span if isinstance(value, Scalar) and is_name else entry.key.span, message)


def _one_of(config: Mapping, key: str, values: tuple[str, ...]) -> Iterator[Draft]:
    """A value of ``refresh_table_view`` that is none of those that SpecQL knows."""
    entry = config.entry(key)
    if entry is None or is_unsure(entry.value):
        return
    value = entry.value
    if isinstance(value, Scalar) and value.value in values and misreading(value) is None:
        return
    if isinstance(value, Scalar) and value.value:
        shown = shortened(value.value)
    else:
        shown = constructed(value).value if isinstance(value, Mapping | Sequence) else "null"
    near = nearest(shown, values)
    hint = f"Did you mean {near}?" if near else f"Write {', '.join(values[:-1])} or {values[-1]}."
    message = f"{shown} is no {key} of a refresh: {REFERENCE} refuses it. {hint}"
    if isinstance(value, Scalar) and value.value:
        ordered = (near, *(each for each in values if each != near)) if near else values
        yield Draft(value.text_span, message, ordered)
    else:
        yield Draft(entry.key.span, message)


_CHECKS: Dict[str, _Check] = MappingProxyType(
    {
        "if": _lists,
        **dict.fromkeys(TEXTS, _text_only),
        **dict.fromkeys(TEXTS_OR_MAPPINGS, _text_or_mapping),
        **dict.fromkeys(MAPPINGS, _mapping),
        "refresh_table_view": _refresh,
        "for_query": _for_query,
    }
)
"""What is looked at by the kind of a step; SpecQL reads anything behind the other kinds."""


def fixes(context: RuleContext, finding: Finding) -> Iterator[CodeAction]:
    """What mends a step and is more than another text for the finding's span."""
    from specql_lsp.features.diagnostics.rules.invalid_step_fixes import fixes_of_step

    return fixes_of_step(context, finding)
