"""The column that SpecQL 0.9.2 makes of a field, and what it loses of what the field says.

Source: ``SpecQLParser._parse_field``, ``TableGenerator._prepare_template_context``, ``ConstraintGenerator`` and
``table.sql.j2`` of that release. ``tests/specql/test_columns.py`` compares every column with the SQL that it generates.
It creates no index for a field, and writes no default.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from specql_lsp.items.entity import FieldItem
from specql_lsp.items.field_text import REQUIRED, VALUES, FieldText, field_text
from specql_lsp.language.type_syntax import EnumType, NamedType, TypeExpression, parse_field_type
from specql_lsp.language.types import type_instead, type_named


class ForeignKey(NamedTuple):
    """The row that a column refers to: SpecQL looks for the table in the schema of the field's own entity."""

    schema: str
    table: str
    column: str

    @property
    def sql(self) -> str:
        """The clause: ``REFERENCES crm.tb_company(pk_company)``."""
        return f"REFERENCES {self.schema}.{self.table}({self.column})"


class LossKind(Enum):
    """What a field says and its column does not have."""

    TYPE = "type"
    """A text that is no type: the column is TEXT. ``Loss.written`` is that text."""
    NOT_NULL = "not null"
    CHECK = "check"
    FOREIGN_KEY = "foreign key"
    """To the entities in ``Loss.written``."""
    SCHEMA = "schema"
    """The schema before the entity's name: it is not used. ``Loss.written`` is that schema."""
    DEFAULT = "default"
    """``Loss.written`` is the default."""


class Loss(NamedTuple):
    """Something that SpecQL 0.9.2 does not write into the column. ``written`` is what the field says, if anything."""

    kind: LossKind
    written: str = ""


class Column(NamedTuple):
    """A column as SpecQL 0.9.2 writes it.

    Attributes:
        name: the field's name, with ``fk_`` before that of a reference.
        type: the PostgreSQL type.
        nullable: whether it may be NULL.
        check: the condition of its CHECK; None if it has none.
        references: the row that it refers to; None if it has no foreign key.
        losses: what the field says and the column does not have.
    """

    name: str
    type: str
    nullable: bool
    check: str | None
    references: ForeignKey | None
    losses: tuple[Loss, ...] = ()

    @property
    def sql(self) -> str:
        """The column's line in CREATE TABLE: ``email TEXT NOT NULL``."""
        return f"{self.name} {self.type}" + ("" if self.nullable else " NOT NULL")

    @property
    def lines(self) -> tuple[str, ...]:
        """The column's line, its CHECK and its REFERENCES, as far as it has them."""
        check = (f"CHECK ({self.check})",) if self.check is not None else ()
        return (self.sql, *check, *((self.references.sql,) if self.references is not None else ()))

    def lost(self, kind: LossKind) -> bool:
        """Whether something of that kind is lost."""
        return any(loss.kind is kind for loss in self.losses)


def column_of(field: FieldItem, schema: str) -> Column | None:
    """The column that SpecQL 0.9.2 makes of a field; None where it refuses the field for its ``type``.

    Args:
        field: the field, also one that is merged through ``<<``.
        schema: the schema of its entity.
    """
    text = field_text(field)
    return column(field.name, text, schema) if text is not None else None


@lru_cache(maxsize=1024)
def column(name: str, text: FieldText, schema: str) -> Column:
    """The column of a field with that name and text in an entity of that schema."""
    reading = _read(text)
    checks = [condition.replace("<field>", name) for condition in reading.checks]
    references = None
    if reading.target:
        target = reading.target.lower()
        references = ForeignKey(schema, f"tb_{target}", f"pk_{target}")
    return Column(
        f"fk_{name}" if references is not None else name,
        reading.type,
        reading.nullable,
        checks[0] if checks else None,
        references,
        tuple(_losses(text, reading, schema)),
    )


class _Reading(NamedTuple):
    """What SpecQL reads in a field's text, as ``_parse_field_string`` and ``_parse_field_dict`` do it."""

    type: str
    nullable: bool
    checks: tuple[str, ...] = ()
    """With ``<field>`` for the field's name."""
    target: str = ""
    """The entity that it refers to, without the schema before it."""
    unknown: str = ""
    """The text that is no type."""


def _read(text: FieldText) -> _Reading:
    type_, nullable = text.type, text.nullable
    if nullable is None:
        type_ = type_.strip()
        nullable = not type_.endswith("!")
        if not nullable:
            type_ = type_[:-1]
        type_ = type_.split(" = ", 1)[0]
    if type_.endswith(")"):
        if type_.startswith("enum("):
            values = ", ".join(f"'{value.strip()}'" for value in type_[5:-1].split(","))
            return _Reading("TEXT", nullable, (f"<field> IN ({values})",))
        if type_.startswith("list("):
            return _Reading("JSONB", nullable)
        if type_.startswith("ref("):
            target = type_[4:-1].split("|", 1)[0].strip()
            return _Reading("INTEGER", nullable, target=target.split(".", 1)[-1])
    spec = type_named(type_)
    if spec is None:
        return _Reading("TEXT", nullable, unknown=type_)
    return _Reading(spec.postgres, nullable, spec.checks)


def _losses(text: FieldText, reading: _Reading, schema: str) -> Iterator[Loss]:
    parsed = parse_field_type(text.type)
    if reading.unknown:
        yield Loss(LossKind.TYPE, reading.unknown)
    marks = any(mark.text == "!" for mark in parsed.ignored_marks) or parsed.not_null is not None
    if reading.nullable and (marks or REQUIRED in text.unread):
        yield Loss(LossKind.NOT_NULL)
    if not reading.checks and (VALUES in text.unread or any(map(_is_checked, parsed.expressions()))):
        yield Loss(LossKind.CHECK)
    targets = tuple(parsed.targets())
    others = targets[1:] if reading.target else targets
    if others:
        yield Loss(LossKind.FOREIGN_KEY, ", ".join(target.name.text for target in others))
    before = targets[0].schema if reading.target and targets else None
    if before is not None and before.text != schema:
        yield Loss(LossKind.SCHEMA, before.text)
    default = text.default or (parsed.default.text if parsed.default is not None else "")
    if default:
        yield Loss(LossKind.DEFAULT, default)


def _is_checked(expression: TypeExpression) -> bool:
    """Whether a column of the type that is meant has a CHECK."""
    if isinstance(expression, EnumType):
        return bool(expression.values)
    name = expression.name.text
    meant = type_instead(name) if isinstance(expression, NamedType) and type_named(name) is None else name
    # Only another spelling of the name is the same type: decimal is none with the limits of money.
    spec = type_named(meant) if meant is not None and meant.lower() == name.lower() else None
    return spec is not None and bool(spec.checks)
