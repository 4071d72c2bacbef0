"""Every place that names the same thing, for each kind of name: from any of them, in every file.

Marks: ``def`` the definition, ``ref`` what reads, ``set`` what writes.
"""

from __future__ import annotations

import pytest

from specql_lsp.features.definition import definition
from specql_lsp.features.document_highlight import document_highlight
from specql_lsp.features.occurrences import Access, occurrences
from specql_lsp.features.references import references
from specql_lsp.features.type_definition import type_definition
from specql_lsp.semantics.classify import classify
from specql_lsp.workspace.documents import Document
from tests.features.test_navigation import check_definition
from tests.features.workspace_snippets import FOLDER, Workspace, at, spot, workspace

MARKS = {"def": Access.DEFINITION, "ref": Access.READ, "set": Access.WRITE}


def check_occurrences(snippet: str) -> None:
    """From each of the marked places, all of them are found, with and without reading every file."""
    it = workspace(snippet)
    expected = {mark.place: MARKS[mark.name] for mark in it.marks if mark.name in MARKS}
    assert expected
    for mark in it.marks:
        if mark.name not in MARKS:
            continue
        document = it.document(mark.path)
        offset = document.lines.line_starts[mark.line] + mark.start
        symbol = classify(document, offset)
        assert symbol is not None, mark
        for whole in (False, True):
            found = list(occurrences(it.analysis(), document, symbol, read=it.read, whole=whole))
            assert {spot(each.place): each.access for each in found} == expected, (mark, whole)
            assert len(found) == len(expected)
            if whole:
                for each in found:
                    assert each.document is not None
                    assert each.symbol is not None
                    assert (each.document.uri, each.symbol.span) == (each.place.uri, each.place.span)
                    assert each.written == each.document.text[slice(*each.place.span)]
        _check_highlights(it, document, offset, expected)


def _check_highlights(
    it: Workspace, document: Document, offset: int, expected: dict[tuple[str, int, int, int], Access]
) -> None:
    path = document.uri.removeprefix(FOLDER)
    found = document_highlight(it.analysis(), document, offset)
    assert [((path, *at(document, *each.span)), each.writes) for each in found] == sorted(
        (place, access is not Access.READ) for place, access in expected.items() if place[0] == path
    )


def test_a_field_in_every_place_that_names_it() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
        fields:
          email: text
          ^^^^^ def
          company: ref(Company)
          other: text
        translations: {enabled: true, fields: [email, other]}
                                               ^^^^^ ref
        identifier: {components: [email, {field: email}]}
                                  ^^^^^ ref
                                                 ^^^^^ ref
        table_views:
          extra_filter_columns: [email]
                                 ^^^^^ ref
        actions:
          - name: a
            steps:
              - validate: email IS NOT NULL AND company.email = 'x'
                          ^^^^^ ref
              - update: Contact SET other = 1, EMAIL = lower(email) WHERE Contact.email = 'a'
                                               ^^^^^ set
                                                             ^^^^^ ref
                                                                                  ^^^^^ ref
              - notify: email(channel, "email")
                        ^^^^^ ref
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        fields: {contact: ref(Contact), email: text}
        actions:
          - name: a
            steps:
              - validate: contact.email = email
                                  ^^^^^ ref
              - update: Contact SET email = 'x' WHERE company.email = email
                                    ^^^^^ set
                                                                      ^^^^^ ref
              - insert: Contact SET email = $email
                                    ^^^^^ set
        table_views:
          include_relations: [{Contact: {fields: [email]}}]
                                                  ^^^^^ ref
        -- crm/company.yaml --
        entity: Company
        schema: crm
        fields: {email: text}
        -- far/deal.yaml --
        entity: Deal
        fields: {lead: ref(Lead)}
        actions:
          - name: a
            steps:
              - validate: lead.contact.email = 'a' AND lead.email = 'b'
                                       ^^^^^ ref
        -- far/away.yaml --
        entity: Away
        fields: {email: text}
        """
    )


def test_an_enum_value_in_every_place_that_names_it() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        fields:
          status: enum(lead, open) = lead
                       ^^^^ def
                                     ^^^^ ref
          kind: enum(lead)
        actions:
          - name: lead
            steps:
              - validate: status = 'lead' OR kind = 'lead' OR status IN ('open', 'lead')
                                    ^^^^ ref
                                                                                  ^^^^ ref
              - update: "Contact SET status = 'lead'"
                                               ^^^^ ref
        -- crm/deal.yaml --
        entity: Deal
        fields: {contact: ref(Contact), status: enum(lead)}
        actions:
          - name: a
            steps:
              - if: contact.status <> 'lead' AND status = 'lead'
                                       ^^^^ ref
        """
    )


def test_an_enum_in_a_mapping() -> None:
    check_occurrences(
        """
        entity: Contact
        fields:
          rate: {type: "enum(low, high)", default: low}
                             ^^^ def
                                                   ^^^ ref
        """
    )


def test_an_action() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
        actions:
          - name: qualify
                  ^^^^^^^ def
            steps: [{call: qualify(a = 1)}]
                           ^^^^^^^ ref
        agents: [{name: b, can_execute: [qualify]}]
                                         ^^^^^^^ ref
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        actions: [{name: a, steps: [{call: qualify()}]}]
                                           ^^^^^^^ ref
        -- sales/order.yaml --
        entity: Order
        schema: sales
        actions:
          - name: qualify
            steps: [{call: qualify()}]
        """
    )


def test_variables_and_parameters_of_one_action() -> None:
    check_occurrences(
        """
        entity: A
        actions:
          - name: other
            steps: [{declare: v_total integer}]
          - name: a
            steps:
              - declare: v_total integer := 0
                         ^^^^^^^ def
              - assign: v_total := v_total + 1
                        ^^^^^^^ set
                                   ^^^^^^^ ref
              - query: {sql: SELECT 1, into: v_total}
                                             ^^^^^^^ def
        """
    )
    check_occurrences(
        """
        entity: A
        fields: {b: text}
        actions:
          - name: a
            params: {limit: integer, b: ref(B)}
                     ^^^^^ def
            steps:
              - validate: $limit > 1 AND input.limit < 3
                           ^^^^^ ref
                                               ^^^^^ ref
          - name: other
            steps: [{validate: $limit > 1}]
        """
    )


def test_a_parameter_of_an_action_that_is_called() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
        actions:
          - name: qualify
            params: {limit: integer}
                     ^^^^^ def
            steps: [{validate: $limit > 1}]
                                ^^^^^ ref
          - name: all
            steps: [{call: qualify(limit = $limit)}]
                                   ^^^^^ ref
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        actions: [{name: a, steps: [{call: "qualify(limit = 1, other = limit)"}, {call: notify(limit = 1)}]}]
                                                    ^^^^^ ref
        """
    )


def test_anchors_of_two_documents() -> None:
    check_occurrences(
        """
        entity: A
        x: &base {a: text}
           ^^^^^ def
        fields: *base
                ^^^^^ ref
        ---
        entity: B
        x: &base {a: text}
        fields: *base
        """
    )


def test_a_pattern_and_its_parameters() -> None:
    text = """
        -- crm/contact.yaml --
        entity: Contact
        actions:
          - name: a
            pattern: own/move
                     ^^^^^^^^ ref-pattern
            config: {target: a}
                     ^^^^^^ ref-parameter
        -- stdlib/actions/own/move.yaml --
        pattern: own/move
                 ^^^^^^^^ def-pattern
        parameters:
          - {name: target, type: string}
                   ^^^^^^ def-parameter
        template: |
          steps:
            - update: "X SET a = '{{ target }}'{% if target %}, target = 1{% endif %}"
                                     ^^^^^^ ref-parameter
                                                     ^^^^^^ ref-parameter
        """
    for kind in ("pattern", "parameter"):
        check_occurrences(text.replace(f"-{kind}\n", "\n"))


def test_a_service_and_its_operations() -> None:
    text = """
        -- crm/contact.yaml --
        entity: Contact
        actions:
          - name: a
            steps:
              - call_service: {service: Mailer, operation: SEND}
                                        ^^^^^^ ref-service
                                                           ^^^^ ref-operation
        -- registry/service_registry.yaml --
        services:
          - name: mailer
                  ^^^^^^ def-service
            operations: [{name: send}]
                                ^^^^ def-operation
          - name: other
            operations: [{name: send}]
        """
    for kind in ("service", "operation"):
        check_occurrences(text.replace(f"-{kind}\n", "\n"))


@pytest.mark.parametrize(
    ("field", "step", "is_found"),
    [
        ("boss: ref(Pers$0on)", "x: y", True),
        ("bo$0ss: ref(Person)", "x: y", True),
        ("boss: list(ref(Person))", "validate: bo$0ss IS NULL", True),
        ("boss: ref(Person)", "update: Lead SET bo$0ss = 1", True),
        ("bo$0ss: text", "x: y", False),
        ("kind: enum(a) = $0a", "x: y", False),
        ("boss: money$0", "x: y", False),
    ],
)
def test_the_type_of_a_field(field: str, step: str, *, is_found: bool) -> None:
    it = workspace(
        f"-- a/person.yaml --\nentity: Person\n        ^^^^^^ def\n"
        f"-- a/lead.yaml --\nentity: Lead\nfields: {{{field}}}\nactions: [{{name: a, steps: [{{{step}}}]}}]\n"
    )
    found = type_definition(it.analysis(), it.document(), it.offset, read=it.read)
    assert {spot(each.target) for each in found} == (it.marked("def") if is_found else set())


@pytest.mark.parametrize(
    "params", ["{who: ref(Person)!}", "{who: {type: ref(Person)}}", "[{name: who, type: ref(Person)}]", "[who]"]
)
def test_the_type_of_a_parameter(params: str) -> None:
    it = workspace(
        f"-- a/person.yaml --\nentity: Person\n        ^^^^^^ def\n"
        f"-- a/lead.yaml --\nentity: Lead\nactions: [{{params: {params}, steps: [{{validate: $wh$0o = 1}}]}}]\n"
    )
    found = type_definition(it.analysis(), it.document(), it.offset, read=it.read)
    assert {spot(each.target) for each in found} == (it.marked("def") if "Person" in params else set())


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


def test_a_field_in_queries_and_patterns() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
        fields: {iban: text, opened: date}
                 ^^^^ def
        patterns:
          - type: temporal_scd_type2_helper
            params: {natural_key: [iban], version_field: iban}
                                   ^^^^ ref
                                                         ^^^^ ref
        -- crm/deal.yaml --
        entity: Deal
        schema: crm
        fields: {iban: text}
        actions:
          - name: a
            pattern: multi_entity/coordinated_update
            config:
              operations:
                - {entity: Contact, set: {iban: 1}, where: iban = 2 AND opened = 3}
                                          ^^^^ set
                                                           ^^^^ ref
                - {set: {iban: 1}, where: iban = 2}
          - name: b
            steps: [{query: {sql: SELECT c.iban FROM tb_contact c WHERE iban = 1}}]
                                           ^^^^ ref
                                                                        ^^^^ ref
        """
    )


def test_what_an_alias_repeats() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
                ^^^^^^^ def
        schema: crm
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        x: &x ref(Contact)
                  ^^^^^^^ ref
        y: &y {insert: Contact}
                       ^^^^^^^ ref
        fields: {a: *x, b: *x}
        actions: [{name: a, steps: [*y]}]
        """
    )
    check_occurrences(
        """
        entity: Lead
        fields: {kind: &x "enum(open, done)", other: text}
                                ^^^^ def
        y: &y kind = 'open'
                      ^^^^ ref
        actions: [{name: a, steps: [{validate: *y}, {validate: "CASE kind WHEN 'open' THEN 1 END"}]}]
                                                                                ^^^^ ref
        """
    )


def test_an_alias_of_nothing_ends() -> None:
    check_definition("entity: Lead\nx: &x te$0xt\ny: *x\nz: *x\n")


def test_steps_of_the_beta_line() -> None:
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
                ^^^^^^^ def
        schema: crm
        fields: {email: text}
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        actions:
          - name: a
            steps:
              - duplicate_check: {entity: Contact, fields: [email], where: email = 1}
                                          ^^^^^^^ ref
              - select: Contact WHERE email = 1
                        ^^^^^^^ ref
              - raw_sql: SELECT email FROM crm.tb_contact
                                                  ^^^^^^^ ref
        """
    )
    check_occurrences(
        """
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
        fields: {email: text}
                 ^^^^^ def
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        actions:
          - name: a
            steps:
              - duplicate_check: {entity: Contact, fields: [email], where: email = 1}
                                                            ^^^^^ ref
                                                                           ^^^^^ ref
              - select: Contact WHERE email = 1
                                      ^^^^^ ref
        """
    )


def test_a_variable_without_the_convention() -> None:
    check_occurrences(
        """
        entity: A
        fields: {total: text}
        actions:
          - name: a
            steps:
              - declare: count integer := 0
                         ^^^^^ def
              - assign: count := count + total
                        ^^^^^ set
                                 ^^^^^ ref
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
