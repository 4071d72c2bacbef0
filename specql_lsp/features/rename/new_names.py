"""Which names can be given to what: pure functions of a kind and a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from specql_lsp.features.rename.model import RenameRefused
from specql_lsp.index.symbols import SymbolKind
from specql_lsp.language.names import FRAMEWORK_SCHEMAS, LONGEST_NAME, is_entity_name, is_reserved_field_name
from specql_lsp.language.sql import CONTEXT_VARIABLES, NOT_COLUMN_NAMES

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOMAIN = re.compile(r"[a-z][a-z0-9_]*")
_ENUM_VALUE = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.+-]*[A-Za-z0-9_+])?")
_ANCHOR = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_PATTERN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_SERVICE = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_LITERALS = frozenset({"null", "true", "false"})
_LONGEST_PATTERN = 200
_TEMPLATE_WORDS = frozenset(
    re.findall(
        r"\w+",
        "and as block call do elif else endblock endcall endfor endif endmacro endset extends false filter for from if "
        "import in include is loop macro none not or recursive self set true with without False None True",
    )
)
"""What has a meaning in Jinja's expressions and statements."""


def check_new_name(kind: SymbolKind, name: str) -> None:
    """Refuses a text that cannot name something of a kind, whatever else there is.

    Raises:
        RenameRefused: with the reason.
    """
    check = _CHECKS.get(kind)
    if check is not None:
        check(name)


def _entity(name: str) -> None:
    if not is_entity_name(name):
        raise RenameRefused(f"{name!r} cannot name an entity: use letters, digits and underscores, not a digit first.")
    if len(name) > LONGEST_NAME:
        raise RenameRefused(f"The name has {len(name)} characters; the registry takes {LONGEST_NAME}.")


def _field(name: str) -> None:
    _word("a field", name)
    if is_reserved_field_name(name):
        raise RenameRefused(
            f"{name!r} is reserved: SpecQL adds a column of that name itself, and 0.9.2 refuses a field of it."
        )
    if name.lower() in NOT_COLUMN_NAMES:
        raise RenameRefused(
            f"{name!r} is a reserved word of PostgreSQL, and SpecQL writes it without quotes: choose another name."
        )


def _action(name: str) -> None:
    _word("an action", name)


def _variable(name: str) -> None:
    _word("a variable", name)
    if name.lower() in NOT_COLUMN_NAMES or name.lower() in CONTEXT_VARIABLES:
        raise RenameRefused(f"{name!r} has a meaning of its own in expressions: choose another name.")


def _parameter(name: str) -> None:
    _word("a parameter", name)


def _enum_value(name: str) -> None:
    if _ENUM_VALUE.fullmatch(name) is None:
        raise RenameRefused(
            f"{name!r} cannot be a value of an enum: use letters, digits and underscores, with dots, dashes and "
            "plus signs between them."
        )
    if name.lower() in _LITERALS:
        raise RenameRefused(f"{name!r} has a meaning of its own in expressions: choose another name.")


def _anchor(name: str) -> None:
    if _ANCHOR.fullmatch(name) is None:
        raise RenameRefused(
            f"{name!r} cannot name an anchor: use letters, digits and underscores, with dots and dashes between them."
        )


def _schema(name: str) -> None:
    if _DOMAIN.fullmatch(name) is None or len(name) > LONGEST_NAME:
        raise RenameRefused(
            f"{name!r} cannot name a domain: use at most {LONGEST_NAME} lower-case letters, digits and underscores, a "
            "letter first."
        )
    if name in FRAMEWORK_SCHEMAS:
        raise RenameRefused(f"{name!r} is a schema of SpecQL's own: choose another name.")


def _pattern(name: str) -> None:
    if _PATTERN.fullmatch(name) is None or name.endswith((".yaml", ".yml")) or len(name) > _LONGEST_PATTERN:
        raise RenameRefused(
            f"{name!r} cannot name a pattern: write the path of its file under stdlib/actions without .yaml, such as "
            "state_machine/transition."
        )


def _pattern_parameter(name: str) -> None:
    _word("a parameter", name)
    if name in _TEMPLATE_WORDS:
        raise RenameRefused(f"{name!r} has a meaning of its own in templates: choose another name.")


def _service(name: str) -> None:
    if _SERVICE.fullmatch(name) is None or len(name) > LONGEST_NAME:
        raise RenameRefused(
            f"{name!r} cannot name a service or an operation: use letters, digits and underscores, with dots and "
            "dashes between them."
        )


def _word(what: str, name: str) -> None:
    if _WORD.fullmatch(name) is None:
        raise RenameRefused(f"{name!r} cannot name {what}: use letters, digits and underscores, not a digit first.")


_CHECKS: Mapping[SymbolKind, Callable[[str], None]] = MappingProxyType(
    {
        SymbolKind.ENTITY: _entity,
        SymbolKind.FIELD: _field,
        SymbolKind.ACTION: _action,
        SymbolKind.VARIABLE: _variable,
        SymbolKind.PARAMETER: _parameter,
        SymbolKind.ENUM_VALUE: _enum_value,
        SymbolKind.ANCHOR: _anchor,
        SymbolKind.SCHEMA: _schema,
        SymbolKind.PATTERN: _pattern,
        SymbolKind.PATTERN_PARAMETER: _pattern_parameter,
        SymbolKind.SERVICE: _service,
        SymbolKind.SERVICE_OPERATION: _service,
    }
)
