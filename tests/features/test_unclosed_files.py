"""A file that is one flow mapping whose end is not typed yet is answered like any other."""

from __future__ import annotations

import pytest

from specql_lsp.features.document_symbols import document_symbols
from tests.features.fixture_workspace import completed, document, hovered

NEW = "entities/crm/new.yaml"
BEGIN = "{entity: Voucher, schema: crm, fields: {email: text, owner: ref(Contact)"


@pytest.mark.parametrize("missing", ["}", ""])
def test_symbols(missing: str) -> None:
    (entity,) = document_symbols(document(NEW, BEGIN + missing))
    assert entity.name == "Voucher"
    assert "email" in str(entity)


@pytest.mark.parametrize("missing", ["}", ""])
def test_hover(missing: str) -> None:
    found = hovered(NEW, BEGIN.replace("Contact", "Con$0tact") + missing)
    assert found is not None and "012031" in found[0]
    found = hovered(NEW, BEGIN.replace("email", "em$0ail") + missing)
    assert found is not None and "email TEXT" in found[0]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("{entity: Voucher, schema: c$0", "crm"),
        ("{entity: Voucher, schema: crm, fields: {seen: datet$0", "datetime"),
        ("{entity: Voucher,\n schema: crm,\n fields: {\n  owner: ref(Cont$0", "Contact"),
        ("{entity: Voucher, sch$0", "schema"),
    ],
)
def test_completion(text: str, label: str) -> None:
    assert label in [item.label for item in completed(text, NEW).items]
