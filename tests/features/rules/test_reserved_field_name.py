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


def test_every_place_that_names_the_field() -> None:
    fix(
        """
        entity: Site
        fields:
          path$0: text
          name: text
          company: ref(Company)
        translations: {enabled: true, fields: [path]}
        actions:
          - name: path
            steps:
              - validate: path = 'path' AND name = path
              - update: Site SET path = path WHERE path IS NULL
              - validate: company.path = path
        """,
        "Change to path_",
        """
        entity: Site
        fields:
          path_: text
          name: text
          company: ref(Company)
        translations: {enabled: true, fields: [path_]}
        actions:
          - name: path
            steps:
              - validate: path_ = 'path' AND name = path_
              - update: Site SET path_ = path_ WHERE path_ IS NULL
              - validate: company.path = path_
        """,
    )


def test_a_name_that_is_taken() -> None:
    assert quick_fixes("entity: A\nfields:\n  fk_a$0: integer\n  a: text\n") == []
