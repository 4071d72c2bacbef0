"""Many discrepancies resolved at once in favour of PostgreSQL: one edit of the YAML."""

from __future__ import annotations

from itertools import pairwise

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.registry.consistency.comparison import compare, compare_all
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.refusals import RefusalKind
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.yaml_edits.export import export_registry
from specql_lsp.registry.yaml_edits.resolution import YamlResolution, keep_postgresql_side
from specql_lsp.registry.yaml_edits.text import ParsedText
from specql_lsp.syntax.editing.text_edit import TextEdit, apply, composed
from specql_lsp.syntax.text import Span
from tests.registry.test_consistency import registries
from tests.registry.test_resolution import distinct, shifted
from tests.support.exports import NOW, read
from tests.support.registries import large_registry, small_registry

TEXT = """\
# Ours.
domains:
  '2':
    name: crm
    description: ''
    multi_tenant: false
    subdomains:
      '03':
        name: customer  # who buys
        description: ''
        next_entity_sequence: 3
        entities:
          # the first one
          Contact:
            table_code: '012031'  # never change it
            entity_code: CNT
            assigned_at: '2026-01-20T10:02:30'
          Company:
            table_code: '012032'
            entity_code: CMP
            assigned_at: '2026-01-21T16:45:12'
"""


def registry(*entities: Entity, counter: int = 3) -> Snapshot:
    return Snapshot((Domain("2", "crm", None, False, (), (Subdomain("03", "customer", None, counter, entities),)),))


CONTACT, COMPANY = Entity("Contact", "012031", 1), Entity("Company", "012032", 2)


def kept(text: str, postgresql: Snapshot, *names: str) -> tuple[str, YamlResolution]:
    """The text after PostgreSQL's side was kept, of some entities if any are named."""
    found = [d for d in compare(postgresql, read(text)) if not names or d.entity in names]
    made = keep_postgresql_side(ParsedText(text), found, postgresql, NOW)
    return apply(text, made.edits), made


def test_an_allocated_code_takes_the_counter_along() -> None:
    postgresql = registry(CONTACT, COMPANY, Entity("Lead", "012033", 3), Entity("Offer", "012034", 4), counter=5)
    first, made = kept(TEXT, postgresql, "Lead")
    assert [d.entity for d in made.resolution.resolved] == ["Lead"]
    assert "next_entity_sequence: 4" in first
    assert [d.entity for d in compare(postgresql, read(first))] == ["Offer"]
    second, _ = kept(first, postgresql)
    assert "next_entity_sequence: 5" in second
    assert compare_all(postgresql, read(second)) == ()
    back, _ = kept(second, registry(CONTACT, COMPANY))
    assert back == TEXT


def test_a_renamed_entity_stays_where_it_is() -> None:
    text, made = kept(TEXT, registry(Entity("Person", "012031", 1), COMPANY))
    assert len(made.resolution.resolved) == 2
    assert text == TEXT.replace("          Contact:", "          Person:").replace("CNT", "PRS")


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_untouched_lines_stay(line_break: str) -> None:
    text = TEXT.replace("\n", line_break)
    after, _ = kept(text, registry(CONTACT._replace(table_code="01203A", sequence=10), Entity("Lead", "01203B", 11)))
    lines, now = text.split(line_break), after.split(line_break)
    assert [line for line in lines if "#" in line and "01203" not in line and line not in now] == []
    assert "            table_code: '01203A'  # never change it" in now
    assert yaml.safe_load(after)["domains"]["2"]["subdomains"]["03"]["entities"]["Lead"]["table_code"] == "01203B"


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("        entities:\n", "        entities: {\n"),
        "- 1\n",
        TEXT.replace("name: crm", "name: 'crm"),
    ],
)
def test_a_text_that_is_no_registry_is_refused_as_a_whole(text: str) -> None:
    postgresql = small_registry()
    found = compare(postgresql, read(TEXT))
    made = keep_postgresql_side(ParsedText(text), found, postgresql, NOW)
    assert (made.edits, made.resolution.resolved) == ((), ())
    assert {each.kind for each in made.resolution.refused} == {RefusalKind.CONFLICT}


def test_what_comes_from_a_merge_key_is_refused_and_the_rest_is_done() -> None:
    text = (
        "base: &base {name: core, description: '', next_entity_sequence: 1, entities: {}}\n"
        "domains:\n  '2':\n    name: crm\n    description: ''\n    multi_tenant: false\n    subdomains:\n"
        "      '01': {<<: *base}\n"
        "      '03': {name: customer, description: '', next_entity_sequence: 1, entities: {}}\n"
    )
    postgresql = Snapshot(
        (
            Domain(
                "2",
                "crm",
                "Customers",
                False,
                (),
                (Subdomain("01", "basics", None, 1), Subdomain("03", "customer", None, 1, (Entity("A", "012031", 1),))),
            ),
        )
    )
    after, made = kept(text, postgresql)
    assert "Customers" in after
    assert "012031" in after
    left = compare_all(postgresql, read(after))
    assert {d.message for d in left} == {each.discrepancy.message for each in made.resolution.refused}


def test_an_anchor_that_the_rest_needs_is_not_removed() -> None:
    """An item of a list is not written out."""
    text = TEXT.replace("          Contact:\n", "          Contact: &contact\n") + "others: [*contact]\n"
    postgresql = registry(COMPANY)
    found = [d for d in compare(postgresql, read(text)) if d.entity == "Contact"]
    made = keep_postgresql_side(ParsedText(text), found, postgresql, NOW)
    ((refused, kind, message),) = made.resolution.refused
    assert (refused.entity, kind, made.edits) == ("Contact", RefusalKind.CONFLICT, ())
    assert "anchor" in message


def test_what_else_needs_an_anchor_gets_a_copy_before_it_is_removed() -> None:
    text = TEXT.replace("          Contact:\n", "          Contact: &contact\n            owner: sales\n")
    text += "          Copy: *contact  # the same\nothers: {first: *contact}\n"
    postgresql = registry(COMPANY, Entity("Copy", "012031", 1))
    found = [d for d in compare(postgresql, read(text)) if d.entity == "Contact"]
    made = keep_postgresql_side(ParsedText(text), found, postgresql, NOW)
    assert ([d.entity for d in made.resolution.resolved], made.resolution.refused) == (["Contact"], ())
    before = yaml.safe_load(text)
    after = yaml.safe_load(apply(text, made.edits))
    contact = before["domains"]["2"]["subdomains"]["03"]["entities"].pop("Contact")
    assert contact["owner"] == "sales" and after == before
    assert "# the same" in apply(text, made.edits)


ALIASED = """\
domains:
  '2': &crm
    name: crm
    description: ''
    owner: &owner {team: sales, "on call": '+49'}
    tags: [a, 'b, c', !!str 3]
    contacts:
    - {name: Anna, role: *owner}
    - name: Boris
    notes: |
      Two
      lines.
    empty:
    base: &base {x: 1}
    merged: {<<: *base, y: 0x10}
    'quoted': "a\\tb"
    ? 5
    : five
    multi_tenant: false
    aliases:
      - a
      - '1'
    subdomains:
      '03':
        name: customer
        description: ''
        next_entity_sequence: 2
        read_entities: [X]
        entities:
          Contact: {table_code: '012031', entity_code: CON, assigned_at: x, keeper: anna}
  '3': *crm
"""


IN_FLOW = """\
domains: {'2': &crm {name: crm, description: '', owner: &owner {team: sales, "on call": '+49'},
  tags: [a, 'b, c', !!str 3],
  contacts: [{name: Anna, role: *owner}, {name: Boris}], notes: "Two
  lines.", empty: , base: &base {x: 1}, merged: {<<: *base, y: 0x10}, 'quoted': "a\\tb", 5: five, multi_tenant: false,
  aliases: [a, '1'], subdomains: {'03': {name: customer, description: '', next_entity_sequence: 2, read_entities: [X],
    entities: {Contact: {table_code: '012031', entity_code: CON, assigned_at: x, keeper: anna}}}}}, '3': *crm}
"""


@pytest.mark.parametrize("text", [ALIASED, ALIASED.replace("\n", "\r\n"), IN_FLOW], ids=["block", "CRLF", "flow"])
@pytest.mark.parametrize("change", ["name", "entity", "removed", "first"])
def test_a_domain_that_is_an_alias_keeps_what_only_the_yaml_has(text: str, change: str) -> None:
    two, three = read(text).domains
    (sub,) = three.subdomains
    if change == "name":
        three = three._replace(name="sales", aliases=("b",))
    elif change == "entity":
        entities = (*sub.entities, Entity("Lead", "013032", 2))
        three = three._replace(subdomains=(sub._replace(entities=entities, next_entity_sequence=3),))
    elif change == "removed":
        three = three._replace(subdomains=(sub._replace(entities=()),))
    domains = (three,) if change == "first" else (two, three)
    after, made = kept(text, Snapshot(domains))
    assert made.resolution.refused == ()
    assert compare_all(Snapshot(domains), read(after)) == ()
    before, now = yaml.safe_load(text)["domains"], yaml.safe_load(after)["domains"]
    if change != "first":
        assert now["2"] == before["2"]
    for key in ("owner", "tags", "contacts", "notes", "empty", "base", "merged", "quoted", 5):
        assert now["3"][key] == before["3"][key], key
    assert now["3"]["subdomains"]["03"]["read_entities"] == ["X"]
    if change != "removed":
        assert (
            now["3"]["subdomains"]["03"]["entities"]["Contact"]
            == before["3"]["subdomains"]["03"]["entities"]["Contact"]
        )
    if "\r\n" in text:
        assert "\n" not in after.replace("\r\n", "")


@pytest.mark.parametrize("key", ["!!int '{}'", "&k{} {}", "? {}\n  ", '"{}"'])
def test_of_several_keys_that_are_no_text_one_is_removed(key: str) -> None:
    """``yaml.safe_dump`` writes such tags where it is to quote everything."""
    body = "\n    name: d{}\n    description: ''\n    multi_tenant: false\n    owner: somebody\n    subdomains: {{}}\n"
    blocks = [f"  {key.format(number, number)}:{body.format(number)}" for number in (1, 2, 3)]
    text = "domains:\n" + "".join(blocks)
    domains = tuple(Domain(str(number), f"d{number}", None, False, ()) for number in (1, 3))
    after, made = kept(text, Snapshot(domains))
    assert made.resolution.refused == () and after == "domains:\n" + blocks[0] + blocks[2]


@pytest.mark.parametrize(
    "tagged", ["!!null null", "!!null 'null'", "&none !!null ''", "!!set {}", "!!map {}", "!!null"]
)
@pytest.mark.parametrize("in_flow", [False, True])
def test_a_tag_does_not_stay_at_what_gets_entries(tagged: str, in_flow: bool) -> None:
    head = (
        "domains:\n  '2':\n    name: crm\n    description: ''\n    multi_tenant: false\n    subdomains:\n      '03': "
    )
    keys = ("name: customer", "description: ''", "next_entity_sequence: 3", f"entities: {tagged}")
    text = head + ("{" + ", ".join(keys) + "}\n" if in_flow else "\n        " + "\n        ".join(keys) + "  # all\n")
    after, made = kept(text, registry(CONTACT, COMPANY))
    assert made.resolution.refused == ()
    entities = yaml.safe_load(after)["domains"]["2"]["subdomains"]["03"]["entities"]
    assert {name: each["table_code"] for name, each in entities.items()} == {"Contact": "012031", "Company": "012032"}
    assert in_flow or "# all" in after


SHARED = """\
domains:
  '1':
    name: core
    description: One
    aliases: &names [a, b]  # of both
    multi_tenant: false
    subdomains: {}
  '2':
    name: crm
    description: Two
    aliases: *names
    multi_tenant: false
    subdomains:
      '01': {name: core, description: '', next_entity_sequence: 1, entities: &none {}}
      '02': {name: sales, description: '', next_entity_sequence: 1, entities: *none}
"""


def shared(aliases: tuple[str, ...], others: tuple[str, ...], *entities: Entity, two: str = "Two") -> Snapshot:
    """The registry of ``SHARED`` with other values."""
    subdomains = (Subdomain("01", "core", None, 1, entities), Subdomain("02", "sales", None, 1))
    one = Domain("1", "core", "One", False, aliases)
    return Snapshot((one, Domain("2", "crm", two, False, others, subdomains)))


def test_what_an_alias_shares_stays_as_it_was_elsewhere() -> None:
    postgresql = shared(("c",), ("a", "b"), Entity("Contact", "012011", 1), two="Zwei")
    after, made = kept(SHARED, postgresql)
    assert made.resolution.refused == ()
    assert compare_all(postgresql, read(after)) == ()
    assert yaml.safe_load(after)["domains"]["2"]["subdomains"]["02"]["entities"] == {}


def test_what_cannot_be_changed_without_changing_another_place_is_refused() -> None:
    """The other place differs, too, and is not to be changed."""
    postgresql = shared(("c",), ("d",), two="Zwei")
    found = compare(postgresql, read(SHARED))
    chosen = [d for d in found if (d.domain, d.attribute) in {("1", "aliases"), ("2", "description")}]
    made = keep_postgresql_side(ParsedText(SHARED), chosen, postgresql, NOW)
    ((refused, kind, message),) = made.resolution.refused
    assert (refused.domain, refused.attribute, kind) == ("1", "aliases", RefusalKind.CONFLICT)
    assert (
        message == "Another place of the file says the same through an alias (*): write it out there, then try again."
    )
    assert apply(SHARED, made.edits) == SHARED.replace("Two", "Zwei")


@given(registries(), registries())
def test_any_registry_becomes_any_other(one: Snapshot, other: Snapshot) -> None:
    one, other = distinct(one), distinct(other)
    text = export_registry(one, None, NOW) if one.domains else "domains: {}\n"
    after, made = kept(text, other)
    assert made.resolution.refused == ()
    assert compare_all(other, read(after)) == ()


@given(registries(), registries(), st.data())
def test_some_of_it_leaves_the_rest(one: Snapshot, other: Snapshot, data: st.DataObject) -> None:
    one, other = distinct(one), distinct(other)
    text = export_registry(one, None, NOW) if one.domains else "domains: {}\n"
    found = compare(other, read(text))
    chosen = [each for each in found if data.draw(st.booleans())]
    made = keep_postgresql_side(ParsedText(text), chosen, other, NOW)
    assert made.resolution == (tuple(chosen), ())
    left = compare(other, read(apply(text, made.edits)))
    assert [d.message for d in left] == [d.message for d in found if d not in chosen]


def test_two_thousand_are_read_a_few_times() -> None:
    """However much differs: the text is parsed for each round."""
    before = large_registry(9, 15, 15)
    text = export_registry(before, None, NOW)
    after, made = kept(text, shifted(before))
    assert (len(made.resolution.resolved), made.resolution.refused) == (9 * 15 * 15, ())
    assert compare_all(shifted(before), read(after)) == ()


# Edits of edits


@st.composite
def _rounds(draw: st.DrawFn) -> tuple[str, list[list[TextEdit]]]:
    text = draw(st.text("abc\n", max_size=20))
    now, rounds = text, []
    for _ in range(draw(st.integers(0, 4))):
        cuts = sorted(draw(st.lists(st.integers(0, len(now)), max_size=6)))
        edits = [
            TextEdit(Span(start, end), draw(st.text("xyz", max_size=3)))
            for start, end in zip(cuts[::2], cuts[1::2], strict=False)
        ]
        rounds.append(edits)
        now = apply(now, edits)
    return text, rounds


@given(_rounds())
def test_rounds_of_edits_are_one_edit(case: tuple[str, list[list[TextEdit]]]) -> None:
    text, rounds = case
    now = text
    for edits in rounds:
        now = apply(now, edits)
    made = composed(len(text), rounds)
    assert apply(text, made) == now
    spans = [edit.span for edit in made]
    assert all(one.end < two.start for one, two in pairwise(spans))
