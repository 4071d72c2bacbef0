"""Hover of what the SQL of steps is made of: functions, operators, variables, parameters."""

from __future__ import annotations

from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.markdown import code, fenced, shortened, title
from specql_lsp.language import sql
from specql_lsp.language.release import REFERENCE
from specql_lsp.semantics.variables import variable_definition

_LENGTH = 80
_OTHER_WORDS = {
    "SET": "What the fields of the row become, in capitals and between blanks: `Contact SET status = 'lead'`.",
    "WHERE": "Which rows are meant.",
    "BETWEEN": "The value is in a range, its ends included: `score BETWEEN 1 AND 5`.",
    "IS": "Whether there is a value: `email IS NULL`.",
    "IS NOT": "Whether there is a value: `email IS NOT NULL`.",
    "<>": "Not equal.",
    "SELECT": "The columns that the query yields.",
    "FROM": "The tables that the rows come from.",
    "GROUP BY": "Rows with the same values become one.",
    "HAVING": "Which groups are meant.",
    "ORDER BY": "The order of the rows.",
    "LIMIT": "How many rows at most.",
    "CASE": "One of several values, by conditions: `CASE WHEN score > 5 THEN 'a' ELSE 'b' END`.",
    "WHEN": "A condition of CASE.",
    "THEN": "The value where the condition before it holds.",
    "ELSE": "The value where no condition holds.",
}


def function(request: HoverRequest) -> Text | None:
    """A function of SQL with its signature, or the function that a step calls."""
    name = request.symbol.name
    found = sql.functions().get(name.lower())
    if found is not None:
        return Text(function_text(found, shows_generated=request.shows_generated))
    if "call" in request.symbol.path[-1:]:
        return called(request)
    return Text(f"{title(name)} · function of PostgreSQL or of your own")


def called(request: HoverRequest) -> Text:
    """What a step calls, where nothing is known of it."""
    comment = f"{REFERENCE} writes a comment in the place of the call."
    return Text(paragraphs(f"{title(request.symbol.name)} · function", comment if request.shows_generated else ""))


def function_text(found: sql.SqlFunction, *, shows_generated: bool = True) -> str:
    """What a function of SQL does, with its signature; and if that is wanted that SpecQL 0.9.2 refuses it."""
    signature = f"{found.signature} → {found.returns}"
    refused = _refused(found.name, shows_generated=shows_generated)
    return paragraphs(fenced("sql", [signature]), found.documentation, refused)


def operator(request: HoverRequest) -> Text | None:
    """An operator or keyword of SQL."""
    name = request.symbol.name
    words = {word.text: word.documentation for word in sql.operators()}
    plain = name.removeprefix("NOT ") if name != "NOT" else name
    text = words.get(name) or _OTHER_WORDS.get(name) or words.get(plain) or _OTHER_WORDS.get(plain)
    if text is None:
        return None
    negated = " Negated by NOT." if plain != name and name not in words else ""
    return Text(
        paragraphs(f"{title(name)} · operator", text + negated, _refused(name, shows_generated=request.shows_generated))
    )


def _refused(name: str, *, shows_generated: bool) -> str:
    """That the parser of 0.9.2 takes a word for a field."""
    words = [word for word in name.lower().split() if word.isidentifier()]
    if not shows_generated or not words or all(word in sql.WORDS_THAT_SPECQL_ACCEPTS for word in words):
        return ""
    return f"{REFERENCE} refuses a condition with this word: it takes the word for a field."


def variable(request: HoverRequest) -> Text | None:
    """A variable of the action, or one that every action has."""
    name = request.symbol.name
    known = sql.CONTEXT_VARIABLES.get(name.lower())
    if known is not None:
        return Text(paragraphs(f"{title(name)} · variable of every action", known))
    entity = request.entity
    found = variable_definition(request.document.text, entity, name, request.offset) if entity is not None else None
    where = f"Declared by {code(shortened(f'{found.key}: {found.text}', _LENGTH))}" if found is not None else ""
    return Text(paragraphs(f"{title(name)} · variable of the action", where))


def parameter(request: HoverRequest) -> Text | None:
    """An argument of the action."""
    name = request.symbol.name
    found = request.field(name, ()) if not request.symbol.owner else None
    same = f"The entity has a field {code(name)} of that name: {code(found.text.type)}." if found and found.text else ""
    return Text(paragraphs(f"{title(name)} · argument of the action", same))
