"""Hover in the fixture's workspace: codes, domains, subdomains, entities, and the registry's file."""

from __future__ import annotations

import pytest

from tests.features.fixture_workspace import at, hovered, uri
from tests.support.workspaces import REGISTRY

CRM = """\
**crm** · domain `2`

Customers, how we win them and how we keep them

multi-tenant · aliases: management, sales · 3 entities

| Number | Subdomain | Used | Free |
| --- | --- | --- | --- |
| `01` | core | 1 | 13 |
| `03` | customer | 2 | 13 |
| `04` | support | 0 | 14 |"""
CUSTOMER = """\
**customer** · subdomain `03` of crm

Whoever buys from us

Next free code `012033` · 13 left

| Code | Entity |
| --- | --- |
| `012031` | Contact |
| `012032` | Company |"""
CONTACT_CODE = """\
**`012031`** · registered

Registered: **Contact** has `012031` in crm / customer since 2026-01-20 10:02

| Digits | Part | Meaning |
| --- | --- | --- |
| `01` | layer | write_side |
| `2` | domain | crm |
| `03` | subdomain | customer |
| `1` | sequence | 1 |

Function code `032031` · view code `022031` · short code `CNT`"""


def test_a_table_code_digit_by_digit() -> None:
    path = "entities/crm/contact.yaml"
    assert hovered(path, at(path, "'012", "031'")) == (CONTACT_CODE, "'012031'")


@pytest.mark.parametrize(
    ("code", "entity", "expected"),
    [
        ("'012$0033'", "Voucher", "**`012033`** · free\n"),
        ("0120$033", "Voucher", "**`012033`** · free\n"),
        ("'01201$0F'", "Voucher", "**`01201F`** · reserved, never given out\n"),
        ("'01201$0f'", "Voucher", "**`01201F`** · reserved, never given out\n"),
        ("'0120$030'", "Voucher", "**`012030`** · not registered; the sequence 0 is not given out\n"),
        ("'0129$091'", "Voucher", "**`012991`** · not registered\n"),
        ("'0190$011'", "Voucher", "**`019011`** · not registered\n"),
    ],
)
def test_the_state_of_a_code(code: str, entity: str, expected: str) -> None:
    text = f"entity: {entity}\nschema: crm\norganization:\n  table_code: {code}\n"
    answer = hovered("entities/crm/new.yaml", text)
    assert answer is not None
    assert answer[0].startswith(expected)
    assert answer[1] == code.replace("$0", "")


def test_a_code_that_another_file_uses() -> None:
    text = "entity: Voucher\nschema: projects\norganization:\n  table_code: '0140$012'\n"
    answer = hovered("entities/projects/voucher.yaml", text)
    assert answer is not None
    task = uri("entities/projects/task.yaml")
    assert answer[0].startswith(f"**`014012`** · not registered, but used by Task in [task.yaml](<{task}>)\n")
    assert answer[0].endswith("Function code `034012` · view code `024012` · short code `VCH`")


@pytest.mark.parametrize("text", ["schema: cr$0m", "schema: manage$0ment", "schema: 'sa$0les'"])
def test_a_domain_by_its_name_or_alias(text: str) -> None:
    answer = hovered("entities/crm/new.yaml", f"entity: Voucher\n{text}\n")
    assert answer == (CRM, text.removeprefix("schema: ").replace("$0", ""))


@pytest.mark.parametrize("line", ["domain_name: c$0rm", "domain: cr$0m", "domain: '$02'"])
def test_a_domain_that_organization_names(line: str) -> None:
    answer = hovered("entities/crm/new.yaml", f"entity: Voucher\norganization:\n  {line}\n")
    assert answer is not None
    assert answer[0] == CRM


@pytest.mark.parametrize("line", ["subdomain: cust$0omer", "subdomain: '0$03'"])
def test_a_subdomain(line: str) -> None:
    answer = hovered("entities/crm/new.yaml", f"entity: Voucher\nschema: crm\norganization:\n  {line}\n")
    assert answer == (CUSTOMER, line.split(": ")[1].replace("$0", ""))


def test_a_framework_schema() -> None:
    answer = hovered("entities/crm/new.yaml", "entity: Voucher\nschema: comm$0on\n")
    assert answer == ("**common** · a schema of SpecQL's own, which needs no domain", "common")


@pytest.mark.parametrize(
    ("marked", "name", "under"),
    [
        ("ref(Con$0tact)", "Contact", "Contact"),
        ("ref(crm.Con$0tact)!", "Contact", "crm.Contact"),
        ("ref(sales.Con$0tact)", "Contact", "sales.Contact"),
        ("list(ref(Task|con$0tact))", "Contact", "contact"),
    ],
)
def test_an_entity_that_a_reference_names(marked: str, name: str, under: str) -> None:
    answer = hovered("entities/crm/new.yaml", f"entity: Voucher\nschema: crm\nfields:\n  of: {marked}\n")
    expected = (
        f"**{name}**\n\n[contact.yaml](<{uri('entities/crm/contact.yaml')}>) · schema crm · `012031` · 5 fields\n\n"
        "A person at a company that we talk to\n\n"
        "Registered: **Contact** has `012031` in crm / customer since 2026-01-20 10:02\n\n"
        "```yaml\nfirst_name: text\nlast_name: text!\nemail: email!\ncompany: ref(Company)\n"
        "status: enum(lead, customer, former) = lead\n```\n\n"
        "SpecQL 0.9.2 generates the table `crm.tb_contact`, with `pk_contact`, `id` and audit columns\n\n"
        f"Referred to in 2 places: [ticket.yaml](<{uri('entities/crm/ticket.yaml')}>), "
        f"[task.yaml](<{uri('entities/projects/task.yaml')}>)"
    )
    assert answer == (expected, under)


def test_an_entity_that_only_the_registry_has() -> None:
    answer = hovered("entities/crm/new.yaml", "entity: Voucher\nschema: crm\nfields:\n  of: ref(tenant.Pro$0ject)\n")
    registered = "Registered: **Project** has `014011` in projects / core since 2026-02-10 09:00"
    assert answer == (f"**Project**\n\n{registered}", "tenant.Project")


@pytest.mark.parametrize(
    "text",
    [
        "entity: Voucher\ncol$0our: red\n",
        "entity: Voucher\nschema: not$0here\n",
        "entity: Voucher\nfields:\n  of: ref(No$0body)\n",
        "entity: Voucher\norganization:\n  table_code: 'no$0ne'\n",
        "entity: Voucher\n$0\nschema: crm\n",
    ],
)
def test_nothing_where_there_is_nothing_to_tell(text: str) -> None:
    assert hovered("entities/crm/new.yaml", text) is None


def test_nothing_in_yaml_that_is_not_specqls() -> None:
    assert hovered("compose.yaml", "name: x\nschema: cr$0m\ntable_code: '012031'\n") is None


def test_hover_goes_on_in_a_broken_text() -> None:
    text = "entity: Voucher\nschema: cr$0m\nfields:\n  a: [text\norganization:\n  table_code: '012031'\n"
    answer = hovered("entities/crm/new.yaml", text)
    assert answer is not None
    assert answer[0] == CRM


@pytest.mark.parametrize(
    ("before", "after", "expected", "under"),
    [
        ("  '", "2':\n    name: crm", CRM, "'2'"),
        ("    name: c", "rm\n", CRM, "crm"),
        ("aliases: [man", "agement, sales]", CRM, "management"),
        ("      '0", "3':\n        name: customer", CUSTOMER, "'03'"),
        ("        name: cust", "omer\n", CUSTOMER, "customer"),
        ("subdomain_inference:\n  cr", "m:", CRM, "crm"),
        ("    cust", "omer:\n      patterns", CUSTOMER, "customer"),
        ("table_code: '012", "031'", CONTACT_CODE, "'012031'"),
    ],
)
def test_the_registry_file(before: str, after: str, expected: str, under: str) -> None:
    assert hovered(REGISTRY, at(REGISTRY, before, after)) == (expected, under)


@pytest.mark.parametrize(
    ("before", "after", "begins"),
    [
        ("          Cont", "act:\n", "**Contact**\n\n[contact.yaml]("),
        ("table_code: '013", "211'", "**`013211`** · registered\n\nRegistered: **Manufacturer** has `013211` in "),
        ("- '0120", "1F'", "**`01201F`** · reserved, never given out\n"),
        ("  '0", "2': read_side", "**`02`** · layer read_side"),
    ],
)
def test_more_of_the_registry_file(before: str, after: str, begins: str) -> None:
    answer = hovered(REGISTRY, at(REGISTRY, before, after))
    assert answer is not None
    assert answer[0].startswith(begins)
