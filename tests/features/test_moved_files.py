"""What follows when files are renamed or moved: entities take new names and schemas."""

from __future__ import annotations

import pytest

from specql_lsp.features.rename.model import FileMove
from specql_lsp.features.rename.moved_files import Followed, expanded, following, together
from specql_lsp.registry.requests import EntityRename
from tests.features.rename_support import crm_registry, reader
from tests.features.workspace_snippets import FOLDER, workspace

FILES = """
-- entities/crm/contact.yaml --
entity: Contact
schema: crm
organization: {table_code: '012031', domain_name: crm}
fields: {parent: ref(crm.Contact)}
-- entities/crm/company.yaml --
entity: Company
schema: crm
fields: {contact: ref(Contact)}
-- entities/sales/order.yaml --
entity: Order
schema: sales
fields: {buyer: ref(crm.Contact), a: text}
actions:
  - name: x
    steps:
      - query: SELECT 1 FROM crm.tb_contact
-- things/mixed.yaml --
entity: Mixed
schema: crm
fields: {a: text}
""" + crm_registry(domains="  '3': {name: sales, description: Sales, subdomains: {}}\n")


def moved(*moves: tuple[str, str]) -> tuple[dict[str, str], Followed]:
    """The texts that change, and what follows, when paths get other paths."""
    place = workspace(FILES)
    analysis = place.analysis()
    found = following(
        analysis, expanded(analysis, [FileMove(FOLDER + old, FOLDER + new) for old, new in moves]), read=reader(place)
    )
    plan = together(found.plans)
    assert len({file.document.uri for file in plan.files}) == len(plan.files)
    return {file.document.uri.removeprefix(FOLDER): file.new_text for file in plan.files}, found


def test_an_entity_takes_the_name_of_its_file() -> None:
    texts, found = moved(("entities/crm/contact.yaml", "entities/crm/business_partner.yaml"))
    assert "entity: BusinessPartner\n" in texts["entities/crm/contact.yaml"]
    assert "ref(BusinessPartner)" in texts["entities/crm/company.yaml"]
    assert "ref(crm.BusinessPartner)" in texts["entities/sales/order.yaml"]
    assert "crm.tb_businesspartner" in texts["entities/sales/order.yaml"]
    assert "BusinessPartner: {table_code: '012031', entity_code: BSN" in texts["registry/domain_registry.yaml"]
    (plan,) = found.plans
    assert plan.registry == EntityRename("2", "Contact", "BusinessPartner", "03", "012031")


def test_an_entity_takes_the_schema_of_its_folder() -> None:
    texts, found = moved(("entities/crm/contact.yaml", "entities/sales/contact.yaml"))
    own = texts["entities/crm/contact.yaml"]
    assert "schema: sales\n" in own
    assert "domain_name: sales" in own
    assert "ref(sales.Contact)" in own
    assert set(texts) == {"entities/crm/contact.yaml", "entities/sales/order.yaml"}
    assert "ref(sales.Contact)" in texts["entities/sales/order.yaml"]
    assert "sales.tb_contact" in texts["entities/sales/order.yaml"]
    assert [plan.registry for plan in found.plans] == [None]


def test_both_at_once() -> None:
    texts, _ = moved(("entities/crm/contact.yaml", "entities/sales/buyer.yaml"))
    assert "entity: Buyer\nschema: sales\n" in texts["entities/crm/contact.yaml"]
    assert "ref(sales.Buyer)" in texts["entities/sales/order.yaml"]
    assert "ref(Buyer)" in texts["entities/crm/company.yaml"]


def test_several_files_that_one_file_names() -> None:
    texts, found = moved(
        ("entities/crm/contact.yaml", "entities/crm/person.yaml"),
        ("entities/crm/company.yaml", "entities/crm/firm.yaml"),
    )
    assert len(found.plans) == 2
    assert texts["entities/crm/company.yaml"] == "entity: Firm\nschema: crm\nfields: {contact: ref(Person)}\n"


def test_a_folder() -> None:
    texts, _ = moved(("entities/crm", "entities/sales"))
    assert texts["entities/crm/company.yaml"].startswith("entity: Company\nschema: sales\n")
    assert texts["entities/crm/contact.yaml"].startswith("entity: Contact\nschema: sales\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("things/mixed.yaml", "elsewhere/mixed.yaml"),
        ("entities/crm/contact.yaml", "entities/nowhere/contact.yaml"),
        ("entities/crm/contact.yaml", "archive/2024/contact.yaml"),
        ("entities/crm/contact.yaml", "entities/crm/contact.yml"),
        ("entities/crm/contact.yaml", "entities/crm/contact.txt"),
        ("entities/crm/contact.yaml", "entities/crm/1st.yaml"),
        ("entities/crm/none.yaml", "entities/crm/one.yaml"),
    ],
)
def test_nothing_follows(old: str, new: str) -> None:
    texts, found = moved((old, new))
    assert (texts, found.refused) == ({}, ())


def test_a_name_that_is_taken() -> None:
    texts, found = moved(("entities/crm/contact.yaml", "entities/crm/old/company.yaml"))
    assert texts == {}
    (reason,) = found.refused
    assert reason.startswith("Contact does not follow its file. There is an entity Company in the schema crm already")
