"""What the database itself refuses for good, as sentences: asking again would change nothing.

A server's text is shown only here: escaped, shortened, and without what looks like a password.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import psycopg

from specql_lsp.registry.model import RefusalKind, Refused
from specql_lsp.registry.sources.postgresql_texts import shown

_READ_BACK = re.compile(r"specql-lsp read back: (\{.*\})", re.DOTALL)


def refusal_of(error: psycopg.Error, values: Mapping[str, Any]) -> Refused | None:
    """The refusal that an error of a write is; None where it is none, so that asking again may help.

    Args:
        error: what psycopg raised.
        values: those of the statement, by the names of its parameters.
    """
    return _not_read_back(error, values)


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
