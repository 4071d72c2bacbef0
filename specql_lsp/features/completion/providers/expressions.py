"""SQL in steps: fields of the entity concerned, paths through references, values, variables, operators, functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from specql_lsp.features.called_functions import called_functions
from specql_lsp.features.completion.builder import NOTHING, Proposal, build
from specql_lsp.features.completion.insertion import word_insertion
from specql_lsp.features.completion.providers import fields, references
from specql_lsp.features.completion.providers.fields import KnownField
from specql_lsp.features.completion.request import Request
from specql_lsp.features.cursor_context import text_before
from specql_lsp.features.model import CompletionKind, CompletionList, DocumentationKey
from specql_lsp.language.expressions.spot import (
    Spot,
    SpotKind,
    spot_in_call,
    spot_in_expression,
    spot_in_row_head,
)
from specql_lsp.language.keys import Meaning
from specql_lsp.language.release import REFERENCE
from specql_lsp.language.sql import (
    CONTEXT_VARIABLES,
    WORDS_THAT_SPECQL_ACCEPTS,
    SqlFunction,
    SqlWord,
    functions,
    operators,
)
from specql_lsp.language.type_syntax import EnumType, parse_field_type

MEANINGS = frozenset({Meaning.EXPRESSION, Meaning.ROW_HEAD, Meaning.CALL_HEAD, Meaning.NOTIFICATION_HEAD})
"""What is completed here: values that are SQL, on however many lines."""
_REFUSED = f"refused by {REFERENCE}"
_CHANNELS = ("email", "sms", "push", "in_app", "slack", "webhook")
_WITH_SET = frozenset({"update", "upsert", "partial_update", "insert"})
_WITH_WHERE = frozenset({"update", "delete", "find"})
_PARAMETER = re.compile(r"\$[A-Za-z_]\w*")
_VARIABLE = re.compile(r"\bv_\w+")
_NOTIFIED = re.compile(r"\bnotify:\s*['\"]?(\w+)\s*\((\w*)")
_LONGEST_SEARCHED = 200_000
"""Code points of a text in which variables, parameters and calls are looked for."""


def expression(request: Request) -> CompletionList:
    """What can be typed of an expression of the file's entity."""
    spot = spot_in_expression(text_before(request.context))
    return _at(request, spot, fields.of_own_entity(request))


def row_head(request: Request) -> CompletionList:
    """What can be typed of a step about rows: the entity, its fields, conditions about it."""
    spot = spot_in_row_head(text_before(request.context))
    step = request.context.path[-1]
    match spot.kind:
        case SpotKind.ENTITY:
            schema = spot.owner[-1] if spot.owner else None
            return references.of_step(request, spot.word, schema, word_insertion(request, spot.word))
        case SpotKind.BEHIND_ENTITY:
            words = [*(["SET"] if step in _WITH_SET else []), *(["WHERE"] if step in _WITH_WHERE else [])]
            return _built(request, spot, [_keyword(word) for word in words])
    *schemas, entity = spot.entity or ("",)
    return _at(request, spot, fields.of_entity(request, entity, schemas[-1] if schemas else None), step)


def call_head(request: Request) -> CompletionList:
    """Functions that the file calls elsewhere, and values for their arguments."""
    spot = spot_in_call(text_before(request.context))
    called = called_functions(_searched(request))
    if spot.kind is SpotKind.ENTITY:
        return _built(request, spot, [_call(name) for name in called if name != spot.word])
    own = fields.of_own_entity(request)
    if spot.kind is not SpotKind.OPERAND or spot.arguments is None:
        return _at(request, spot, own)
    function = spot.entity[0]
    names = [name for name in called.get(function, ()) if name not in {*spot.arguments, spot.word}]
    arguments = (_argument(name, function) for name in names)
    return _built(request, spot, chain(arguments, _operands(request, spot, own)))


def notification_head(request: Request) -> CompletionList:
    """Recipients, channels, and what is in the text."""
    before = text_before(request.context)
    spot = spot_in_call(before)
    known = _NOTIFIED.findall(_searched(request))
    if spot.kind is SpotKind.ENTITY:
        own = sorted(fields.of_own_entity(request), key=lambda field: not _can_be_notified(field))
        names = dict.fromkeys((*(recipient for recipient, _ in known), *(field.name for field in own)))
        names.pop(spot.word, None)
        return _built(request, spot, [Proposal(n, n, CompletionKind.FIELD, "a recipient") for n in names])
    if spot.kind is SpotKind.OPERAND and before.count("(") == 1 and "," not in before:
        used = (channel for _, channel in known if channel and channel != spot.word)
        channels = dict.fromkeys((*used, *_CHANNELS))
        return _built(request, spot, [Proposal(c, c, CompletionKind.ENUM_MEMBER, "a channel") for c in channels])
    return NOTHING if "," in before else _at(request, spot, fields.of_own_entity(request))


# At a spot.


def _at(request: Request, spot: Spot, own: tuple[KnownField, ...], step: str = "") -> CompletionList:
    match spot.kind:
        case SpotKind.TARGET:
            return _built(request, spot, (fields.proposal(f) for f in own if f.name not in spot.assigned))
        case SpotKind.BEHIND_TARGET:
            return _built(request, spot, [_operator(SqlWord("=", "The value follows."))])
        case SpotKind.OPERAND:
            return _built(request, spot, _operands(request, spot, own))
        case SpotKind.MEMBER:
            return _built(request, spot, _members(request, spot, own))
        case SpotKind.STRING:
            return _built(request, spot, _values(_compared(request, spot, own)))
        case SpotKind.BEHIND_IS:
            return _built(request, spot, [_keyword("NULL"), _keyword("NOT NULL")])
        case SpotKind.BEHIND_IS_NOT:
            return _built(request, spot, [_keyword("NULL")])
        case SpotKind.BEHIND_OPERAND:
            ending = [_keyword("WHERE")] if spot.in_assignments and step in _WITH_WHERE else []
            ordered = sorted(operators(), key=lambda word: not _is_accepted(word.text))
            return _built(request, spot, (*ending, *(_operator(word) for word in ordered)))
    return NOTHING


def _operands(request: Request, spot: Spot, own: tuple[KnownField, ...]) -> Iterator[Proposal]:
    if spot.word.startswith("$"):
        yield from (each for each in _parameters(request) if each.text != spot.word)
        return
    compared = _compared(request, spot, own)
    quote = "''" if request.context.quote == "'" else "'"
    for value in _values(compared):
        text = f"{quote}{value.text}{quote}"
        yield value._replace(label=f"'{value.label}'", text=text, compared=f"'{value.label}'")
    written = parse_field_type(compared.type or "").type if compared is not None else None
    if written is not None and written.name.text == "boolean":
        yield from (_keyword("true"), _keyword("false"))
    yield from (fields.proposal(field) for field in own if field != compared)
    yield from _variables(request)
    for name, text in CONTEXT_VARIABLES.items():
        yield Proposal(name, name, CompletionKind.VARIABLE, text)
    yield from (_keyword(word) for word in ("NOT", "NULL", "TRUE", "FALSE"))
    if compared is not None and spot.compared:
        yield from (fields.proposal(compared),)
    yield from (_function(function) for function in functions().values())
    yield from _parameters(request)


def _compared(request: Request, spot: Spot, own: tuple[KnownField, ...]) -> KnownField | None:
    """The field that an operand is compared with."""
    if not spot.compared:
        return None
    *path, name = spot.compared
    known = own if not path else _fields_along(request, tuple(path), own)
    return next((field for field in known if field.name == name), None)


def _values(field: KnownField | None) -> list[Proposal]:
    """The values of an enumeration."""
    written = parse_field_type(field.type or "").type if field is not None else None
    if field is None or not isinstance(written, EnumType):
        return []
    return [Proposal(v.text, v.text, CompletionKind.ENUM_MEMBER, f"a value of {field.name}") for v in written.values]


def _members(request: Request, spot: Spot, own: tuple[KnownField, ...]) -> Iterator[Proposal]:
    owner = spot.owner
    if owner and owner[0].lower() in {"input", "output", "old", "new"} and len(owner) == 1:
        yield from (fields.proposal(field) for field in fields.of_own_entity(request))
        return
    yield from (fields.proposal(field, ".".join(owner)) for field in _fields_along(request, owner, own))


def _fields_along(request: Request, path: tuple[str, ...], own: tuple[KnownField, ...]) -> tuple[KnownField, ...]:
    """The fields of the entity at the end of a path of references."""
    known = own
    for index, name in enumerate(path):
        field = next((each for each in known if each.name == name), None)
        target = next(parse_field_type(field.type or "").targets(), None) if field is not None else None
        if target is not None:
            known = fields.of_entity(request, target.name.text, target.schema.text if target.schema else None)
        elif index == 0 and field is None:
            known = fields.of_entity(request, name)  # the entity's own name before the dot
        else:
            return ()
    return known


def _parameters(request: Request) -> Iterator[Proposal]:
    """The parameters that the file has, and one for each field."""
    known = dict.fromkeys(_PARAMETER.findall(_searched(request)))
    for name in (*known, *(f"${field.name}" for field in fields.of_own_entity(request))):
        yield Proposal(name, name, CompletionKind.VARIABLE, "a parameter of the action")


def _variables(request: Request) -> Iterator[Proposal]:
    for name in dict.fromkeys(_VARIABLE.findall(_searched(request))):
        yield Proposal(name, name, CompletionKind.VARIABLE, "a variable of the action")


def _keyword(text: str) -> Proposal:
    words = text.lower().split()
    is_accepted = all(word in WORDS_THAT_SPECQL_ACCEPTS for word in words)
    return Proposal(text, text, CompletionKind.KEYWORD, description="" if is_accepted else _REFUSED)


def _operator(word: SqlWord) -> Proposal:
    mark = "" if _is_accepted(word.text) else _REFUSED
    return Proposal(word.text, word.text, CompletionKind.OPERATOR, word.documentation, mark)


def _is_accepted(operator: str) -> bool:
    """Whether SpecQL 0.9.2 lets an operator pass: its check looks at words only."""
    return all(word in WORDS_THAT_SPECQL_ACCEPTS for word in re.findall(r"[a-z]+", operator.lower()))


def _function(function: SqlFunction) -> Proposal:
    arguments = function.signature.removeprefix(function.name)
    lines = () if not arguments else (f"{function.name}()",) if arguments == "()" else (f"{function.name}($1)$0",)
    return Proposal(
        function.name,
        function.name,
        CompletionKind.FUNCTION,
        function.returns,
        _REFUSED,
        documentation=DocumentationKey("function", {"name": function.name}),
        signature=arguments,
        lines=lines,
    )


def _call(name: str) -> Proposal:
    return Proposal(name, name, CompletionKind.FUNCTION, "called in this file", lines=(f"{name}($1)$0",))


def _argument(name: str, function: str) -> Proposal:
    detail = f"an argument of {function}"
    return Proposal(name, name, CompletionKind.VARIABLE, detail, lines=(f"{name} = $0",), asks_again=True)


def _can_be_notified(field: KnownField) -> bool:
    """Whether a field may name a recipient: a reference, or an address."""
    return (field.type or "").lstrip("'\"").startswith(("ref(", "email", "phone"))


# The text.


def _built(request: Request, spot: Spot, proposals: Iterable[Proposal]) -> CompletionList:
    context = request.context
    if context.closed and request.offset >= context.replace.end:
        return NOTHING  # behind the closing quote
    if context.is_continued and not request.document.text[: request.offset].endswith(spot.word):
        return NOTHING  # in a string that was begun on a line above
    if not request.analysis.settings.language.release:
        proposals = (each._replace(description="") if each.description == _REFUSED else each for each in proposals)
    return build(spot.word, proposals, word_insertion(request, spot.word))


def _searched(request: Request) -> str:
    """The file's text, its beginning and what is around the cursor where it is long."""
    text, offset = request.document.text, request.offset
    if len(text) <= _LONGEST_SEARCHED:
        return text
    return text[max(offset - _LONGEST_SEARCHED // 2, 0) : offset + _LONGEST_SEARCHED // 2]
