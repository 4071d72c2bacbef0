"""Occurrences of entities and schemas, and what is looked at for them."""

from __future__ import annotations

import pytest

from specql_lsp.features.definition import definition
from specql_lsp.features.document_highlight import document_highlight
from specql_lsp.features.references import references
from specql_lsp.workspace.documents import Document
from tests.features.occurrences_support import check_occurrences
from tests.features.test_navigation import check_definition
from tests.features.workspace_snippets import FOLDER, spot, workspace


@pytest.mark.parametrize("text", ["validate: na$0me = 1", "update: Lead SET bo$0ss = 1", "find: Lead WHERE bo$0ss = 1"])
def test_a_definition_in_a_file_that_cannot_be_read_leads_to_the_entity(text: str) -> None:
    it = workspace(
        f"-- lead.yaml --\nentity: Lead\nfields: {{boss: text}}\n-- a.yaml --\nentity: A\nactions: "
        f"[{{name: a, steps: [{{{text}}}]}}]"
    )
    found = definition(it.analysis(), it.document(), it.offset, read=lambda _: None)
    assert [spot(each.target) for each in found] == ([] if "na$0me" in text else [("lead.yaml", 0, 8, 12)])


def test_files_without_the_word_are_not_parsed() -> None:
    files = "".join(f"-- f{n}.yaml --\nentity: F{n}\nfields: {{c: ref(Contact)}}\n" for n in range(5))
    it = workspace(f"-- contact.yaml --\nentity: Contact\nfields: {{e$0mail: text}}\n{files}")
    texts = {uri: Document(FOLDER + uri, document.text) for uri, document in it.documents.items()}
    found = references(
        it.analysis(),
        it.document(),
        it.offset,
        with_definition=True,
        read=lambda uri: texts[uri.removeprefix(FOLDER)],
    )
    assert len(found) == 1
    assert [uri for uri, document in texts.items() if "tree" in document.__dict__] == []


def test_an_entity_in_every_place_that_names_it() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
                ^^^^^^^ def
        schema: crm
        fields: {boss: ref(Contact)}
                           ^^^^^^^ ref
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        fields: {c: ref(crm.Contact)}
                            ^^^^^^^ ref
        actions:
          - name: a
            params: {who: ref(Contact)!}
                              ^^^^^^^ ref
            steps:
              - insert: Contact
                        ^^^^^^^ ref
              - validate: EXISTS (SELECT 1 FROM crm.tb_contact c WHERE c.boss = 1)
                                                       ^^^^^^^ ref
        table_views: {include_relations: [{Contact: {fields: [boss]}}]}
                                           ^^^^^^^ ref
        agents: [{name: b, observes: [Contact]}]
                                      ^^^^^^^ ref
        -- crm/deal.yaml --
        entity: Deal
        schema: crm
        description: a Contact
        patterns: [{type: validation_template_inheritance, params: {template_entity: Contact}}]
                                                                                     ^^^^^^^ ref
        actions:
          - name: a
            pattern: state_machine/transition
            config:
              side_effects: [{entity: Contact, set: {boss: 1}, where: boss = 2}]
                                      ^^^^^^^ ref
        -- crm/query.yaml --
        entity: Query
        schema: crm
        actions: [{name: a, steps: [{query: {sql: "SELECT * FROM \\"tb_contact\\""}}]}]
                                                                      ^^^^^^^ ref
        """
    )


def test_a_schema_before_a_table() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
                ^^^ ref
        -- sales/lead.yaml --
        entity: Lead
        schema: sales
        actions: [{name: a, steps: [{validate: EXISTS (SELECT 1 FROM crm.tb_contact)}]}]
                                                                     ^^^ ref
        """
    )


def test_what_is_unknown_has_no_places() -> None:
    it = workspace("entity: A\nactions: [{name: a, steps: [{validate: no$0thing = 1}]}]")
    assert references(it.analysis(), it.document(), it.offset, with_definition=True, read=it.read) == ()
    assert document_highlight(it.analysis(), it.document(), it.offset) == ()
    check_definition("entity: A\nactions: [{name: a, steps: [{validate: no$0thing = 1}]}]")
