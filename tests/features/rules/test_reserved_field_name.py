"""``reserved-field-name``."""

from __future__ import annotations

from tests.features.rules.fixes import fix, quick_fixes
from tests.features.rules.support import found


def test_columns_of_specql() -> None:
    found("""
    entity: Invoice
    fields:
      id:
      ^^ reserved-field-name: SpecQL keeps the name id for a column of its own
        type: uuid
      'path': text
       ^^^^ reserved-field-name
      fk_company: integer
      ^^^^^^^^^^ reserved-field-name
      Path: text
      identifiers: text
    """)


def test_names_that_are_free() -> None:
    assert quick_fixes("entity: A\nfields:\n  fk_company$0: integer\n") == ["Change to company"]
    assert quick_fixes("entity: A\nfields:\n  pk_$0: integer\n") == ["Change to own_pk_"]
    assert quick_fixes("entity: A\nfields:\n  fk_id$0: integer\n") == ["Change to own_fk_id"]
    fix("entity: A\nfields:\n  'path$0': text\n", "Change to path_", "entity: A\nfields:\n  'path_': text\n")


def test_the_column_that_is_there_anyway() -> None:
    fix(
        "entity: A\nfields:\n  id$0:\n    type: uuid\n  total: money\n",
        "Remove id, which SpecQL adds",
        "entity: A\nfields:\n  total: money\n",
    )
