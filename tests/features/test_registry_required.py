"""What SpecQL needs of a registry YAML: reported at its place, added by fixes and by an export, and by nothing else."""

from __future__ import annotations

import re

import pytest
import yaml

from specql_lsp.config import Settings
from specql_lsp.features import diagnostics
from specql_lsp.features.code_actions import code_actions
from specql_lsp.features.model import CodeAction, Severity
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.language.table_code import short_code, short_codes
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.registry.yaml_edits.export import export_registry
from specql_lsp.registry.yaml_edits.required import required
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.support import REGISTRY, REGISTRY_URI, check, document, snapshot
from tests.features.test_registry_edits import changes
from tests.support.exports import LATER, NOW, STAMP, exported

HEAD = "domains:\n  '2':\n    name: crm\n    description: d\n    subdomains:\n"
SUBDOMAIN = HEAD + "      '03':\n        name: c\n        description: d\n        next_entity_sequence: 1\n"


def completed(text: str, known: Snapshot | None = None) -> str:
    """The text after all that SpecQL needs was added."""
    after = apply(text, required(document(text, REGISTRY_URI), NOW, known))
    assert required(document(after, REGISTRY_URI), LATER, known) == ()
    return after


# What is reported


@pytest.mark.parametrize(
    ("head", "marked"),
    [
        (
            "",
            """\
        domains:
          '2':
          ^^^ invalid-registry: SpecQL 0.9.2 cannot read domain 2: name and description are missing.
        """,
        ),
        (
            "",
            """\
        domains:
          '2': {name: crm}
          ^^^ invalid-registry: SpecQL 0.9.2 cannot read domain 2 (crm): description is missing.
        """,
        ),
        (
            HEAD,
            """\
              '03':
              ^^^^ invalid-registry: subdomain 03 (c): description and next_entity_sequence are missing
                name: c
        """,
        ),
        (
            "",
            """\
        domains:
          '2':
            name: crm
            description: d
            aliases:
            ^^^^^^^ invalid-registry: cannot read this aliases: it needs a list
            subdomains: ~
                        ^ invalid-registry: cannot read this subdomains: it needs a mapping
        """,
        ),
        (
            "",
            """\
        domains:
          2: {name: crm, description: d}
          ^ invalid-registry: does not find domain 2 (crm): YAML 1.1 reads it as the integer 2; quote it.
        """,
        ),
        (
            HEAD,
            """\
              03: {name: c, description: d, next_entity_sequence: 1}
              ^^ invalid-registry: does not find subdomain 03 (c): YAML 1.1 reads it as the octal integer 3; quote it.
              '04': {name: c, description: d, next_entity_sequence: '5'}
                                                                    ^^^ invalid-registry: cannot count with a text
        """,
        ),
        (
            SUBDOMAIN,
            """\
                entities:
                  Contact: '012031'
                  ^^^^^^^ invalid-registry: it needs table_code, entity_code and assigned_at, and finds the code alone
                  Tag: {table_code: '012032', entity_code: TGA}
                  ^^^ invalid-registry: cannot read the entity Tag: assigned_at is missing
                  yes: {table_code: '012033', entity_code: YES, assigned_at: x}
                  ^^^ invalid-registry: cannot read the entity yes: YAML 1.1 reads its name as the boolean true
        """,
        ),
        (
            "",
            """\
        schema_layers: {00: common}
                        ^^ invalid-registry: does not find the schema layer 00: YAML 1.1 reads it as the octal integer 0
        domains: {}
        reserved_codes: [012031]
                         ^^^^^^ invalid-registry: the octal integer 5145
        """,
        ),
        # What a migration refuses, and nothing else says.
        (
            "",
            """\
        domains:
          '2': {name: crm, description: d, aliases: management}
                                                    ^^^^^^^^^^ invalid-registry: aliases must hold a list of texts.
          '3': {name: b, description: d, multi_tenant: perhaps}
                                                       ^^^^^^^ invalid-registry: must be true or false
        """,
        ),
    ],
)
def test_what_is_reported_and_where(head: str, marked: str) -> None:
    for finding in check(head + re.sub("^ {8}", "", marked, flags=re.MULTILINE), uri=REGISTRY_URI):
        assert finding.severity is Severity.ERROR


def test_a_complete_registry_has_nothing_to_report() -> None:
    assert check(REGISTRY, uri=REGISTRY_URI) == ()
    assert completed(REGISTRY) == REGISTRY


def test_a_registry_that_specql_stops_on_is_read_all_the_same() -> None:
    text = "domains: {2: {name: crm, subdomains: {03: {name: c, entities: {Contact: '012031'}}}}}\n"
    (registration,) = snapshot(text).by_entity("Contact")
    assert registration.entity.table_code == "012031"
    assert registration.subdomain.number == "03"


def test_what_a_syntax_error_hides_is_not_called_missing() -> None:
    text = "domains:\n  '2':\n    name: crm\n    description: 'd\n    subdomains: {}\n"
    found = diagnostics.check(
        Analysis(Settings(), RegistryState(Provenance()), WorkspaceIndex(())), document(text, REGISTRY_URI)
    )
    assert {finding.code for finding in found} == {"yaml-syntax"}


# What is added


def test_what_is_added_leaves_every_other_character() -> None:
    text = """\
# Ours
domains:
  '2':   # customers
    name: crm

    # what follows is ours
    subdomains:
      03:
        name: "customer"
        entities:
          Contact: &c '012031'   # people
          Company: {table_code: "012035"}
          Tag:
            table_code: '012037'  # ask first
            sequence: 7
other: *c
"""
    assert changes(text, completed(text)) == [
        "+    description: ''",
        "-      03:",
        "+      '03':",
        "+        description: ''",
        "+        next_entity_sequence: 8",
        "-          Contact: &c '012031'   # people",
        '-          Company: {table_code: "012035"}',
        f"+          Contact: {{table_code: &c '012031', entity_code: CNT, assigned_at: '{STAMP}'}}   # people",
        f"+          Company: {{table_code: \"012035\", entity_code: CMP, assigned_at: '{STAMP}'}}",
        "+            entity_code: TGA",
        f"+            assigned_at: '{STAMP}'",
    ]


def test_what_a_registry_knows_is_added_as_it_has_it() -> None:
    text = "domains:\n  '2':\n    subdomains:\n      '03':\n        name: c\n        entities:\n          Contact: {}\n"
    contact = Entity("Contact", "012034", 4, "KON", "2025-01-01")
    known = Snapshot((Domain("2", "crm", "Customers", False, (), (Subdomain("03", "c", "People", 9, (contact,)),)),))
    assert yaml.safe_load(completed(text, known)) == {
        "domains": {
            "2": {
                "name": "crm",
                "description": "Customers",
                "subdomains": {
                    "03": {
                        "name": "c",
                        "description": "People",
                        "next_entity_sequence": 9,
                        "entities": {
                            "Contact": {"table_code": "012034", "entity_code": "KON", "assigned_at": "2025-01-01"}
                        },
                    }
                },
            }
        }
    }
    # Nobody else can know a name or a code.
    assert "name: ''" not in completed(text)
    assert "table_code" not in completed(text)


def test_what_stands_behind_an_alias_is_completed_once() -> None:
    text = "base: &b\n  name: crm\ndomains:\n  '2': *b\n  '3': *b\n"
    assert completed(text) == "base: &b\n  name: crm\n  description: ''\ndomains:\n  '2': *b\n  '3': *b\n"
    merged = "base: &b {description: d}\ndomains:\n  '2':\n    <<: *b\n    name: crm\n"
    assert completed(merged) == merged


# Short codes


def test_a_short_code_is_given_once_in_a_registry() -> None:
    assert [code for code, _ in zip(short_codes("Contact"), range(8), strict=False)] == [
        "CNT",
        "CNO",
        "CNN",
        "CNT",
        "CNA",
        "CNC",
        "CNT",
        "CON",
    ]
    names = ["Contact", "Contract", "Connect", "Cnt", "C", "CC", "c_n_t", "Co", "ÉCL", "Éclair"]
    entities = tuple(Entity(name, f"01203{n:X}", n) for n, name in enumerate(names, 1))
    postgresql = Snapshot((Domain("2", "crm", "", False, (), (Subdomain("03", "c", "", 1, entities),)),))
    after = exported(postgresql, None)
    codes = {
        n: e["entity_code"] for n, e in yaml.safe_load(after)["domains"]["2"]["subdomains"]["03"]["entities"].items()
    }
    assert len({code.upper() for code in codes.values()}) == len(names)
    assert codes["Contact"] == "CNT"
    assert codes["Éclair"] != "ÉCL" == codes["ÉCL"]
    assert exported(postgresql, None) == after


def test_a_code_that_the_file_has_is_not_given_again_and_not_changed() -> None:
    text = REGISTRY.replace("entity_code: CMP", "entity_code: cnt")
    crm = snapshot(text).domain_numbered("2")
    assert crm is not None
    core, customer = crm.subdomains
    postgresql = Snapshot(
        d._replace(subdomains=(core._replace(entities=(Entity("Count", "012011"),)), customer)) if d == crm else d
        for d in snapshot(text).domains
    )
    added = [line for line in changes(text, export_registry(postgresql, text, NOW)) if "entity_code" in line]
    assert added == ["+            entity_code: CNO"]


def test_short_codes_of_odd_names() -> None:
    assert [short_code(name) for name in ("Aya", "Éclair", "tax_rate", "A", "", "ß", "_x")] == [
        "AYA",
        "ÉCL",
        "TXR",
        "A",
        "",
        "SS",
        "_X",
    ]
    assert next(code for code in short_codes("") if code) == "2"


# Code actions


def actions(text: str, at: str, known: Snapshot | None = None) -> list[CodeAction]:
    it = Document(REGISTRY_URI, text, 1, is_registry=True)
    source = Source.POSTGRESQL if known is not None else Source.YAML
    analysis = Analysis(Settings(), RegistryState(Provenance(source), known or snapshot(text)), WorkspaceIndex(()), it)
    found = tuple(f for f in diagnostics.check(analysis, it) if f.span.contains(text.index(at)))
    return list(code_actions(analysis, it, found[0].span, found, NOW))


def test_a_fix_for_the_place_and_one_for_the_file() -> None:
    text = SUBDOMAIN.replace("        description: d\n", "") + "        entities: {Contact: '012031', Tag: }\n"
    one, every = actions(text, "'03'")
    assert (one.title, one.preferred) == ("Add description to subdomain 03 (c)", True)
    assert changes(text, apply(text, one.edits)) == ["+        description: ''"]
    assert every.title == "Add everything that SpecQL 0.9.2 needs to this file"
    assert apply(text, every.edits) == completed(text)
    assert [action.title for action in actions(text, "Contact")] == [
        "Add entity_code and assigned_at to the entity Contact",
        every.title,
    ]
    assert actions(text, "Tag")[0].title == "Add entity_code and assigned_at to the entity Tag"
    (only,) = actions(SUBDOMAIN.replace("'03'", "03"), "03")
    assert only.title == "Quote 03"


def test_what_postgresql_knows_goes_into_the_fix() -> None:
    text = "domains:\n  '2':\n    multi_tenant: true\n"
    known = Snapshot((Domain("2", "crm", "Customers", True),))
    (one,) = actions(text, "'2'", known)
    assert one.title == "Add name and description to domain 2"
    assert apply(text, one.edits) == (
        "domains:\n  '2':\n    name: crm\n    description: Customers\n    multi_tenant: true\n"
    )
