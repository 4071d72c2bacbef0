"""The column of a field, and what it lacks of what the field says. ``tests/specql`` asks SpecQL itself."""

from __future__ import annotations

import pytest

from specql_lsp.semantics.columns import Column, column_of
from specql_lsp.workspace.documents import Document


def column(field: str) -> Column:
    """The column of the field in a line of YAML, of an entity in the schema crm."""
    entity = Document("file:///a.yaml", f"entity: A\nschema: crm\nfields:\n  {field}\n").entity
    assert entity is not None
    found = column_of(entity.fields[-1], entity.schema)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("field", "lines"),
    [
        (
            "email: email!",
            ("email TEXT NOT NULL", "CHECK (email ~* '^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}$')"),
        ),
        ("company: ref(Company)", ("fk_company INTEGER", "REFERENCES crm.tb_company(pk_company)")),
        ("price: {type: money, nullable: false}", ("price NUMERIC(19,4) NOT NULL", "CHECK (price >= 0.0)")),
        ("state: enum(a, b) = a!", ("state TEXT NOT NULL", "CHECK (state IN ('a', 'b'))")),
        ("tags: list(text)", ("tags JSONB",)),
        ("seen: timestamp", ("seen TEXT",)),
    ],
)
def test_its_lines(field: str, lines: tuple[str, ...]) -> None:
    assert column(field).lines == lines


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("a: email!", []),
        ("a:", []),
        ("a: text! = x", ["type text!", "not null", "default x"]),
        ("a: enum(a, b) = a", ["default a"]),
        ("a: enum(a, b)! = a", ["type enum(a, b)!", "not null", "check", "default a"]),
        ("a: Email", ["type Email", "check"]),
        ("a: email?", ["type email?", "check"]),
        ("a: decimal(10, 2)", ["type decimal(10, 2)"]),
        ("a: ref(Company)?", ["type ref(Company)?", "foreign key Company"]),
        ("a: ref(A|B|C)", ["foreign key B, C"]),
        ("a: ref(crm.A)", []),
        ("a: ref(sales.A)", ["schema sales"]),
        ("a: list(ref(A))", ["foreign key A"]),
        ("a: {type: uuid!}", ["type uuid!", "not null"]),
        ("a: {type: text, required: true, default: b}", ["not null", "default b"]),
        ("a: {type: text, required: true, nullable: false}", []),
        ("a: {type: text, default: null}", []),
        ("a: {type: enum, values: [a, b]}", ["type enum", "check"]),
        ("a: enum[a, b]", ["type enum[a, b]", "check"]),
    ],
)
def test_what_it_lacks(field: str, expected: list[str]) -> None:
    found = [f"{loss.kind.value} {loss.written}".strip() for loss in column(field).losses]
    assert found == expected
