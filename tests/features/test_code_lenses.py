"""Code lenses above entities: the code, and how often the entity is referred to."""

from __future__ import annotations

from dataclasses import replace

from specql_lsp.config import CodeLensSettings, Settings
from specql_lsp.features.code_lenses import code_lenses, counted
from tests.features.workspace_snippets import Workspace, workspace

SNIPPET = """
-- a.yaml --
entity: Contact
schema: crm
organization: {table_code: '012031'}
-- b.yaml --
entity: Company
schema: crm
fields: {contact: ref(Contact), other: ref(Contact)}
-- c.yaml --
entity: Odd
schema: elsewhere
organization: {table_code: 'xyz'}
-- registry/domain_registry.yaml --
domains:
  '2':
    name: crm
    subdomains: {'03': {name: customer, entities: {Contact: {table_code: '012031'}}}}
"""


def lenses(known: Workspace, path: str, *, references: bool = False, codes: bool = True) -> list[tuple[str, str]]:
    settings = Settings(code_lens=CodeLensSettings(codes=codes, references=references))
    document = known.document(path)
    found = code_lenses(replace(known.analysis(), settings=settings), document)
    return [(document.text[slice(*lens.span)], lens.title or "?") for lens in found]


def test_the_code_or_an_offer_to_allocate_one() -> None:
    known = workspace(SNIPPET)
    assert lenses(known, "a.yaml") == [("Contact", "012031 · crm · customer")]
    assert lenses(known, "b.yaml") == [("Company", "Allocate a code")]
    assert lenses(known, "c.yaml") == []
    assert lenses(known, "a.yaml", codes=False) == []
    assert lenses(known, "registry/domain_registry.yaml") == []


def test_nothing_about_codes_without_a_registry() -> None:
    known = workspace(SNIPPET)
    document = known.document("a.yaml")
    assert code_lenses(known.analysis(registry=False), document) == ()


def test_how_often_an_entity_is_referred_to() -> None:
    known = workspace(SNIPPET)
    assert lenses(known, "a.yaml", references=True) == [("Contact", "012031 · crm · customer"), ("Contact", "?")]

    def count(path: str) -> tuple[str, int]:
        document = known.document(path)
        at = document.text.index(":") + 2
        title, places = counted(
            known.analysis(),
            document,
            at,
            read=lambda uri: known.documents.get(uri.removeprefix("file:///workspace/")),
            check=lambda: None,
        )
        return title, len(places)

    assert count("a.yaml") == ("3 references", 3)  # the registry's entry is one
    assert count("c.yaml") == ("0 references", 0)
