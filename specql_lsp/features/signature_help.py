"""Signature help: the arguments of what is open at the cursor, and which of them is being typed.

In a field's type ``enum(``, ``list(`` and ``ref(``; in steps the functions of SQL, ``call:`` and ``notify:``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from specql_lsp.features.called_functions import called_functions
from specql_lsp.features.cursor_context import cursor_context, text_before
from specql_lsp.language.expressions.spot import OpenCall, open_call
from specql_lsp.language.keys import Meaning, entity_keys
from specql_lsp.language.release import REFERENCE
from specql_lsp.language.sql import functions
from specql_lsp.syntax.cursor import CursorKind
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document


class SignatureHelp(NamedTuple):
    """A signature.

    Attributes:
        label: how it is written.
        parameters: the spans of its parameters within the label.
        active: the index of the parameter that is being typed.
        documentation: Markdown.
    """

    label: str
    parameters: tuple[Span, ...]
    active: int
    documentation: str


_ENUM = (
    "The values that the field can have, without quotes. SpecQL makes a TEXT column with a CHECK.\n\n"
    "`status: enum(lead, customer) = lead`"
)
_REF = (
    "The entity that the field refers to; SpecQL makes an INTEGER column `fk_<field>` with a foreign key. "
    "`ref(crm.Contact)` names its schema; of `ref(Contact|Company)` only the first is used."
)
_LIST = "Several values of one type in a JSONB column.\n\n`tags: list(text)`"
_TYPES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"enum": ("enum(value, …)", _ENUM), "list": ("list(type)", _LIST), "ref": ("ref(Entity)", _REF)}
)
_SQL = frozenset(
    {
        *(Meaning.EXPRESSION, Meaning.QUERY, Meaning.ROW_HEAD, Meaning.CALL_HEAD, Meaning.NOTIFICATION_HEAD),
        *(Meaning.DECLARATION, Meaning.ASSIGNMENT),
    }
)
_PARAMETER = re.compile(r"[^(),]+")
_MOST_SEARCHED = 200_000
"""Code points of a text in which other calls of a function are looked for."""


def signature_help(document: Document, offset: int, *, shows_generated: bool = True) -> SignatureHelp | None:
    """The signature of what is open at ``offset``; None where nothing is.

    Args:
        document: the file.
        offset: the cursor, in code points from 0.
        shows_generated: whether it says what SpecQL generates, and what it refuses (the setting ``language.release``).
    """
    if document.entity is None:
        return None
    context = cursor_context(document, offset, _SQL)
    if context.kind is not CursorKind.VALUE or (context.closed and offset >= context.replace.end):
        return None
    call = open_call(text_before(context))
    if call is None:
        return None
    meaning = entity_keys().walk(context.path).meaning
    if meaning in {Meaning.FIELD_TYPE, Meaning.TYPE}:
        known = _TYPES.get(call.function)
        return _signature(*known, call.argument) if known is not None else None
    if meaning not in _SQL:
        return None
    function = functions().get(call.function.lower())
    if function is not None:
        refused = f"\n\n{REFERENCE} refuses it in a condition." if shows_generated else ""
        text = f"{function.documentation} It yields `{function.returns}`.{refused}"
        return _signature(function.signature, text, call.argument)
    if meaning is Meaning.NOTIFICATION_HEAD:
        label = f'{call.function}(channel, "text")'
        return _signature(
            label, 'The recipient, the channel and the text: `owner(email, "It is closed")`.', call.argument
        )
    return _of_call(document, call, shows_generated=shows_generated) if meaning is Meaning.CALL_HEAD else None


def _of_call(document: Document, call: OpenCall, *, shows_generated: bool) -> SignatureHelp:
    """The arguments that the file's other calls of the same function have."""
    names = called_functions(document.text[:_MOST_SEARCHED]).get(call.function, ())
    arguments = ", ".join(f"{name} = value" for name in names) or "name = value, …"
    comment = f" {REFERENCE} writes a comment for the call." if shows_generated else ""
    text = f"A function of the database, named without its schema.{comment}"
    return _signature(f"{call.function}({arguments})", text, call.argument)


def _signature(label: str, documentation: str, argument: int) -> SignatureHelp:
    start = label.index("(") + 1
    parameters = []
    for match in _PARAMETER.finditer(label, start):
        text = match.group()
        begin = match.start() + len(text) - len(text.lstrip())
        parameters.append(Span(begin, match.end()))
    return SignatureHelp(label, tuple(parameters), min(argument, max(len(parameters) - 1, 0)), documentation)
