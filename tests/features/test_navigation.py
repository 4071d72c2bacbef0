"""Definition and references: of entities, domains, subdomains, table codes and fields, across files and registry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from specql_lsp.features.definition import definition
from specql_lsp.features.references import references
from tests.features.workspace_snippets import FOLDER, REGISTRY_PATH, Workspace, at, spot, workspace

REGISTRY = """
-- registry/domain_registry.yaml --
domains:
  '2':
    name: crm
    aliases: [management]
    subdomains:
      '03':
        name: customer
        entities:
          Contact: {table_code: '012031', entity_code: CNT, assigned_at: x}
          Ghost: {table_code: '012032', entity_code: GHS, assigned_at: x}
  '3':
    name: sales
    subdomains:
      '01':
        name: core
        entities: {}
subdomain_inference:
  crm: {customer: {patterns: [contact]}}
"""


def check_definition(snippet: str) -> None:
    it = workspace(snippet)
    links = definition(it.analysis(), it.document(), it.offset, read=it.read)
    assert {spot(link.target) for link in links} == it.marked("def")
    for link in links:
        assert link.origin.contains(it.offset)


def check_references(snippet: str) -> None:
    it = workspace(snippet)
    analysis, document = it.analysis(), it.document()
    found = [spot(place) for place in references(analysis, document, it.offset, with_definition=False, read=it.read)]
    assert set(found) == it.marked("ref", "both")
    found = [spot(place) for place in references(analysis, document, it.offset, with_definition=True, read=it.read)]
    assert set(found) == it.marked("ref", "def", "both")
    assert len(found) == len(set(found))
    assert found == sorted(found)


def check_origin(snippet: str) -> None:
    it: Workspace = workspace(snippet)
    [link] = definition(it.analysis(), it.document(), it.offset, read=it.read)
    path = it.document().uri.removeprefix(FOLDER)
    assert it.marked("origin") == {(path, *at(it.document(), *link.origin))}


CONTACT = """
-- crm/contact.yaml --
entity: Contact
        ^^^^^^^ def
schema: crm
"""


@pytest.mark.parametrize(
    "text",
    [
        "fields: {c: ref(Con$0tact)}",
        "fields: {c: 'ref( $0contact )!'}",
        "fields:\n  c: {type: ref(Contact$0)}",
        "fields: {c: ref(crm.Con$0tact)}",
        "fields: {c: ref(Other|CONT$0ACT)}",
        "fields: {c: list(ref(Con$0tact))}",
        "fields: {c: ref(sales.Con$0tact)}",
        "actions:\n  - name: a\n    steps:\n      - insert: Con$0tact",
        "actions:\n  - name: a\n    steps:\n      - update: $0Contact SET a = 1",
        "actions: [{name: a, steps: [{if: a = 1, then: [{delete: 'Con$0tact WHERE a = 1'}]}]}]",
        "actions:\n  - name: a\n    steps:\n      - find: |\n          crm.Con$0tact",
        "actions:\n  - name: a\n    steps:\n      - refresh_table_view: {propagate: [Con$0tact]}",
        "table_views:\n  include_relations:\n    - Con$0tact: {fields: [name]}",
        "table_views:\n  include_relations:\n    - A:\n        include_relations: [{Con$0tact: {fields: [name]}}]",
        "x: &x {c: ref(Con$0tact)}\nfields: *x",
        "x: &x {c: ref(Con$0tact)}\nfields:\n  <<: *x",
    ],
)
def test_an_entity_is_defined_in_its_file(text: str) -> None:
    check_definition(f"-- sales/lead.yaml --\nentity: Lead\nschema: sales\n{text}\n{CONTACT}")


@pytest.mark.parametrize(
    "text",
    [
        "fields: {c: te$0xt}",
        "fields: {c: ref(No$0body)}",
        "fields: {c: ref($0)}",
        "fields: {c: re$0f(Contact)}",
        "description: Con$0tact",
        "# Con$0tact",
        "fields$0: {}",
        "actions:\n  - name: a\n    steps:\n      - validate: Con$0tact = 1",
        "actions:\n  - name: a\n    steps:\n      - ins$0ert: Contact",
        "$0",
    ],
)
def test_what_has_no_definition(text: str) -> None:
    check_definition(f"-- lead.yaml --\nentity: Lead\n{text}\n{CONTACT.replace('^^^^^^^ def', '# none')}")


@pytest.mark.parametrize("name", ["entity: Le$0ad", "entity: {name: 'Le$0ad'}", "fields: {a: text}\nentity: Le$0ad"])
def test_a_definition_leads_to_itself(name: str) -> None:
    line = name.replace("$0", "").split("\n")[-1]
    marks = " " * line.index("Lead") + "^^^^ def"
    check_definition(f"-- lead.yaml --\n{name}\n{marks}\n")


def test_of_several_the_one_in_the_same_schema_is_meant() -> None:
    check_definition(
        """
        -- sales/lead.yaml --
        entity: Lead
        schema: crm
        fields: {c: ref(Con$0tact)}
        -- sales/contact.yaml --
        entity: Contact
        schema: sales
        -- far/away/contact.yaml --
        entity: Contact
                ^^^^^^^ def
        schema: CRM
        """
    )


def test_an_alias_of_the_domain_is_the_same_schema() -> None:
    check_definition(
        f"""
-- sales/lead.yaml --
entity: Lead
schema: crm
fields: {{c: ref(Con$0tact)}}
-- sales/contact.yaml --
entity: Contact
schema: sales
-- far/contact.yaml --
entity: Contact
        ^^^^^^^ def
schema: management
{REGISTRY}"""
    )


def test_a_schema_before_the_name_is_stronger_than_the_own() -> None:
    check_definition(
        """
        -- crm/lead.yaml --
        entity: Lead
        schema: crm
        fields: {c: ref(sales.Con$0tact)}
        -- crm/contact.yaml --
        entity: Contact
        schema: crm
        -- far/contact.yaml --
        entity: Contact
                ^^^^^^^ def
        schema: sales
        """
    )


def test_of_those_in_one_schema_the_nearest_folder_is_meant() -> None:
    check_definition(
        """
        -- stdlib/crm/lead.yaml --
        entity: Lead
        schema: crm
        fields: {c: ref(Con$0tact)}
        -- stdlib/org/deep/contact.yaml --
        entity: Contact
                ^^^^^^^ def
        schema: crm
        -- contact.yaml --
        entity: Contact
        schema: crm
        -- examples/crm/contact.yaml --
        entity: Contact
        schema: crm
        """
    )


def test_where_no_one_is_nearest_all_are_given() -> None:
    check_definition(
        """
        -- lead.yaml --
        entity: Lead
        fields: {c: ref(Con$0tact)}
        -- a/contact.yaml --
        entity: Contact
                ^^^^^^^ def
        schema: a
        -- b/contact.yaml --
        entity: Contact
                ^^^^^^^ def
        schema: b
        """
    )


def test_the_file_itself_is_nearest() -> None:
    check_definition(
        """
        -- crm/tree.yaml --
        entity: Tree
                ^^^^ def
        schema: crm
        fields: {parent: ref(Tr$0ee)}
        -- crm/other.yaml --
        entity: Tree
        schema: crm
        """
    )


def with_registry(file: str, *marks: tuple[str, str]) -> str:
    """A file beside the registry, whose lines (the first that hold a text) get marks of its name."""
    lines = REGISTRY.split("\n")
    for line, mark in marks:
        text, name = mark.split(" ")
        at_ = next(i for i, each in enumerate(lines) if line in each)
        lines.insert(at_ + 1, " " * lines[at_].index(text) + "^" * len(text) + f" {name}")
    return f"-- entities/lead.yaml --\n{file}\n" + "\n".join(lines)


@pytest.mark.parametrize(
    ("file", "line", "target"),
    [
        ("entity: Lead\nfields: {g: ref(Gh$0ost)}", "Ghost:", "Ghost"),
        ("entity: Lead\nfields: {g: ref(crm.Gh$0ost)}", "Ghost:", "Ghost"),
        ("entity: Lead\nschema: c$0rm", "name: crm", "crm"),
        ("entity: {name: Lead, schema: 'c$0rm'}", "name: crm", "crm"),
        ("entity: Lead\nschema: MANAGE$0MENT", "name: crm", "crm"),
        ("entity: Lead\nfields: {g: ref(cr$0m.Ghost)}", "name: crm", "crm"),
        ("entity: Lead\norganization: {domain: sa$0les}", "name: sales", "sales"),
        ("entity: Lead\norganization: {domain: '$03'}", "name: sales", "sales"),
        ("entity: Lead\norganization: {domain_name: crm, subdomain: cus$0tomer}", "name: customer", "customer"),
        ("entity: Lead\nschema: crm\norganization: {subdomain: '0$03'}", "name: customer", "customer"),
        ("entity: Lead\norganization: {table_code: '01$02031'}", "Contact:", "012031"),
    ],
)
def test_what_the_registry_defines(file: str, line: str, target: str) -> None:
    check_definition(with_registry(file, (line, f"{target} def")))


@pytest.mark.parametrize("file", ["entity: A\nschema: co$0mmon", "entity: A\norganization: {table_code: '01$09999'}"])
def test_what_the_registry_does_not_define(file: str) -> None:
    check_definition(with_registry(file))


def test_a_registered_entity_leads_to_its_file() -> None:
    registry = REGISTRY.replace("Contact: {", "Con$0tact: {")
    check_definition(f"-- contact.yaml --\nentity: Contact\n        ^^^^^^^ def\nschema: crm\n{registry}")


def test_a_registered_code_leads_to_the_files_that_use_it() -> None:
    file = "entity: Contact\norganization:\n  table_code: '012031'\n               ^^^^^^ def"
    check_definition(f"-- contact.yaml --\n{file}\n{REGISTRY.replace('0120' + '31', '0120$031')}")


@pytest.mark.parametrize(
    ("place", "mark"),
    [
        ("name: c$0rm", "crm"),
        ("'$02':", "2"),
        ("name: cus$0tomer", "customer"),
        ("Gh$0ost:", "Ghost"),
        ("'0120$032'", "012032"),
    ],
)
def test_the_registry_defines_what_no_file_does(place: str, mark: str) -> None:
    line = place.replace("$0", "")
    target = {"2": ("name: crm", "crm")}.get(mark, (line, mark))
    text = with_registry("entity: Lead", (target[0], f"{target[1]} def"))
    check_definition(text.replace(line, place, 1))


def test_the_registry_yaml_answers_where_no_registry_can_be_read() -> None:
    it = workspace(with_registry("entity: Lead\nschema: management$0", ("name: crm", "crm def")))
    analysis = replace(it.analysis(registry=False), registry_document=it.documents[REGISTRY_PATH])
    assert {spot(link.target) for link in definition(analysis, it.document(), it.offset, read=it.read)} == it.marked(
        "def"
    )


def test_fields_and_actions() -> None:
    check_definition(
        """
        entity: A
        fields:
          name: text
          ^^^^ def
        translations: {enabled: true, fields: [na$0me]}
        """
    )
    check_definition("entity: A\nactions:\n  - name: clo$0se\n          ^^^^^ def\n")


def test_the_origin_is_the_name_alone() -> None:
    check_origin(
        f"-- a.yaml --\nentity: A\nfields: {{c: 'ref(crm.Con$0tact)'}}\n                     ^^^^^^^ origin\n{CONTACT}"
    )
    check_origin("entity: 'Le$0ad'\n         ^^^^ origin\n")


MANY = """
-- crm/contact.yaml --
entity: Contact
        ^^^^^^^ def
schema: crm
fields:
  boss: ref(Contact)
            ^^^^^^^ ref
-- crm/task.yaml --
entity: Task
schema: crm
fields: {a: ref(crm.Contact), b: "ref(contact|Other)"}
                                      ^^^^^^^ ref
                    ^^^^^^^ ref
actions:
  - name: a
    steps:
      - insert: Contact
                ^^^^^^^ ref
      - validate: Contact = 1
table_views:
  include_relations: [{Contact: {fields: [a]}}]
                       ^^^^^^^ ref
-- sales/contact.yaml --
entity: Contact
schema: sales
fields: {own: ref(Contact), other: ref(crm.Contact)}
                                           ^^^^^^^ ref
-- sales/lead.yaml --
entity: Lead
schema: sales
fields: {c: ref(Contact)}
"""


@pytest.mark.parametrize(
    "cursor", ["entity: Con$0tact\n", "boss: ref(Con$0tact)", "insert: $0Contact", "{Con$0tact: {f"]
)
def test_references_of_an_entity(cursor: str) -> None:
    check_references(MANY.replace(cursor.replace("$0", ""), cursor, 1))


def test_references_of_an_entity_include_its_registration() -> None:
    file = "entity: Contact\n        ^^^^^^^ def\nschema: crm\nfields: {c: ref(Con$0tact)}\n                ^^^^^^^ ref"
    check_references(with_registry(file, ("Contact:", "Contact ref")))


def test_references_of_an_entity_that_only_the_registry_has() -> None:
    file = "entity: Lead\nfields: {g: ref(Gh$0ost)}\n                ^^^^^ ref"
    check_references(with_registry(file, ("Ghost:", "Ghost def")))


DOMAIN = """entity: Lead
schema: crm
        ^^^ ref
organization:
  domain_name: management
               ^^^^^^^^^^ ref
fields: {a: ref(crm.Ghost), b: ref(sales.Ghost)}
                ^^^ ref"""


@pytest.mark.parametrize(
    "cursor", ["schema: c$0rm", "domain_name: man$0agement", "name: c$0rm", "ref(c$0rm.", "'$02':", "[manage$0ment]"]
)
def test_references_of_a_domain(cursor: str) -> None:
    text = with_registry(DOMAIN, ("name: crm", "crm def"), ("crm: {customer", "crm ref"))
    check_references(text.replace(cursor.replace("$0", ""), cursor, 1))


def test_references_of_a_schema_of_the_framework() -> None:
    file = "entity: A\nschema: com$0mon\n        ^^^^^^ ref"
    check_references(f"-- a.yaml --\n{file}\n-- b.yaml --\n{file.replace('$0', '').replace('com', 'Com')}")


@pytest.mark.parametrize("cursor", ["subdomain: cus$0tomer", "name: cus$0tomer"])
def test_references_of_a_subdomain(cursor: str) -> None:
    file = "entity: Lead\nschema: management\norganization:\n  subdomain: customer\n             ^^^^^^^^ ref"
    text = with_registry(file, ("name: customer", "customer def"), ("crm: {customer", "customer ref"))
    check_references(text.replace(cursor.replace("$0", ""), cursor, 1))


@pytest.mark.parametrize("cursor", ["table_code: '01203$01'\n", "table_code: '0120$031',"])
def test_references_of_a_table_code(cursor: str) -> None:
    file = "entity: Lead\norganization:\n  table_code: '012031'\n               ^^^^^^ ref"
    text = with_registry(file, ("Contact:", "012031 def"))
    check_references(text.replace(cursor.replace("$0", ""), cursor, 1))


def test_the_text_of_the_editor_counts_before_the_index() -> None:
    it = workspace("-- a.yaml --\nentity: A\nfields: {b: ref(B)}\n-- b.yaml --\nentity: B\n")
    analysis = it.analysis()
    newer = type(it.document())(it.document().uri, "# a line more\nentity: A\nfields: {b: ref(B), c: ref(B)}\n")
    found = references(analysis, newer, newer.text.index("B)"), with_definition=False, read=it.read)
    assert [spot(place)[1:] for place in found] == [(2, 16, 17), (2, 27, 28)]


def test_a_line_that_is_not_ascii_keeps_its_columns() -> None:
    file = "entity: A\nfields: {ä😀: ref(B$0)}\n                 ^ ref"
    check_references(f"-- a.yaml --\n{file}\n-- b.yaml --\nentity: B\n        ^ def\n")
