"""What is offered where, and that accepting it leaves the YAML that was meant."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import yaml

from specql_lsp.features.completion import complete, document_item
from specql_lsp.features.completion.builder import LIMIT
from specql_lsp.features.model import DocumentationKey
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.serialization import timestamp
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document
from tests.features.completion_support import (
    CRM,
    NOW,
    RULES,
    SNAPSHOT,
    URI,
    accepted,
    analysis,
    apply,
    check_completion,
    completions,
    item,
    labels,
)

HEAD = "entity: Contact\nschema: crm\norganization:\n"
TAG = "entity: Tag\nschema: catalog\n"


class TestSchema:
    def test_domains_then_aliases_then_the_frameworks_schemas(self) -> None:
        check_completion(
            "entity: Contact\nschema: $0\n", "crm", "catalog", "assets", "management", "app", "common", "core"
        )

    def test_says_number_description_and_size(self) -> None:
        crm = item("entity: Contact\nschema: $0\n", "crm")
        assert crm.detail == "2 · Customer relationship management"
        assert crm.description == "multi-tenant · 18 entities"
        assert item("entity: Contact\nschema: $0\n", "management").detail == "alias of crm"

    def test_in_the_mapping_form(self) -> None:
        assert apply("entity: {name: X, schema: cr$0}\n", "crm") == "entity: {name: X, schema: crm}\n"
        assert apply("entity:\n  name: X\n  schema: $0\n", "crm") == "entity:\n  name: X\n  schema: crm\n"

    def test_beginnings_before_what_merely_holds_the_letters(self) -> None:
        check_completion("entity: Contact\nschema: c$0\n", "crm", "catalog", "common", "core")
        check_completion("entity: Contact\nschema: ent$0\n", "management")
        check_completion("entity: Contact\nschema: ct$0\n", "catalog")

    def test_a_domain_named_like_a_framework_schema_is_offered_once(self) -> None:
        picture = analysis(snapshot=Snapshot((Domain("1", "core"),)))
        check_completion("entity: X\nschema: $0\n", "core", "app", "common", picture=picture)

    def test_an_alias_that_is_another_domains_name_is_left_out(self) -> None:
        picture = analysis(snapshot=Snapshot((Domain("1", "a", aliases=("b", "A")), Domain("2", "b"))))
        assert labels("entity: X\nschema: $0\n", picture)[:2] == ["a", "b"]
        assert labels("entity: X\nschema: $0\n", picture).count("b") == 1

    @pytest.mark.parametrize("name", ["yes", "on", "null", "1_0", "a: b", "- x", "it's", 'say "x"', "a, b]"])
    @pytest.mark.parametrize("before", ["schema: ", "schema: '", "schema: ''", 'schema: "', "schema:"])
    def test_quotes_where_yaml_needs_them(self, name: str, before: str) -> None:
        cursor = f"{before[:-1]}$0'" if before.endswith("''") else f"{before}$0"
        picture = analysis(snapshot=Snapshot((Domain("1", name),)))
        assert accepted(f"entity: X\n{cursor}\n", name, picture)["schema"] == name

    def test_in_flow_a_comma_needs_quotes(self) -> None:
        picture = analysis(snapshot=Snapshot((Domain("1", "a,b"),)))
        assert accepted("entity: {name: X, schema: $0}\n", "a,b", picture)["entity"] == {"name": "X", "schema": "a,b"}


class TestWhereNothingIsOffered:
    @pytest.mark.parametrize(
        "text",
        [
            "services:\n  web:\n    image: $0\n",
            "schema: $0\n",
            "# schema: $0\nentity: X\n",
            "entity: X\ndescription: |\n  schema: $0\nschema: crm\n",
            "entity: X\nschema: crm # $0\n",
            "- entity: X\n  schema: $0\n",
        ],
    )
    def test_other_yaml_comments_and_texts(self, text: str) -> None:
        assert completions(text).items == ()
        assert not completions(text).incomplete

    @pytest.mark.parametrize("key", ["schema: $0", "organization:\n  table_code: $0", "organization: {subdomain: $0}"])
    def test_without_a_registry_the_client_is_to_ask_again(self, key: str) -> None:
        answer = completions(f"entity: X\n{key}\n", analysis(snapshot=None))
        assert answer.items == ()
        assert answer.incomplete

    def test_an_offset_past_the_end(self) -> None:
        assert complete(analysis(), Document(URI, "entity: X\nschema: "), 999, NOW).items


class TestTableCode:
    def test_the_registered_code_first_then_the_next_of_each_subdomain(self) -> None:
        text = HEAD + "  table_code: $0\n"
        assert labels(text)[:4] == ["012031", "012034", "012011", "012022"]
        first = item(text, "012031")
        assert (first.detail, first.description, first.preselect) == (
            "crm / customer",
            "customer · registered to Contact",
            True,
        )
        assert item(text, "012034").description == "customer · 12 left"
        assert sum(i.preselect for i in completions(text).items) == 1

    def test_without_a_registration_the_inferred_subdomain_comes_first(self) -> None:
        text = "entity: BigDeal\nschema: crm\norganization:\n  table_code: $0\n"
        assert labels(text)[:3] == ["012022", "012011", "012034"]
        assert [i.label for i in completions(text).items if i.preselect] == ["012022"]

    def test_a_named_subdomain_comes_before_the_inferred_one(self) -> None:
        text = "entity: BigDeal\nschema: crm\norganization:\n  subdomain: customer\n  table_code: $0\n"
        assert labels(text)[0] == "012034"

    def test_full_subdomains_and_reserved_codes_are_left_out(self) -> None:
        found = labels(HEAD + "  table_code: '0120$0'\n")
        assert not [label for label in found if label.startswith("0120F")]
        assert "012021" not in found
        assert "012022" in found

    def test_codes_that_other_files_use_are_left_out_but_not_the_files_own(self) -> None:
        files = {
            "entities/crm/other.yaml": "entity: Other\nschema: crm\norganization: {table_code: '012034'}\n",
            "entities/crm/contact.yaml": "entity: Deal\nschema: crm\norganization: {table_code: '012035'}\n",
        }
        text = "entity: Deal\nschema: crm\norganization:\n  subdomain: customer\n  table_code: '$0012035'\n"
        assert labels(text, analysis(files))[0] == "012035"
        assert item(text, "012035", analysis(files)).description == "customer · 11 left"

    def test_layers_then_domains_then_subdomains_then_codes(self) -> None:
        other = "entity: Contact\nschema: common\norganization:\n  table_code: "
        check_completion(other + "$0\n", "012", "013", "014", "00", "01", "02", "03")
        check_completion(other + "'0$0'\n", "012", "013", "014", "00", "01", "02", "03")
        check_completion(other + "'01$0'\n", "012", "013", "014")
        check_completion(other + "'013$0'\n", "013012", "013021", "01301", "01302")
        check_completion(other + "'01302$0'\n", *(f"01302{n:X}" for n in range(1, 16)))
        check_completion(other + "'01302a$0'\n", "01302A")
        assert item(other + "'013$0'\n", "01302").detail == "manufacturer, 15 free"
        assert item(other + "$0\n", "01").detail == "layer write_side"
        assert item(other + "$0\n", "012").detail == "crm"

    def test_another_domain_than_the_files_when_its_digit_is_typed(self) -> None:
        assert labels(HEAD + "  table_code: '013$0'\n") == ["013012", "013021", "01301", "01302"]

    def test_another_layer(self) -> None:
        assert labels(HEAD + "  table_code: '02$0'\n")[0] == "022031"

    def test_subdomains_of_one_digit_have_two_for_the_sequence(self) -> None:
        text = "entity: Drill\nschema: assets\norganization:\n  table_code: $0\n"
        assert labels(text)[0] == "014102"
        assert item(text, "014102").description == "machines · 254 left"
        assert item("entity: Drill\nschema: assets\norganization:\n  table_code: '014$0'\n", "0141").detail

    @pytest.mark.parametrize("typed", ["'09$0'", "'zz$0'", "'0120F$0'", "'0120311$0'", "'015$0'"])
    def test_what_no_code_begins_with(self, typed: str) -> None:
        check_completion(HEAD + f"  table_code: {typed}\n")

    def test_asks_again_at_each_digit(self) -> None:
        assert completions(HEAD + "  table_code: '$0'\n").incomplete

    def test_a_registered_code_that_is_none_is_not_offered(self) -> None:
        sub = Subdomain("01", "core", entities=(Entity("Contact", "0120311"),))
        picture = analysis(snapshot=Snapshot((CRM._replace(subdomains=(sub,)),), RULES))
        assert labels(HEAD + "  table_code: $0\n", picture)[0] == "012011"

    def test_read_only_offers_the_same(self) -> None:
        fresh = analysis()
        stale = replace(fresh.registry.provenance, writable=False, stale=True)
        assert labels(HEAD + "  table_code: $0\n", analysis(provenance=stale)) == labels(HEAD + "  table_code: $0\n")


VALUES = {
    "nothing": "$0",
    "open quote": "'$0",
    "pair of quotes": "'$0'",
    "open quote and digits": "'01$0",
    "double quotes": '"01$0"',
    "open double quote": '"01$0',
    "plain digits": "01$0",
    "digits behind the cursor": "'01$02039'",
    "plain digits behind the cursor": "01$02039",
    "cursor before the quote": "$0'012039'",
    "cursor behind the quote": "'01'$0",
    "cursor before plain digits": "$0012039",
    "stray closing quote": "01$0'",
    "empty quotes behind": "$0''",
    "more white space": "   $0'01'",
}
SPACES = {"space": " ", "no space": "", "two spaces": "  "}
ENDINGS = {"line feed": "\n", "crlf": "\r\n"}
COMMENTS = {"no comment": "", "comment": " # it's a note", "comment with a quote": " # 'x'"}


class TestAccepting:
    @pytest.mark.parametrize("comment", COMMENTS)
    @pytest.mark.parametrize("ending", ENDINGS)
    @pytest.mark.parametrize("space", SPACES)
    @pytest.mark.parametrize("value", VALUES)
    def test_a_code_in_every_state_of_its_line(self, value: str, space: str, ending: str, comment: str) -> None:
        line = f"  table_code:{SPACES[space]}{VALUES[value]}{COMMENTS[comment]}"
        lines = [
            "# größer 😀",
            "entity: Contact",
            "schema: crm",
            "organization:",
            line,
            "  note: 'x'",
            "fields: {}",
            "",
        ]
        after = apply(ENDINGS[ending].join(lines), "012031")
        quote = '"' if '"' in VALUES[value] else "'"
        before_value = SPACES[space] + ("   " if VALUES[value].startswith("   ") else "") or " "
        lines[4] = f"  table_code:{before_value}{quote}012031{quote}{COMMENTS[comment]}"
        assert after == ENDINGS[ending].join(lines)
        assert yaml.safe_load(after)["organization"] == {"table_code": "012031", "note": "x"}

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("{table_code: $0}", "{table_code: '012031'}"),
            ("{table_code:$0}", "{table_code: '012031'}"),
            ("{table_code: '$0}", "{table_code: '012031'}"),
            ("{table_code: '01$0}", "{table_code: '012031'}"),
            ("{table_code: 01$0, subdomain: 'x'}", "{table_code: '012031', subdomain: 'x'}"),
            ("{table_code: '01$0, subdomain: 'x'}", "{table_code: '012031', subdomain: 'x'}"),
            ("{table_code: '01$0, subdomain: x}", "{table_code: '012031', subdomain: x}"),
            ("{subdomain: x, table_code: '01$02034'}", "{subdomain: x, table_code: '012031'}"),
            ('{subdomain: "x", table_code: "$0"}', '{subdomain: "x", table_code: "012031"}'),
            ("{'table_code':'01$0'}", "{'table_code': '012031'}"),
            ("{\n  table_code: 01$0\n}", "{\n  table_code: '012031'\n}"),
        ],
    )
    def test_a_code_in_a_flow_mapping(self, before: str, after: str) -> None:
        text = "entity: Contact\nschema: crm\norganization: "
        result = apply(f"{text}{before}\nfields: {{}}\n", "012031")
        assert result == f"{text}{after}\nfields: {{}}\n"
        assert yaml.safe_load(result)["organization"]["table_code"] == "012031"

    def test_the_schema_may_come_after_the_open_quote(self) -> None:
        text = "entity: Contact\norganization:\n  table_code: '01$0\nschema: crm\nfields:\n  x: 'text'\n"
        assert apply(text, "012031") == text.replace("'01$0", "'012031'")

    def test_digits_on_the_way_stay_inside_the_quotes(self) -> None:
        assert apply(HEAD + "  table_code: '013$0'\n", "01302") == HEAD + "  table_code: '01302'\n"
        assert apply(HEAD + "  table_code: 01$0\n", "013") == HEAD + "  table_code: '013'\n"

    def test_the_filter_text_goes_on_matching_as_the_client_filters(self) -> None:
        for quote, count in itertools.product(("", "'", '"'), range(7)):
            text = f"{HEAD}  table_code: {quote}{'012031'[:count]}$0\n"
            assert item(text, "012031").filter_text.startswith(quote + "012031"[:count])

    def test_a_comment_right_behind_the_cursor_stays_one(self) -> None:
        assert apply("entity: X\nschema: $0# c\n", "crm") == "entity: X\nschema: crm # c\n"

    def test_a_schema_replaces_all_that_stands_there(self) -> None:
        assert apply("entity: X\nschema: c$0atalog  # c\n", "crm") == "entity: X\nschema: crm  # c\n"
        assert apply("entity: X\nschema:$0\n", "crm") == "entity: X\nschema: crm\n"
        assert apply('entity: X\nschema: "c$0\n', "crm") == 'entity: X\nschema: "crm"\n'


KEYS = ["table_code", "domain_name", "subdomain", "domain", "entity"]


class TestOrganization:
    def test_names_of_domains_and_subdomains(self) -> None:
        check_completion(HEAD + "  domain_name: $0\n", "crm", "catalog", "assets")
        check_completion(HEAD + "  domain: cat$0\n", "catalog")
        check_completion(HEAD + "  subdomain: $0\n", "core", "sales", "customer", "full")

    def test_the_subdomains_of_the_domain_that_it_names(self) -> None:
        check_completion(HEAD + "  domain_name: catalog\n  subdomain: $0\n", "classification", "manufacturer")

    def test_keys_that_are_missing(self) -> None:
        check_completion(HEAD + "  $0\n", *KEYS)
        check_completion(HEAD + "  table_code: '012031'\n  $0\n", *KEYS[1:])
        check_completion(HEAD + "  domain: crm\n  $0\n", "table_code", "subdomain", "entity")
        check_completion("entity: X\norganization: {$0}\n", *KEYS)
        check_completion("entity: X\norganization: {subdomain: x, t$0}\n", "table_code", "entity")

    def test_keys_that_specql_does_not_read_are_last_and_marked(self) -> None:
        found = {key: item(HEAD + "  $0\n", key) for key in KEYS}
        assert [found[key].not_read for key in KEYS] == [False, False, True, True, True]
        assert found["table_code"].description == "required"
        assert found["entity"].description == "not read by SpecQL 0.9.2"

    def test_accepting_a_key(self) -> None:
        assert apply(HEAD + "  $0\n", "table_code") == HEAD + "  table_code: \n"
        assert apply(HEAD + "  tab$0\n", "table_code") == HEAD + "  table_code: \n"
        assert apply(HEAD + "  tab$0: '012031'\n", "table_code") == HEAD + "  table_code: '012031'\n"
        assert apply(HEAD + "  table_code: '012031'\n  dom$0\n", "domain_name").endswith("\n  domain_name: \n")

    def test_keys_at_the_top(self) -> None:
        assert labels("entity: X\n$0\n")[:3] == ["schema", "description", "translations"]
        assert "schema" not in labels("entity: X\nschema: crm\n$0")
        accepted_key = apply("entity: X\nor$0\nfields: {}\n", "organization")
        assert accepted_key == "entity: X\norganization:\n  \nfields: {}\n"
        assert apply("entity: X\nsch$0\n", "schema") == "entity: X\nschema: \n"

    def test_needs_no_registry(self) -> None:
        picture = analysis(snapshot=None)
        check_completion(HEAD + "  $0\n", *KEYS, picture=picture)


FILES = {
    "entities/crm/contact.yaml": "entity: Contact\nschema: management\nfields: {a: text}\n",
    "entities/crm/deal.yaml": "entity: Deal\nschema: crm\n",
    "entities/catalog/tag.yaml": "entity: Tag\nschema: catalog\n",
    "entities/sales/contact.yaml": "entity: Contact\nschema: sales\n",
}


class TestReference:
    def test_the_files_own_schema_first(self) -> None:
        found = labels(TAG + "fields:\n  a: ref($0\n")
        assert found[:3] == ["Tag", "Manufacturer", "Contact"]

    def test_an_entity_with_a_file_and_a_registration_is_one_item(self) -> None:
        text = TAG + "fields:\n  a: ref(Contact$0)\n"
        assert labels(text, analysis(FILES)) == ["Contact", "sales.Contact"]
        assert item(text, "Contact", analysis(FILES)).detail == "crm"
        assert item(text, "Contact", analysis(FILES)).description == "contact.yaml"
        assert item(text, "sales.Contact", analysis(FILES)).filter_text == "Contact"

    def test_a_registered_entity_says_its_code(self) -> None:
        company = item(TAG + "fields:\n  a: ref(Comp$0)\n", "Company")
        assert (company.detail, company.description) == ("crm / customer", "registered 012032")

    def test_of_one_schema(self) -> None:
        check_completion(TAG + "fields:\n  a: ref(catalog.$0)\n", "Tag", "Manufacturer", picture=analysis(FILES))
        check_completion(TAG + "fields:\n  a: ref(management.C$0)\n", "Contact", "Company", "Account")
        check_completion(TAG + "fields:\n  a: ref(sales.$0)\n", "Contact", picture=analysis(FILES))
        check_completion(TAG + "fields:\n  a: ref(nowhere.$0)\n")

    def test_beginnings_then_parts_then_letters(self) -> None:
        check_completion(TAG + "fields:\n  a: ref(co$0)\n", "Company", "Contact", "Account")
        check_completion(TAG + "fields:\n  a: ref(mnfc$0)\n", "Manufacturer")
        check_completion(TAG + "fields:\n  a: ref(xyz$0)\n")

    @pytest.mark.parametrize(
        "fields",
        [
            "fields:\n  a: {0}\n",
            "fields:\n  a:\n    type: {0}\n",
            "fields:\n  a: {{type: {0}, unique: true}}\n",
            "fields: {{a: {0}, b: text}}\n",
        ],
    )
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("ref($0", "ref(Company)"),
            ("ref($0)", "ref(Company)"),
            ("ref(Com$0)", "ref(Company)"),
            ("ref(Com$0", "ref(Company)"),
            ("ref(Con$0tact)!", "ref(Company)!"),
            ("list(ref($0))", "list(ref(Company))"),
            ("list(ref($0)", "list(ref(Company)"),
            ("ref(Tag|$0)", "ref(Tag|Company)"),
            ("ref(Tag|Com$0", "ref(Tag|Company)"),
            ("ref($0|Tag)", "ref(Company|Tag)"),
            ("ref(crm.$0", "ref(crm.Company)"),
            ("ref(management.Co$0)", "ref(management.Company)"),
            ("'ref(Com$0'", "'ref(Company)'"),
            ("'ref(Com$0)'", "'ref(Company)'"),
            ('"ref(Com$0"', '"ref(Company)"'),
            ("'ref(Com$0", "'ref(Company)'"),
            ("'ref(Com$0)", "'ref(Company)'"),
        ],
    )
    def test_accepting_replaces_the_target_only(self, fields: str, before: str, after: str) -> None:
        if "Con$0" in before:
            before = before.replace("Con$0", "Co$0n")
        result = apply(TAG + fields.format(before), "Company")
        assert result == TAG + fields.format(after)
        if after.count("(") == after.count(")"):
            assert after.strip("'\"") in str(yaml.safe_load(result)["fields"]["a"])

    def test_a_space_comes_behind_the_colon(self) -> None:
        assert apply(TAG + "fields:\n  a:ref(Com$0\n", "Company") == TAG + "fields:\n  a: ref(Company)\n"

    def test_a_comment_behind_stays(self) -> None:
        assert apply(TAG + "fields:\n  a: ref(Com$0 # c\n", "Company") == TAG + "fields:\n  a: ref(Company) # c\n"
        assert apply(TAG + "fields:\n  a: 'ref(Com$0 # c\n", "Company") == TAG + "fields:\n  a: 'ref(Company)' # c\n"

    @pytest.mark.parametrize("value", ["te$0xt", "ref(Company)$0", "'ref('$0", "ref$0"])
    def test_no_entity_where_no_reference_is_open(self, value: str) -> None:
        assert "Company" not in labels(TAG + f"fields:\n  a: {value}\n")

    def test_without_a_registry_the_files_are_known(self) -> None:
        answer = completions(TAG + "fields:\n  a: ref(De$0\n", analysis(FILES, snapshot=None))
        assert [i.label for i in answer.items] == ["Deal"]
        assert answer.incomplete

    def test_cut_to_what_a_person_reads(self) -> None:
        entities = tuple(Entity(f"Thing{n}", f"{n:06X}") for n in range(1000))
        picture = analysis(
            snapshot=Snapshot((Domain("1", "a", subdomains=(Subdomain("01", "b", entities=entities),)),))
        )
        for typed in ("", "th", "hing", "thn"):
            answer = completions(TAG + f"fields:\n  a: ref({typed}$0\n", picture)
            assert len(answer.items) == LIMIT
            assert answer.incomplete
        assert labels(TAG + "fields:\n  a: ref(Thing1$0\n", picture)[0] == "Thing1"
        assert labels(TAG + "fields:\n  a: ref(thing999$0\n", picture) == ["Thing999"]


REGISTRY = """\
schema_layers: {'01': write_side}
domains:
  '1':
    name: core
    subdomains: {}
  '2':
    name: crm
    subdomains:
      '01':
        name: base
        entities: {}
      '03':
        name: customer
        entities:
          Contact:
            table_code: '012031'
          Deal:
            table_code: CODE
          Short: SHORT
@NUMBERS
@DOMAINS
reserved_codes: ['012039']
subdomain_inference:
  crm:
    base: {patterns: [x]}
@SUBDOMAINS
@INFERENCE
"""


def registry(**parts: str) -> str:
    """The registry file with some places filled in; the others are left out."""
    text = REGISTRY
    for place in ("NUMBERS", "DOMAINS", "SUBDOMAINS", "INFERENCE"):
        text = text.replace(f"@{place}\n", parts[place] + "\n" if place in parts else "")
    return text.replace("CODE", parts.get("CODE", "'012035'")).replace("SHORT", parts.get("SHORT", "'012036'"))


class TestRegistryFile:
    def test_domain_numbers(self) -> None:
        found = labels(registry(DOMAINS="  $0"))
        assert found == [*"3456789ABCDEF", "0"]
        assert "\n  '3':\n" in apply(registry(DOMAINS="  $0"), "3")
        assert "\n  '3':\n" in apply(registry(DOMAINS="  '$0'"), "3")
        assert '\n  "3":\n' in apply(registry(DOMAINS='  "$0'), "3")
        assert "\n  'A': {}\n" in apply(registry(DOMAINS="  $0: {}"), "A")

    def test_what_stands_behind_a_key_stays(self) -> None:
        assert "\n  'A': {}\n" in apply(registry(DOMAINS="  '$0: {}"), "A")
        assert "\n  'A': {}\n" in apply(registry(DOMAINS="  '$0': {}"), "A")
        assert "\n  'A' : {}\n" in apply(registry(DOMAINS="  $0B : {}"), "A")

    def test_subdomain_numbers(self) -> None:
        found = labels(registry(NUMBERS="      $0"))
        assert found == ["04", "05", "06", "07", "08", "09", "0A", "0B", "02"]
        assert "\n      '04':\n" in apply(registry(NUMBERS="      $0"), "04")
        assert "\n      '02':\n" in apply(registry(NUMBERS="      '0$0'"), "02")

    def test_numbers_are_quoted_as_their_siblings_are(self) -> None:
        plain = "domains:\n  1:\n    name: a\n    subdomains:\n      1: {name: x}\n      2: {name: y}\n"
        tail = "reserved_codes: []\n"
        assert apply(f"{plain}  $0\n{tail}", "2") == f"{plain}  '2':\n{tail}"
        assert apply(f"{plain}      $0\n{tail}", "3") == f"{plain}      '3':\n{tail}"
        octal = plain.replace("      1:", "      01:").replace("      2:", "      08:")
        assert apply(f"{octal}      $0\n{tail}", "02") == f"{octal}      '02':\n{tail}"
        double = plain.replace("  1:\n", '  "1":\n')
        assert apply(f"{double}  $0\n{tail}", "2") == f'{double}  "2":\n{tail}'

    def test_the_next_code_of_the_very_subdomain(self) -> None:
        text = registry(CODE="$0")
        assert labels(text)[:3] == ["012034", "012035", "012037"]
        assert "012039" in labels(text, analysis())  # reserved in the file, which is not what answers
        assert item(text, "012034").preselect
        assert "table_code: '012034'\n" in apply(text, "012034")
        registered = f"Short: {{table_code: '012034', entity_code: SHR, assigned_at: '{timestamp(NOW)}'}}\n"
        for typed in ("$0", "'01$0'", "01$0", "'$0"):
            assert registered in apply(registry(SHORT=typed), "012034")

    def test_a_code_that_the_entity_has_elsewhere_comes_first(self) -> None:
        files = {"deal.yaml": "entity: Deal\nschema: crm\norganization: {table_code: '01203A'}\n"}
        text = registry(CODE="$0")
        assert labels(text, analysis(files))[0] == "01203A"
        assert item(text, "01203A", analysis(files)).description == "used by deal.yaml"
        moved = analysis(snapshot=Snapshot((CRM._replace(subdomains=(Subdomain("03", "x", entities=(
            Entity("Deal", "01203C"),
        )),)),)))  # fmt: skip
        assert item(text, "01203C", moved).description == "registered"

    def test_names_for_the_inference(self) -> None:
        check_completion(registry(SUBDOMAINS="    $0"), "customer")
        check_completion(registry(INFERENCE="  $0"), "core")
        assert apply(registry(SUBDOMAINS="    cu$0"), "customer") == registry(SUBDOMAINS="    customer:")

    def test_is_no_entity_file(self) -> None:
        check_completion("schema_layers: {}\ndomains: {}\nschema: $0\n")

    def test_deep_in_a_large_file(self) -> None:
        lines = ["reserved_codes: []", "domains:", "  '2':", "    name: crm", "    subdomains:"]
        for number in range(1, 256):
            lines += [f"      '{number:02X}':", f"        name: s{number}", "        entities:"]
            lines += [f"          E{number}x{n}: {{table_code: '012{number:02X}{n:X}'}}" for n in range(1, 100)]
        text = "\n".join(lines) + "\n          New: $0\n"
        check_completion(text.replace("012FF", "012FE"), *(f"012FF{n:X}" for n in range(1, 16)))


class TestDocumentation:
    def test_of_every_item(self) -> None:
        for text in ("schema: $0", "schema: crm\norganization: {table_code: $0}", "organization: {subdomain: $0}"):
            for offered in completions(f"entity: Contact\n{text}\n").items:
                assert offered.documentation is not None
                assert "PostgreSQL, 12 s ago" in document_item(analysis(), offered.documentation, NOW)

    def test_depends_on_the_key_only(self) -> None:
        text = document_item(analysis(), DocumentationKey("code", {"code": "012034"}), NOW)
        assert "free" in text
        assert "customer" in text
        assert "Tag" in document_item(analysis(), DocumentationKey("entity", {"name": "tag", "schema": "catalog"}), NOW)
        assert "write" in document_item(analysis(), DocumentationKey("layer", {"layer": "01"}), NOW)
        assert "needs no domain" in document_item(analysis(), DocumentationKey("domain", {"name": "app"}), NOW)

    @pytest.mark.parametrize("kind", ["domain", "subdomain", "code", "entity", "layer", "other"])
    def test_of_what_is_known_no_longer(self, kind: str) -> None:
        assert document_item(analysis(), DocumentationKey(kind), NOW) == ""
        assert document_item(analysis(snapshot=None), DocumentationKey(kind, {"number": "9"}), NOW) == ""


def test_the_order_survives_clients_that_sort_by_sort_text() -> None:
    items = completions(HEAD + "  table_code: $0\n").items
    assert [i.sort_text for i in items] == sorted(i.sort_text for i in items)
    assert len({i.sort_text for i in items}) == len(items)


def test_the_range_stays_on_the_line_of_the_cursor() -> None:
    answer = completions("entity: X\nschema: cr$0\n")
    assert answer.items[0].replace == Span(18, 20)
    assert completions("entity: {name: X, schema: c\n  r$0}\n").items == ()


def test_snapshot_of_the_tests_is_sound() -> None:
    assert SNAPSHOT.entity_count == 21
