"""What PyYAML reads is what counts: every fact of a file, behind aliases and merge keys, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from specql_lsp.features import diagnostics
from specql_lsp.features.entity_edits import set_table_code, why_no_table_code
from specql_lsp.registry.consistency.comparison import compare
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.yaml_edits.edits import keep_all_of_postgresql, why_not_in_yaml
from specql_lsp.syntax.editing.text_edit import apply
from specql_lsp.syntax.nodes import Mapping, Scalar
from specql_lsp.syntax.parsing.parse import parse
from specql_lsp.workspace.documents import Document
from tests.features.support import REGISTRY, REGISTRY_URI, analysis, document, snapshot
from tests.support.effort import times
from tests.support.exports import NOW

CODE = "01203A"


def text_of(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def facts(text: str) -> dict[str, object]:
    """The facts of an entity file as we read them."""
    entity = document(text).entity
    assert entity is not None
    return {
        "name": entity.name.value if entity.name else None,
        "schema": entity.schema_node.value if entity.schema_node else None,
        "code": entity.table_code.value if entity.table_code else None,
        "domain": entity.domain_name.value if entity.domain_name else None,
        "subdomain": entity.subdomain.value if entity.subdomain else None,
        "description": entity.description,
        "fields": sorted(field.name for field in entity.fields),
        "references": sorted(r.name for r in entity.references),
    }


def read(text: str) -> dict[str, object]:
    """The same facts of what PyYAML reads."""
    root: dict[str, Any] = yaml.safe_load(text)
    entity = root["entity"]
    inner: dict[str, Any] = entity if isinstance(entity, dict) else {}
    organization = root.get("organization") or {}
    fields = inner["fields"] if "fields" in inner else root.get("fields") or {}
    types = [value.get("type") if isinstance(value, dict) else value for value in fields.values()]
    return {
        "name": text_of(inner.get("name") if inner else entity),
        "schema": text_of(inner.get("schema", root.get("schema"))),
        "code": text_of(organization.get("table_code")),
        "domain": text_of(organization.get("domain_name", organization.get("domain"))),
        "subdomain": text_of(organization.get("subdomain")),
        "description": inner.get("description", root.get("description")),
        "fields": sorted(fields),
        "references": sorted(each[4:-1] for each in types if isinstance(each, str) and each.startswith("ref(")),
    }


@pytest.mark.parametrize(
    "text",
    [
        "x: &s crm\nentity: A\nschema: *s\n",
        "x: &n A\nentity: *n\n",
        "x: &e {name: A, schema: crm, description: D}\nentity: *e\n",
        "x: &e {name: A, schema: crm}\nentity: {<<: *e, schema: catalog}\n",
        "base: &b {table_code: '012031', domain: crm}\nentity: A\norganization: {<<: *b}\n",
        "base: &b {table_code: '012031', domain: crm}\nentity: A\norganization:\n  domain: catalog\n  <<: *b\n",
        "base: &b\n  table_code: '012031'\nentity: A\norganization: *b\n",
        "c: &c '012031'\nentity: A\norganization: {table_code: *c}\n",
        "base: &b {entity: A, schema: crm, organization: {table_code: '012031'}}\n<<: *b\nschema: catalog\n",
        "a: &a {schema: one}\nb: &b {schema: two}\n<<: [*a, *b]\nentity: A\n",
        "a: &a {schema: one}\nb: &b {schema: two}\n<<: *a\n<<: *b\nentity: A\n",
        "a: &a {schema: one}\nb: &b {<<: *a, schema: two}\nc: &c {<<: *b}\n<<: *c\nentity: A\n",
        "f: &f {id: text, other: ref(B)}\nentity: A\nfields:\n  <<: *f\n  other: text\n  third: ref(C)\n",
        "f: &f {a: text}\nentity: A\nfields: *f\n",
        "t: &t ref(B)\nentity: A\nfields: {b: *t, c: {type: *t}}\n",
        "f: &f {type: ref(B)}\nentity: A\nfields: {b: *f, c: {<<: *f}}\n",
        "k: &k schema\nentity: A\n*k : crm\n",
        "entity: A\norganization: &o\n  <<: *o\n  table_code: '012031'\n",
        "entity: A\n'<<': {schema: crm}\n",
        "entity: A\nfields: {<<: [{a: text}, {a: ref(B)}]}\n",
        "entity: A\nfields: {<<: [{aa: text}, {aa: ref(B)}]}\n",
        "entity: A\n!!merge x: {schema: crm}\n",
        "d: &d |\n  two\n  lines\nentity: A\ndescription: *d\n",
    ],
)
def test_facts_behind_aliases_and_merge_keys(text: str) -> None:
    assert facts(text) == read(text)


PARTS = st.lists(
    st.sampled_from(
        [
            "schema: crm",
            "schema: *s",
            "<<: *m1",
            "<<: *m2",
            "<<: [*m1, *m2]",
            "<<: [*m2, *m1]",
            "<<: {schema: inline, description: inline}",
            "organization: *o1",
            "organization: {<<: *o1, table_code: '012039'}",
            "organization: {<<: [*o1, *o2]}",
            "organization: {<<: *o2}",
            "organization: {subdomain: *s, <<: *o1}",
            "organization: {table_code: *c}",
            "fields: *f1",
            "fields: {<<: *f1, b: text}",
            "fields: {<<: [*f2, *f1], q: *t}",
            "description: *s",
            "description: *d",
        ]
    ),
    max_size=5,
    unique_by=lambda part: part if part.startswith("<<") else part.partition(":")[0],
)
ANCHORS = """\
anchors:
  - &s sales
  - &c '012035'
  - &d >-
    folded
    text
  - &t ref(Target)
  - &o1 {table_code: '012031', domain: crm}
  - &o2 {<<: *o1, table_code: '012032', subdomain: '03', domain_name: *s}
  - &f1 {a: text, b: ref(B), cc: *t}
  - &f2 {<<: *f1, a: ref(A), cc: text}
  - &m1 {schema: one, description: first, fields: *f2}
  - &m2 {<<: *m1, schema: two, organization: *o2}
"""


@settings(max_examples=times(150), deadline=None)
@given(PARTS, st.sampled_from(["entity: E\n", "entity: {name: E, schema: inner}\n", "entity: *s\n"]))
def test_any_facts_are_those_that_pyyaml_reads(parts: list[str], entity: str) -> None:
    text = ANCHORS + entity + "".join(f"{part}\n" for part in parts)
    assert facts(text) == read(text)


@settings(max_examples=times(150), deadline=None)
@given(PARTS)
def test_a_code_is_put_in_without_another_change(parts: list[str]) -> None:
    text = ANCHORS + "entity: E\n" + "".join(f"{part}\n" for part in parts)
    it = document(text)
    edits = set_table_code(it, CODE)
    if why_no_table_code(it) is not None:
        assert not edits
        return
    before, after = yaml.safe_load(text), yaml.safe_load(apply(text, edits))
    assert after.pop("organization") == {**(before.pop("organization", None) or {}), "table_code": CODE}
    assert after == before


def registry_facts(text: str) -> object:
    it = Document(REGISTRY_URI, text, is_registry=True)
    assert it.registry is not None
    snapshot = snapshot_of(it.registry, it.tree)
    return {
        domain.number: (
            domain.name,
            domain.description,
            list(domain.aliases),
            {
                sub.number: (sub.name, sub.next_entity_sequence, {e.name: e.table_code for e in sub.entities})
                for sub in domain.subdomains
            },
        )
        for domain in snapshot.domains
    }


def registry_read(text: str) -> object:
    return {
        number: (
            domain["name"],
            domain.get("description"),
            domain.get("aliases", []),
            {
                sub_number: (
                    sub["name"],
                    sub.get("next_entity_sequence"),
                    {n: e["table_code"] if isinstance(e, dict) else e for n, e in (sub.get("entities") or {}).items()},
                )
                for sub_number, sub in domain.get("subdomains", {}).items()
            },
        )
        for number, domain in yaml.safe_load(text)["domains"].items()
    }


@pytest.mark.parametrize(
    "domains",
    [
        "'2': {<<: *domain}",
        "'2': {<<: *domain, name: crm}",
        "'2': *domain",
        "<<: {'1': *domain, '2': {name: two}}\n  '2': {name: crm}",
        "<<: [{'2': {name: first}}, {'2': {name: second}}]",
        "<<: [{'22': {name: first}}, {'22': {name: second}}]",
        "'2': {name: *text, description: *text, aliases: [*text, other]}",
        "'2': {name: crm, subdomains: {<<: *subdomains, '04': *sub}}",
        "'2': {name: crm, subdomains: {'03': {<<: *sub, name: other, entities: {<<: *entities, New: *code}}}}",
        "'2': {name: crm, subdomains: {'03': {name: a, entities: {*text : *code, B: {<<: {table_code: *code}}}}}}",
    ],
)
def test_a_registry_behind_aliases_and_merge_keys(domains: str) -> None:
    text = f"""\
anchors:
  - &text sales
  - &code '012031'
  - &entities {{A: {{table_code: *code}}, C: '012033'}}
  - &sub {{name: customer, next_entity_sequence: 5, entities: *entities}}
  - &subdomains {{'03': *sub, '05': {{name: five}}}}
  - &domain {{name: base, description: *text, aliases: [x], subdomains: *subdomains}}
domains:
  {domains}
"""
    assert registry_facts(text) == registry_read(text)


def found(text: str, *files: str) -> list[str]:
    others = [document(other, f"file:///workspace/entities/{number}.yaml") for number, other in enumerate(files)]
    it = document(text)
    return [finding.code for finding in diagnostics.check(analysis(it, *others, registry=REGISTRY), it)]


def test_a_merged_code_is_neither_missing_nor_free() -> None:
    base = "base: &b {{table_code: '{}'}}\nentity: New\nschema: crm\norganization: {{<<: *b}}\n"
    assert found(base.format("01203A")) == ["unregistered-table-code"]
    assert found(base.format("012034")) == ["table-code-taken"]
    assert "table-code-taken" in found(base.format("01203A"), base.format("01203A").replace("New", "Other"))


def test_an_aliased_schema_is_one() -> None:
    assert "unknown-domain" in found("x: &s nowhere\nentity: New\nschema: *s\n")
    assert "unknown-domain" not in found("x: &s crm\nentity: New\nschema: *s\n")


MERGED_REGISTRY = """\
anchors:
  base: &base {name: crm, description: shared, multi_tenant: true}
  subs: &subs {'03': {name: customer, entities: {Contact: {table_code: '012031'}}}}
domains:
  '2':
    <<: *base
    # own
    description: own
    subdomains:
      <<: *subs
      '04':
        name: sales
        next_entity_sequence: 3
        entities:
          Order: {table_code: '012041'}
  '3':
    <<: *base
    name: catalog
"""


def kept(change: Callable[[Any], None], text: str = MERGED_REGISTRY) -> tuple[str, list[str]]:
    """The YAML after it is made to hold another registry, and what it still does not hold."""
    wanted = yaml.safe_load(text)
    change(wanted["domains"])
    postgresql = snapshot(yaml.safe_dump(wanted))
    for _ in range(10):
        it = document(text, REGISTRY_URI)
        assert it.registry is not None
        differing = compare(postgresql, snapshot_of(it.registry, it.tree))
        edits = keep_all_of_postgresql(it, differing, postgresql, NOW)
        if not edits:
            break
        text = apply(text, edits)
        yaml.safe_load(text)
    return text, [why_not_in_yaml(it, d, postgresql) or d.message for d in differing]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["2"].update(name="sales"),
        lambda d: d["2"].update(description="other"),
        lambda d: d["2"].update(multi_tenant=False),
        lambda d: d["2"].update(aliases=["a", "b"]),
        lambda d: d["3"].update(description="new"),
        lambda d: d["2"]["subdomains"]["04"].update(name="selling", next_entity_sequence=9),
        lambda d: d["2"]["subdomains"]["04"]["entities"].update(New={"table_code": "012042"}),
        lambda d: d["2"]["subdomains"]["04"]["entities"].pop("Order"),
        lambda d: d["2"]["subdomains"].update({"05": {"name": "five", "entities": {"E": {"table_code": "012051"}}}}),
        lambda d: d["2"]["subdomains"].update({"01": {"name": "one", "entities": {}}}),
        lambda d: d["2"]["subdomains"].pop("04"),
        lambda d: d["3"].update(subdomains={"01": {"name": "one", "entities": {}}}),
        lambda d: d.update({"5": {"name": "five", "subdomains": {}}}),
        lambda d: d.pop("3"),
    ],
)
def test_a_registry_that_merges_gets_keys_of_its_own(change: Callable[[Any], None]) -> None:
    text, left = kept(change)
    assert not left
    wanted = yaml.safe_load(MERGED_REGISTRY)
    assert yaml.safe_load(text)["anchors"] == wanted["anchors"]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["2"]["subdomains"]["03"].update(name="other"),
        lambda d: d["2"]["subdomains"].pop("03"),
        lambda d: d["2"]["subdomains"]["03"]["entities"].pop("Contact"),
        lambda d: d["2"]["subdomains"]["03"]["entities"].update(New={"table_code": "012032"}),
        lambda d: d["2"]["subdomains"]["03"]["entities"]["Contact"].update(table_code="012033"),
    ],
)
def test_what_is_merged_is_not_changed_where_it_is_written(change: Callable[[Any], None]) -> None:
    text, left = kept(change)
    assert text == MERGED_REGISTRY
    (message,) = left
    assert message.startswith("It comes from a merge key (<<)")


def test_merging_again_and_again_is_linear() -> None:
    text = "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 60))
    tree = parse(text)
    root = tree.root
    assert isinstance(root, Mapping)
    last = tree.mapping(root.value("a59"))
    assert last is not None
    assert [entry.name for entry in last.entries] == ["k"]


@given(
    st.lists(st.sampled_from(["&a ", "*a", "<<: ", "x: ", "{", "}", "[", "]", ", ", "\n", "\n  ", "- "]), max_size=25)
)
def test_any_text_is_read_without_an_exception(pieces: list[str]) -> None:
    tree = parse("".join(pieces))
    read_root = tree.mapping(tree.root)
    assume(read_root is not None)
    assert read_root is not None
    for entry in read_root.entries:
        tree.mapping(entry.value)
        assert entry.value is None or isinstance(entry.value, Scalar) or entry.value.span.end <= len(tree.text)
