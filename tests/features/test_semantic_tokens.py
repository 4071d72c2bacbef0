"""What each word is, in entity files and registries, in types and SQL, in every style of YAML."""

from __future__ import annotations

import pytest

from specql_lsp.features.semantic_tokens.pieces import EnumValues, token_pieces
from specql_lsp.features.semantic_tokens.token import MODIFIERS, TYPES, TokenModifier, TokenType
from specql_lsp.lsp.convert.semantic_tokens import encoded
from specql_lsp.lsp.positions import Encoding
from specql_lsp.lsp.routes import REQUESTS
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.workspace_snippets import workspace

_NAMES = dict(enumerate(TYPES))


def words(snippet: str, *, path: str | None = None, says_deprecated: bool = True) -> list[str]:
    """The words of a file, each with its type and modifiers: ``email property declaration``."""
    known = workspace(snippet)
    document = known.document(path)
    data = encoded(
        token_pieces(document),
        document.text,
        EnumValues(known.analysis(), document),
        Encoding.UTF16,
        says_deprecated=says_deprecated,
    )
    found: list[str] = []
    line = column = 0
    for index in range(0, len(data), 5):
        down, right, length, kind, modifiers = data[index : index + 5]
        line, column = line + down, right if down else column + right
        text = (
            document.lines.line_text(line).encode("utf-16-le")[2 * column : 2 * (column + length)].decode("utf-16-le")
        )
        said = [name for bit, name in enumerate(MODIFIERS) if modifiers & 1 << bit]
        found.append(" ".join([text, _NAMES[kind], *said]))
    return found


def test_the_legend_of_the_routes_is_that_of_the_tokens() -> None:
    [route] = [route for route in REQUESTS if route.method == "textDocument/semanticTokens/full"]
    assert route.options == {"legend": {"tokenTypes": list(TYPES), "tokenModifiers": list(MODIFIERS)}}
    assert (TYPES[TokenType.ENUM_VALUE], TYPES[TokenType.PATTERN], len(TYPES)) == (
        "enumMember",
        "macro",
        len(TokenType),
    )
    assert [modifier.name for modifier in TokenModifier] == [
        "".join(f"_{each}" if each.isupper() else each for each in name).upper() for name in MODIFIERS
    ]


def test_an_entity_its_codes_and_its_fields() -> None:
    assert words(
        """
        entity: Contact
        schema: crm
        organization: {table_code: '012031'}
        fields:
          email: email!
          company: ref(crm.Company)
          status: enum(new, old) = new!
          tags: list(text)
          since: {type: datetime, default: now()}
          odd: varchar
        """
    ) == [
        *("entity keyword", "Contact class declaration", "schema keyword", "crm namespace"),
        *("organization keyword", "table_code keyword", "012031 tableCode", "fields keyword"),
        *("email property declaration", "email type defaultLibrary", "! operator"),
        *("company property declaration", "ref type defaultLibrary", "crm namespace", "Company class"),
        *("status property declaration", "enum type defaultLibrary", "new enumMember declaration"),
        *("old enumMember declaration", "= operator", "new enumMember", "! operator"),
        *("tags property declaration", "list type defaultLibrary", "text type defaultLibrary"),
        *("since property declaration", "type keyword", "datetime type defaultLibrary", "default keyword"),
        "now function defaultLibrary",
        *("odd property declaration", "varchar type"),
    ]


def test_steps_read_like_sql() -> None:
    found = words(
        """
        entity: Contact
        fields: {status: 'enum(new, old)', name: text, total: integer}
        actions:
          - name: qualify
            steps:
              - validate: status = 'new' AND name <> 'new' OR total > 5
                error: "no"
              - update: Contact SET status = 'old', total = coalesce($amount, v_total) WHERE id = input.id
              - call: do_it(name = upper(name))
              - notify: owner(email, "It is done")
        """
    )
    assert found[found.index("validate keyword") :] == [
        *("validate keyword", "status property", "= operator", "'new' enumMember", "AND keyword", "name property"),
        *("<> operator", "'new' string", "OR keyword", "total property", "> operator", "5 number"),
        "error keyword",
        *("update keyword", "Contact class", "SET keyword", "status property", "= operator", "'old' enumMember"),
        *("total property", "= operator", "coalesce function defaultLibrary", "$amount parameter", "v_total variable"),
        *("WHERE keyword", "id property", "= operator", "input variable", "id parameter"),
        *(
            "call keyword",
            "do_it function",
            "name parameter",
            "= operator",
            "upper function defaultLibrary",
            "name property",
        ),
        *("notify keyword", "owner property", '"It is done" string'),
    ]


def test_the_values_of_enums_of_other_entities() -> None:
    found = words(
        """
        -- a.yaml --
        entity: Contact
        fields: {company: ref(Company)}
        actions:
          - name: check
            steps:
              - validate: company.state = 'open' AND company.name = 'open'
              - update: Company SET state = 'open' WHERE name = 'closed'
        -- b.yaml --
        entity: Company
        fields: {state: 'enum(open, closed)', name: text}
        """,
        path="a.yaml",
    )
    assert [word for word in found if word.startswith("'")] == [
        "'open' enumMember",
        "'open' string",
        "'open' enumMember",
        "'closed' string",
    ]


def test_the_values_of_the_own_entity_before_it_is_indexed() -> None:
    """As in the first answer after the name of a field was typed."""
    text = """\
entity: Contact
schema: crm
fields: {status: "enum(lead, customer)"}
actions:
  - name: x
    steps:
      - update: Contact SET status = 'lead' WHERE status = 'customer'
"""
    document = Document("file:///contact.yaml", text)
    data = encoded(token_pieces(document), text, EnumValues(Analysis(), document), Encoding.UTF16, says_deprecated=True)
    assert list(data)[3::5].count(TokenType.ENUM_VALUE) == 4


@pytest.mark.parametrize(
    "step",
    [
        "- validate: \"status = 'new'\"",
        "- validate: 'status = ''new'''",
        "- validate: |\n    status\n      = 'new'",
        "- validate: >-\n    status =\n    'new'",
        "- {validate: status = 'new'}",
        '- "validate": "stat\\u0075s = \'new\'"',
    ],
    ids=["double", "single", "literal", "folded", "flow", "escape"],
)
def test_in_every_style_of_a_scalar(step: str) -> None:
    indented = step.replace("\n", "\n" + " " * 14)
    found = words(
        f"""
        entity: Contact
        fields: {{status: 'enum(new, old)'}}
        actions:
          - name: a
            steps:
              {indented}
        """
    )
    kinds = [word.rpartition(" ")[2] for word in found[-4:]]
    assert kinds == ["keyword", "property", "operator", "enumMember"]


def test_what_is_not_read_is_deprecated_unless_no_release_is_set() -> None:
    snippet = """
        entity: Contact
        fields:
          email: {type: email, required: true}
        """
    assert "required keyword deprecated" in words(snippet)
    assert "required keyword" in words(snippet, says_deprecated=False)


def test_characters_outside_of_ascii_and_windows_line_breaks() -> None:
    snippet = """
        entity: Contact
        description: "😀"
        fields: {ä😀: text, b: 'ref(Ünit)'}
        """
    assert words(snippet)[-5:] == [
        *("ä😀 property declaration", "text type defaultLibrary", "b property declaration"),
        *("ref type defaultLibrary", "Ünit class"),
    ]


def test_a_registry() -> None:
    found = words(
        """
        -- registry/domain_registry.yaml --
        domains:
          '2':
            name: crm
            aliases: [sales]
            subdomains:
              '03':
                name: customer
                entities:
                  Contact: {table_code: '012031'}
        """
    )
    assert found == [
        *("domains keyword", "2 tableCode", "name keyword", "crm namespace", "aliases keyword", "sales namespace"),
        *("subdomains keyword", "03 tableCode", "name keyword", "customer namespace", "entities keyword"),
        *("Contact class", "table_code keyword", "012031 tableCode"),
    ]


def test_half_typed_and_several_documents() -> None:
    assert "email property declaration" in words("entity: Contact\nfields:\n  email: text\n  compa\n")
    both = words("entity: A\nfields: {x: text}\n---\nentity: B\nfields: {y: 'enum(p)'}\n")
    assert both[:2] == ["entity keyword", "A class declaration"]
    assert "B class declaration" in both
    assert "p enumMember declaration" in both


def test_another_file_has_none() -> None:
    assert words("name: docker\nservices: {a: b}\n") == []
