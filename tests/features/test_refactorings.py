"""Code actions that belong to no rule: fields, files, quotes, in every way in which they are written."""

from __future__ import annotations

import pytest

from specql_lsp.features.model import ActionKind
from tests.features.rules.fixes import fix, offered, titles

NOT_NULL, NULLABLE = "Make it not null", "Make it nullable"
MAPPING, TEXT = "Write the field as a mapping", "Write the field as a text"


def refactorings(snippet: str) -> list[str]:
    return titles(snippet, ActionKind.REFACTOR_REWRITE)


def field(written: str) -> str:
    return f"entity: Lead\nfields:\n  {written}\n  other: text\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("na$0me: text", "name: text!"),
        ("name: te$0xt  # why", "name: text!  # why"),
        ("name: 'te$0xt'", "name: 'text!'"),
        ('name: "te$0xt"', 'name: "text!"'),
        ("status: enum(a, b) = a$0", "status: enum(a, b) = a!"),
        ("'na$0me': ref(Contact)", "'name': ref(Contact)!"),
        ("na$0me: {type: text}", "name: {type: text, nullable: false}"),
        ("name: {ty$0pe: text, nullable: true}", "name: {type: text, nullable: false}"),
        ("na$0me:\n    type: text", "name:\n    type: text\n    nullable: false"),
        ("name:\n    type: text # why\n    null$0able: yes", "name:\n    type: text # why\n    nullable: false"),
    ],
)
def test_not_null(before: str, after: str) -> None:
    fix(field(before), NOT_NULL, field(after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("na$0me: text!", "name: text"),
        ("na$0me: 'text!' # why", "name: 'text' # why"),
        ("status: enum(a, b) = a$0!", "status: enum(a, b) = a"),
        ("na$0me: {type: text, nullable: false}", "name: {type: text}"),
        ("na$0me:\n    nullable: false\n    type: text", "name:\n    type: text"),
    ],
)
def test_nullable(before: str, after: str) -> None:
    fix(field(before), NULLABLE, field(after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("na$0me: text", "name:\n    type: text"),
        ("na$0me: text!  # why", "name:  # why\n    type: text\n    nullable: false"),
        ("size: integer = 5$0", "size:\n    type: integer\n    default: '5'"),
        ("status: 'enum(a, b) = a$0!'", "status:\n    type: enum(a, b)\n    nullable: false\n    default: a"),
        ("com$0pany: ref(Contact)!", "company:\n    type: ref(Contact)\n    nullable: false"),
    ],
)
def test_a_text_becomes_a_mapping_and_back(before: str, after: str) -> None:
    fix(field(before), MAPPING, field(after))
    name = after.partition(":")[0]
    if "#" not in before:
        fix(field(after.replace(name, f"$0{name}", 1)), TEXT, field(before.replace("$0", "").replace("'", "")))


def test_in_a_flow_mapping() -> None:
    before = "entity: Lead\nfields: {name: te$0xt!, other: text}\n"
    fix(before, MAPPING, "entity: Lead\nfields: {name: {type: text, nullable: false}, other: text}\n")
    quoted = "entity: Lead\nfields: {status: {ty$0pe: 'enum(a, b)'}, other: text}\n"
    fix(quoted, TEXT, "entity: Lead\nfields: {status: 'enum(a, b)', other: text}\n")


def test_specqls_own_description_stays() -> None:
    mapping = (
        "entity: Lead\nfields:\n  mail:\n    type: email\n    description: Valid email address (RFC 5322 simplified)\n"
    )
    fix("entity: Lead\nfields:\n  ma$0il: email\n", MAPPING, mapping)
    fix(mapping.replace("mail", "ma$0il", 1), TEXT, "entity: Lead\nfields:\n  mail: email\n")
    assert f"{TEXT}, which takes SpecQL's own description" in refactorings(field("ma$0il: {type: email}"))


@pytest.mark.parametrize(
    "written",
    [
        "na$0me: {type: text, description: mine}",
        "na$0me: {type: text, required: true}",
        "na$0me: {type: integer, default: 5}",
        "na$0me:\n    # why\n    type: text",
        "na$0me:  # why\n    type: text",
        "na$0me: {type: text, type: text}",
        "na$0me: {}",
    ],
)
def test_what_a_text_could_not_say_stays_a_mapping(written: str) -> None:
    assert not [title for title in refactorings(field(written)) if title.startswith(TEXT)]


@pytest.mark.parametrize(
    "text",
    [
        "entity: Lead\nfields:\n  na$0me: &a text\n  other: *a\n",
        "entity: Lead\nfields:\n  name: &a text\n  oth$0er: *a\n",
        "entity: Lead\nshared: &a\n  na$0me: text\nfields:\n  <<: *a\n",
        "entity: Lead\nfields:\n  name: te$0xt?\n",
        "entity: Lead\nfields:\n  na$0me: |\n    text\n",
        "entity: Lead\nfields:\n  na$0me:\n",
        "entity: Lead\nfields:\n  na$0me: [text]\n",
        "entity: Lead\nactions:\n  - na$0me: text\n",
        "entity: Le$0ad\nfields:\n  name: text\n",
    ],
)
def test_where_none_of_it_is_offered(text: str) -> None:
    assert not {NOT_NULL, NULLABLE, MAPPING, TEXT} & set(refactorings(text))


SORT = "Sort the fields by name, which is the order of their columns"


def test_fields_are_sorted_with_their_comments() -> None:
    fix(
        """
        entity: Lead
        fiel$0ds:  # here
          # the name
          name: text

          email:
            type: email
          # after
          Age: integer  # years
        # the end
        actions: []
        """,
        SORT,
        """
        entity: Lead
        fields:  # here
          # after
          Age: integer  # years
          email:
            type: email
          # the name
          name: text

        # the end
        actions: []
        """,
    )
    assert SORT not in refactorings("entity: Lead\nfie$0lds:\n  a: text\n  b: text\n")
    assert SORT not in refactorings("entity: Lead\nfie$0lds: {b: text, a: text}\n")


def test_the_last_line_has_no_line_break() -> None:
    action = offered("entity: Lead\nfie$0lds:\n  b: text\n  a: text")[SORT]
    assert [edit.new_text for edit in action.all_edits()] == ["  a: text\n  b: text"]


def test_quotes() -> None:
    title = "Quote 12:30, which YAML 1.1 reads as the sexagesimal integer 750"
    fix("entity: Lead\ndescription: 12:$030\n", title, "entity: Lead\ndescription: '12:30'\n")
    for text in (
        "entity: Lead\nx: tr$0ue\n",
        "entity: Lead\nx: 5$0\n",
        "entity: Lead\nx: a$0\n",
        "entity: Lead\nx: ~$0\n",
    ):
        assert not [each for each in refactorings(text) if each.startswith("Quote")]


class TestNewFiles:
    def test_the_entity_that_a_reference_misses(self) -> None:
        fix(
            """
            -- entities/crm/lead.yaml --
            entity: Lead
            schema: crm
            fields:
              order: ref(Sales$0Order)
            """,
            "Create the entity SalesOrder in the file sales_order.yaml",
            """
            -- entities/crm/sales_order.yaml --
            entity: SalesOrder
            schema: crm
            fields:
              name: text
            """,
        )

    def test_beside_the_files_of_its_schema(self) -> None:
        snippet = """
        -- entities/crm/lead.yaml --
        entity: Lead
        schema: crm
        fields:
          product: ref(catalog.Prod$0uct)
        -- stock/goods/manufacturer.yaml --
        entity: Manufacturer
        schema: catalog
        """
        after = """
        -- stock/goods/product.yaml --
        entity: Product
        schema: catalog
        fields:
          name: text
        """
        fix(snippet, "Create the entity Product in the file product.yaml", after)
        after = after.replace("stock/goods", "entities/catalog")
        fix(snippet.split("-- stock")[0], "Create the entity Product in the file product.yaml", after)

    def test_not_over_another_file(self) -> None:
        action = offered(
            """
            -- entities/crm/lead.yaml --
            entity: Lead
            schema: crm
            fields:
              order: ref(Sales$0Order)
            -- entities/crm/sales_order.yaml --
            entity: Invoice
            schema: crm
            """
        )["Create the entity SalesOrder in the file sales_order.yaml"]
        assert action.disabled == "There is a file sales_order.yaml already, which defines another entity."

    def test_a_file_of_several_documents_is_split(self) -> None:
        fix(
            """
            -- entities/crm/all.yaml --
            # first
            entity: Lead
            schema: crm
            -$0-- # second
            entity: SalesOrder
            schema: crm
            ---
            entity: Product
            schema: catalog
            fields: {name: text}
            """,
            "Move each further document into a file of its own",
            """
            -- entities/crm/all.yaml --
            # first
            entity: Lead
            schema: crm
            -- entities/crm/sales_order.yaml --
            # second
            entity: SalesOrder
            schema: crm
            -- entities/catalog/product.yaml --
            entity: Product
            schema: catalog
            fields: {name: text}
            """,
        )

    @pytest.mark.parametrize("second", ["a: b", "entity:", "entity: Lead"])
    def test_a_document_that_is_no_entity_of_its_own_is_not_moved(self, second: str) -> None:
        snippet = f"-- entities/crm/lead.yaml --\nentity: Lead\n-$0--\n{second}\n"
        action = offered(snippet)["Move each further document into a file of its own"]
        assert action.disabled is not None
