"""Completion of the entities that a reference may name."""

from __future__ import annotations

import pytest
import yaml

from specql_lsp.features.completion.builder import LIMIT
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from tests.features.completion_support import (
    TAG,
    analysis,
    apply,
    check_completion,
    completions,
    item,
    labels,
)

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
