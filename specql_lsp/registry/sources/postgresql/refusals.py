"""What the database itself refuses for good, as sentences: asking again would change nothing.

A server's text is shown only here: escaped, shortened, and without what looks like a password. Sources: PostgreSQL's
manual, appendix A (error codes) and section 53.8 (error and notice message fields).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg

from specql_lsp.registry.leases.model import LeasedCodeRefused
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.sources.postgresql.texts import shown

_LEASED = "SPL01"
"""The SQLSTATE of ``fn_record_entity`` where a code is leased."""
_READ_BACK = re.compile(r"specql-lsp read back: (\{.*\})", re.DOTALL)
_PASSING = frozenset({"08", "25", "40", "53", "54", "55", "57", "58", "F0", "XX"})
"""Classes of SQLSTATE that say nothing of what was written: the connection, others' locks, the server's state."""
_OWN_SENTENCES = frozenset({"22001", "23505", "42501"})
"""What ``postgresql_errors`` and the session say better, where a statement of ours failed."""
_NAMES = frozenset({"3F000", "42P01", "42703", "42883", "42704"})
"""A schema, a table, a column, a function, a type that does not exist."""
_FUNCTION = re.compile(r"(?:[\w\"$]+\.)?[\w\"$]+\(\)")
_ARGUMENTS = {
    "code": "table code",
    "codes": "table code",
    "descriptions": "description",
    "name": "name",
    "entities": "entity",
    "names": "name",
    "numbers": "number",
    "subdomains": "subdomain",
}
"""What a statement's parameter is called in a sentence, where not as the parameter."""


def refusal_of(error: psycopg.Error, values: Mapping[str, Any], encoding: str | None) -> Refused | None:
    """The refusal that an error of a write is; None where it is none, or ``postgresql_errors`` says it better.

    Args:
        error: what psycopg raised.
        values: those of the statement, by the names of its parameters.
        encoding: the database's, as PostgreSQL names it, where it is known.
    """
    return _leased(error) or _not_read_back(error, values) or _unstorable(error, values, encoding) or _refused(error)


def refusal_of_encoding(error: UnicodeEncodeError, values: Mapping[str, Any]) -> Refused:
    """The refusal of a character that cannot be sent: half of a surrogate pair, or what the URL's encoding lacks."""
    character = error.object[error.start]
    is_half = "\ud800" <= character <= "\udfff"
    why = "PostgreSQL cannot store" if is_half else f"the connection's encoding {error.encoding} lacks"
    return _unstorable_character(character, values, why)


def _leased(error: psycopg.Error) -> Refused | None:
    """The refusal of a code that ``fn_record_entity`` has found leased."""
    if error.sqlstate != _LEASED:
        return None
    said, detail = error.diag.message_primary or "", error.diag.message_detail
    return LeasedCodeRefused(f"{shown(said)} Take another code.", frozenset(json.loads(detail or "[]")))


def _not_read_back(error: psycopg.Error, values: Mapping[str, Any]) -> Refused | None:
    """The refusal where ``allocate_write.sql`` did not find what it had written."""
    found = _READ_BACK.search(error.diag.message_primary or "")
    if error.sqlstate != "22P02" or found is None:
        return None
    stored = json.loads(found[1])
    entity, code, table = values["entity"], values["code"], "tb_entity_registration"
    if not stored["codes"]:
        what, does = f"stored no registration of {entity}", "keeps it out"
    elif [each.upper() for each in stored["codes"]] != [code]:
        codes = shown(", ".join(stored["codes"]))
        what, does = f"stored the code {codes} for {entity} where {code} was written", "changes what is written"
    elif stored["counter"] is None or stored["counter"] <= values["sequence"]:
        what, does = "did not move the counter of the subdomain", "changes what is written"
        table = "tb_subdomain"
    else:
        what, does = f"stored another sequence of {entity} than was written", "changes what is written"
    return Refused(
        RefusalKind.CONFLICT,
        f"PostgreSQL reported no error and {what}: a trigger or a rule on specql_registry.{table} {does}. "
        "Nothing was changed; that trigger or rule has to let it through.",
    )


def _unstorable(error: psycopg.Error, values: Mapping[str, Any], encoding: str | None) -> Refused | None:
    """The refusal of a character in one of the values that the database cannot hold; None where it is none of them."""
    if isinstance(error, psycopg.DataError) and error.sqlstate is None:
        return _unstorable_character("\0", values, "PostgreSQL cannot store") if _holder("\0", values) else None
    if error.sqlstate not in {"22021", "22P05"}:
        return None
    found = re.findall(r"0x([0-9a-f]{2})", error.diag.message_primary or "")
    character = bytes.fromhex("".join(found)).decode("utf-8", "ignore")[:1]
    if not character or _holder(character, values) is None:
        return None
    name = f" {encoding}" if encoding else ""
    return _unstorable_character(character, values, f"the database's encoding{name} lacks")


def _unstorable_character(character: str, values: Mapping[str, Any], why: str) -> Refused:
    argument = _holder(character, values) or "text"
    label = f"U+{ord(character):04X}" + (f" ({character})" if character.isprintable() else "")
    return Refused(
        RefusalKind.INVALID_ARGUMENT,
        f"The {argument} holds the character {label}, which {why}: leave it out. Nothing was changed.",
    )


def _holder(character: str, values: Mapping[str, Any]) -> str | None:
    """The name of the first value that holds a character; None where no value does."""
    for name, value in values.items():
        if any(character in text for text in _texts(value)):
            return _ARGUMENTS.get(name, name)
    return None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _refused(error: psycopg.Error) -> Refused | None:
    """The refusal of what a constraint, a trigger or a rule of the database does not let through."""
    state = error.sqlstate
    function = _function(error)
    if state is None or (state[:2] in _PASSING and not _is_view(error)):
        return None
    if function is None and state in _OWN_SENTENCES | _NAMES:
        return None
    if state == "42501" and error.diag.source_function == "check_enable_rls":
        return None
    reason = _reason(error, state, function)
    return Refused(RefusalKind.CONFLICT, f"PostgreSQL refused the change: {reason} Nothing was changed.")


def _reason(error: psycopg.Error, state: str, function: str | None) -> str:
    diag = error.diag
    said = shown(diag.message_primary or "")
    name = diag.table_name or diag.datatype_name
    table = f" of {shown(f'{diag.schema_name}.{name}')}" if name else ""
    if function is not None:
        advice = ""
        if state in _NAMES:
            advice = (
                " It runs with search_path = pg_catalog, pg_temp here: write the schema before the name in that "
                "function, or give the function a search_path of its own."
            )
        return f'the function {function} of the database says "{said}".{advice}'
    if state == "23502" and diag.column_name:
        return f'the column "{shown(diag.column_name)}"{table} must have a value, and was given none.'
    if diag.constraint_name:
        return f'the constraint "{shown(diag.constraint_name)}"{table} does not allow it.'
    return f'it says "{said}" (SQLSTATE {state}).'


def _function(error: psycopg.Error) -> str | None:
    """The function, such as a trigger's, in which an error arose; None where a statement of ours failed."""
    # The innermost comes first; the words around the names are in the server's language.
    lines = (error.diag.context or "").splitlines()
    found = (_FUNCTION.search(line) for line in lines if "PL/" in line)
    return next((shown(function[0]) for function in found if function), None)


def _is_view(error: psycopg.Error) -> bool:
    """Whether a table of the registry is a view that takes no changes, and not the server a standby."""
    return error.sqlstate == "55000" and error.diag.source_function != "LockAcquireExtended"
