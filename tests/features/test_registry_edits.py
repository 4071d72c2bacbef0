"""PostgreSQL's values put into the registry YAML, one discrepancy at a time."""

from __future__ import annotations

import difflib
import itertools
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.syntax.editing.text_edit import apply
from tests.features.support import REGISTRY_URI, document, snapshot
from tests.support.corpus import REGISTRIES, name_of
from tests.support.effort import times
from tests.support.exports import NOW, STAMP, keep_postgresql

REGISTRY = """\
schema_layers:
  '00': common
  '01': write_side
  '02': read_side
  '03': functions
domains:
  '1':
    name: core
    subdomains:
      '01':
        name: i18n
        entities: {}
  '2':
    name: crm
    aliases:
    - management
    multi_tenant: true
    subdomains:
      '01':
        name: core
        entities: {}
      '03':
        name: customer
        description: Customers
        next_entity_sequence: 5
        entities:
          Contact:
            table_code: '012034'
            entity_code: CNT
          Company:
            table_code: '012035'
  '3':
    name: catalog
    subdomains:
      '02':
        name: manufacturer
        entities:
          Manufacturer: '013021'
reserved_codes: ['000000', '999999', '01203E']
subdomain_inference:
  crm:
    customer:
      patterns: [contact, company, customer]
"""
"""As registries in the wild are: SpecQL stops at several places, which an edit elsewhere leaves as they are."""


def resolved(text: str, postgresql: Snapshot) -> str:
    """The text after every discrepancy was resolved, each by itself."""
    discrepancies = compare(postgresql, snapshot(text))
    for _ in range(500):
        if not discrepancies:
            yaml.safe_load(text)
            return text
        resolving = discrepancies[0]
        edits = keep_postgresql(document(text, REGISTRY_URI), resolving, postgresql, NOW)
        assert edits, resolving
        ordered = sorted(edits, key=lambda e: e.span)
        assert all(a.span.end <= b.span.start for a, b in itertools.pairwise(ordered))
        text = apply(text, edits)
        yaml.load(text, yaml.CSafeLoader)  # the one in Python takes twenty times as long
        discrepancies = compare(postgresql, snapshot(text))
        assert resolving not in discrepancies, (resolving, text)
    raise AssertionError("It does not come to an end.")


def changes(before: str, after: str) -> list[str]:
    """The lines taken out and put in."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def with_domain(text: str, number: str, **values: object) -> Snapshot:
    it = snapshot(text)
    return Snapshot((d._replace(**values) if d.number == number else d for d in it.domains), it.rules)  # type: ignore[arg-type]


def with_subdomain(text: str, domain: str, number: str, **values: object) -> Snapshot:
    found = snapshot(text).domain_numbered(domain)
    assert found is not None
    subdomains = tuple(s._replace(**values) if s.number == number else s for s in found.subdomains)  # type: ignore[arg-type]
    return with_domain(text, domain, subdomains=subdomains)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": "sales"}, ["-    name: crm", "+    name: sales"]),
        ({"name": "yes"}, ["-    name: crm", "+    name: 'yes'"]),
        ({"description": "a: b"}, ["+    description: 'a: b'"]),
        ({"multi_tenant": False}, ["-    multi_tenant: true", "+    multi_tenant: false"]),
        ({"aliases": ("management", "dim")}, ["+    - dim"]),
        ({"aliases": ("dim",)}, ["-    - management", "+    - dim"]),
        ({"aliases": ()}, ["-    aliases:", "-    - management", "+    aliases: []"]),
    ],
)
def test_attributes_of_a_domain(values: dict[str, object], expected: list[str]) -> None:
    assert changes(REGISTRY, resolved(REGISTRY, with_domain(REGISTRY, "2", **values))) == expected


def test_aliases_in_the_files_style() -> None:
    flow = REGISTRY.replace("    aliases:\n    - management\n", '    aliases: ["management"]\n')
    assert changes(flow, resolved(flow, with_domain(flow, "2", aliases=("management", "dim")))) == [
        '-    aliases: ["management"]',
        '+    aliases: ["management", "dim"]',
    ]
    assert changes(flow, resolved(flow, with_domain(flow, "3", aliases=("dim",)))) == ['+    aliases: ["dim"]']


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"description": None}, ["-        description: Customers", "+        description: ''"]),
        ({"next_entity_sequence": 7}, ["-        next_entity_sequence: 5", "+        next_entity_sequence: 7"]),
    ],
)
def test_attributes_of_a_subdomain(values: dict[str, object], expected: list[str]) -> None:
    assert changes(REGISTRY, resolved(REGISTRY, with_subdomain(REGISTRY, "2", "03", **values))) == expected


def registered(name: str, table_code: str, entity_code: str) -> list[str]:
    """The lines of a new entity."""
    return [
        f"+          {name}:",
        f"+            table_code: '{table_code}'",
        f"+            entity_code: {entity_code}",
        f"+            assigned_at: '{STAMP}'",
    ]


CONTACT, COMPANY = Entity("Contact", "012034"), Entity("Company", "012035")


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        (
            (CONTACT, COMPANY._replace(table_code="012036")),
            ["-            table_code: '012035'", "+            table_code: '012036'"],
        ),
        ((CONTACT, COMPANY, Entity("Tag", "012037")), registered("Tag", "012037", "TGA")),
        ((CONTACT,), ["-          Company:", "-            table_code: '012035'"]),
        (
            (),
            [
                "-        entities:",
                "-          Contact:",
                "-            table_code: '012034'",
                "-            entity_code: CNT",
                "-          Company:",
                "-            table_code: '012035'",
                "+        entities: {}",
            ],
        ),
    ],
)
def test_entities(entities: tuple[Entity, ...], expected: list[str]) -> None:
    assert changes(REGISTRY, resolved(REGISTRY, with_subdomain(REGISTRY, "2", "03", entities=entities))) == expected


@pytest.mark.parametrize("written", [" {}", " null", " ~  # none", "", " {}  # none", "\n          # Old: '1'"])
def test_the_first_entity(written: str) -> None:
    text = REGISTRY.replace("name: core\n        entities: {}\n", f"name: core\n        entities:{written}\n")
    assert text != REGISTRY or written == " {}"
    after = resolved(text, with_subdomain(text, "2", "01", entities=(Entity("Tag", "012011"),)))
    assert "          Tag:\n            table_code: '012011'\n" in after
    comment = written.partition("#")[2]
    assert comment in after


def test_the_first_entity_where_the_key_is_missing() -> None:
    text = REGISTRY.replace("name: core\n        entities: {}\n", "name: core\n")
    after = resolved(text, with_subdomain(text, "2", "01", entities=(Entity("Tag", "012011"),)))
    assert changes(text, after) == ["+        entities:", *registered("Tag", "012011", "TGA")]


def test_a_code_that_stands_alone_becomes_what_specql_reads() -> None:
    entities = (Entity("Manufacturer", "013022"),)
    after = resolved(REGISTRY, with_subdomain(REGISTRY, "3", "02", entities=entities))
    assert changes(REGISTRY, after) == [
        "-          Manufacturer: '013021'",
        *registered("Manufacturer", "013022", "MNF"),
    ]


def test_blocks_stand_in_the_order_of_their_numbers() -> None:
    new = Subdomain("02", "sales", "Sales", 1, (Entity("Quote", "012021"),))
    domain = snapshot(REGISTRY).domain_numbered("2")
    assert domain is not None
    after = resolved(REGISTRY, with_domain(REGISTRY, "2", subdomains=(*domain.subdomains, new)))
    assert changes(REGISTRY, after) == [
        "+      '02':",
        "+        name: sales",
        "+        description: Sales",
        "+        next_entity_sequence: 1",
        "+        entities:",
        *registered("Quote", "012021", "QTU"),
    ]
    after = after[after.index("name: crm") :]
    assert after.index("'01':\n        name: core") < after.index("'02':\n        name: sales") < after.index("'03':")


def test_a_domain_added_and_one_removed() -> None:
    it = snapshot(REGISTRY)
    added = Domain("A", "assets", None, True, ("things",), (Subdomain("01", "core"),))
    after = resolved(REGISTRY, Snapshot((it.domains[0], it.domains[2], added)))
    assert (
        "  'A':\n    name: assets\n    description: ''\n    aliases:\n    - things\n    multi_tenant: true\n" in after
    )
    assert "crm\n    aliases" not in after
    assert after.endswith(REGISTRY[REGISTRY.index("reserved_codes") :])


def test_comments_of_the_neighbours_stay() -> None:
    text = (
        "domains:\n  # One\n  '1':\n    name: a\n    subdomains:\n      '01':\n        name: x\n        entities:\n"
        "          # Old: '011011'\n\n  # Two\n  '2':\n    name: b\n    subdomains: {}\n\n# End\nreserved_codes: []\n"
    )
    it = snapshot(text)
    after = resolved(text, Snapshot((it.domains[1],)))
    assert (
        after == "domains:\n  # One\n\n  # Two\n  '2':\n    name: b\n    subdomains: {}\n\n# End\nreserved_codes: []\n"
    )
    more = Snapshot((*it.domains, Domain("15", "c")))
    assert "# Old: '011011'\n\n  # Two" in resolved(text, more)
    one = it.domains[0].subdomains[0]._replace(number="02", name="y")
    after = resolved(
        text, Snapshot((it.domains[0]._replace(subdomains=(*it.domains[0].subdomains, one)), it.domains[1]))
    )
    assert "# Old: '011011'\n      '02':\n" in after


def test_windows_line_endings() -> None:
    text = REGISTRY.replace("\n", "\r\n")
    after = resolved(text, Snapshot(()))
    assert "\n" not in after.replace("\r\n", "")
    again = resolved(after, snapshot(REGISTRY))
    assert "\n" not in again.replace("\r\n", "")


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "domains:\n", "domains: {}", "domains: null # c\n", "version: 1\n"]
)
def test_an_empty_registry(text: str) -> None:
    after = resolved(text, snapshot(REGISTRY))
    assert "Contact:" in after


def test_flow_style() -> None:
    entities = "{Contact: {table_code: '012034'}}"
    text = f"domains: {{'2': {{name: crm, subdomains: {{'03': {{name: customer, entities: {entities}}}}}}}}}\n"
    after = resolved(text, snapshot(REGISTRY))
    assert after.count("\n") == 1
    assert resolved(after, snapshot(text)).count("\n") == 1


TEXTS = st.one_of(
    st.sampled_from(
        [
            "crm",
            "yes",
            "1",
            "a: b",
            "x #y",
            "it's",
            '"q"',
            "-",
            "a, b",
            "[x]",
            "{",
            "é😀",
            "line\nbreak",
            " pad ",
            "null",
        ]
    ),
    st.text(min_size=1, max_size=8).filter(lambda t: "\x00" not in t),
)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,6}", fullmatch=True)
CODES = st.sampled_from(["012031", "01203A", "013", "0120345", "012E31"])
ENTITIES = st.lists(st.builds(Entity, NAMES, CODES), max_size=3, unique_by=lambda e: e.name.lower())


def subdomains() -> st.SearchStrategy[tuple[Subdomain, ...]]:
    one = st.builds(
        Subdomain,
        st.sampled_from(["01", "02", "0A", "10"]),
        TEXTS,
        st.one_of(st.none(), TEXTS),
        st.integers(1, 99),
        ENTITIES.map(tuple),
    )
    return st.lists(one, max_size=3, unique_by=lambda s: s.number).map(tuple)


DOMAIN = st.builds(
    Domain,
    st.sampled_from(["1", "2", "3", "A"]),
    TEXTS,
    st.one_of(st.none(), TEXTS),
    st.booleans(),
    st.lists(TEXTS, max_size=3, unique=True).map(tuple),
    subdomains(),
)
SNAPSHOT = st.lists(DOMAIN, max_size=3, unique_by=lambda d: d.number).map(Snapshot)


def yaml_of(it: Snapshot, style: bool | None) -> str:
    """A registry as PyYAML writes it: block, flow (True), or leaves in flow (None)."""
    tree = {
        d.number: {
            "name": d.name,
            "description": d.description,
            "aliases": list(d.aliases),
            "multi_tenant": d.multi_tenant,
            "subdomains": {
                s.number: {
                    "name": s.name,
                    "next_entity_sequence": s.next_entity_sequence,
                    "entities": {e.name: {"table_code": e.table_code, "entity_code": "ABC"} for e in s.entities}
                    or None,
                }
                for s in d.subdomains
            },
        }
        for d in it.domains
    }
    return yaml.safe_dump(
        {"domains": tree, "reserved_codes": ["000000"]}, default_flow_style=style, allow_unicode=True, width=9999
    )


@settings(deadline=None, max_examples=times(60), suppress_health_check=[HealthCheck.too_slow])
@given(SNAPSHOT, SNAPSHOT, st.sampled_from([False, True, None]))
def test_any_registry_becomes_postgresqls(yaml_side: Snapshot, postgresql: Snapshot, style: bool | None) -> None:
    text = yaml_of(yaml_side, style)
    after = resolved(text, postgresql)
    assert after.rstrip().endswith(text[text.rindex("reserved_codes") :].rstrip())


@pytest.mark.parametrize("path", REGISTRIES, ids=name_of)
def test_real_registries(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for other in REGISTRIES:
        after = resolved(text, snapshot(other.read_text(encoding="utf-8")))
        comments = [line for line in text.split("\n") if line.startswith("#")]
        assert [line for line in after.split("\n") if line.startswith("#")] == comments
    assert resolved(text, snapshot(text)) == text
    again = resolved(resolved(text, Snapshot(())), snapshot(text))
    for name in {entity.name for domain in snapshot(text).domains for s in domain.subdomains for entity in s.entities}:
        assert again.count(f" {name}:") == text.count(f" {name}:")
