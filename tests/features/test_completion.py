"""What is offered where, and that accepting it leaves the YAML that was meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from specql_lsp.features.completion import complete, document_item
from specql_lsp.features.model import DocumentationKey
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document
from tests.features.completion_support import (
    CRM,
    HEAD,
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
