"""Hover as an editor sees it: the real server, with its registry in PostgreSQL and in YAML."""

from __future__ import annotations

import re

import pytest
from lsprotocol import types

from tests.e2e.conftest import FIXTURE, NO_DATABASE, REGISTRY
from tests.e2e.editor import Editor

pytestmark = pytest.mark.asyncio(loop_scope="module")

YAML = "YAML, read-only: " + NO_DATABASE
PROVENANCE = re.compile(rf"\n\n---\n(?:PostgreSQL, \d+ s ago|{re.escape(YAML)})\Z")
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


async def hovered(editor: Editor, path: str, marked: str) -> tuple[str, str] | None:
    """Opens a text, hovers at ``$0``; the Markdown without its provenance, and the text under the range."""
    position = editor.open(path, marked)
    assert position is not None
    try:
        answer = await editor.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(editor.uri(path)), position)
        )
        if answer is None:
            return None
        assert isinstance(answer.contents, types.MarkupContent) and answer.range is not None
        assert answer.contents.kind == types.MarkupKind.Markdown
        text, count = PROVENANCE.subn("", answer.contents.value)
        assert count == 1, answer.contents.value
        assert answer.range.start.line == answer.range.end.line == position.line
        line = editor.text(path).split("\n")[position.line]
        return text, line[answer.range.start.character : answer.range.end.character]
    finally:
        editor.close(path)


def at(path: str, before: str, after: str) -> str:
    """A fixture's text with the cursor where ``before`` and ``after`` meet, which is one place only."""
    text = (FIXTURE / path).read_text(encoding="utf-8")
    assert text.count(before + after) == 1, before + after
    return text.replace(before + after, f"{before}$0{after}")


async def test_a_table_code_digit_by_digit(shared: Editor) -> None:
    path = "entities/crm/contact.yaml"
    assert await hovered(shared, path, at(path, "'012", "031'")) == (CONTACT_CODE, "'012031'")


async def test_where_the_registry_was_read_is_said(shared_yaml: Editor, shared_postgresql: Editor) -> None:
    for editor, line in (
        (shared_postgresql, r"PostgreSQL, \d+ s ago"),
        (shared_yaml, re.escape(YAML)),
    ):
        position = editor.open("entities/crm/contact.yaml", at("entities/crm/contact.yaml", "schema: c", "rm"))
        assert position is not None
        text = await editor.hover("entities/crm/contact.yaml", position)
        editor.close("entities/crm/contact.yaml")
        assert text is not None
        assert re.fullmatch(line, text.splitlines()[-1])
        assert text.splitlines()[-2] == "---"


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
async def test_the_state_of_a_code(shared: Editor, code: str, entity: str, expected: str) -> None:
    text = f"entity: {entity}\nschema: crm\norganization:\n  table_code: {code}\n"
    answer = await hovered(shared, "entities/crm/new.yaml", text)
    assert answer is not None
    assert answer[0].startswith(expected)
    assert answer[1] == code.replace("$0", "")


async def test_a_code_that_another_file_uses(shared: Editor) -> None:
    text = "entity: Voucher\nschema: projects\norganization:\n  table_code: '0140$012'\n"
    answer = await hovered(shared, "entities/projects/voucher.yaml", text)
    assert answer is not None
    task = shared.uri("entities/projects/task.yaml")
    assert answer[0].startswith(f"**`014012`** · not registered, but used by Task in [task.yaml](<{task}>)\n")
    assert answer[0].endswith("Function code `034012` · view code `024012` · short code `VCH`")


@pytest.mark.parametrize("text", ["schema: cr$0m", "schema: manage$0ment", "schema: 'sa$0les'"])
async def test_a_domain_by_its_name_or_alias(shared: Editor, text: str) -> None:
    answer = await hovered(shared, "entities/crm/new.yaml", f"entity: Voucher\n{text}\n")
    assert answer == (CRM, text.removeprefix("schema: ").replace("$0", ""))


@pytest.mark.parametrize("line", ["domain_name: c$0rm", "domain: cr$0m", "domain: '$02'"])
async def test_a_domain_that_organization_names(shared: Editor, line: str) -> None:
    answer = await hovered(shared, "entities/crm/new.yaml", f"entity: Voucher\norganization:\n  {line}\n")
    assert answer is not None
    assert answer[0] == CRM


@pytest.mark.parametrize("line", ["subdomain: cust$0omer", "subdomain: '0$03'"])
async def test_a_subdomain(shared: Editor, line: str) -> None:
    answer = await hovered(shared, "entities/crm/new.yaml", f"entity: Voucher\nschema: crm\norganization:\n  {line}\n")
    assert answer == (CUSTOMER, line.split(": ")[1].replace("$0", ""))


async def test_a_framework_schema(shared: Editor) -> None:
    answer = await hovered(shared, "entities/crm/new.yaml", "entity: Voucher\nschema: comm$0on\n")
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
async def test_an_entity_that_a_reference_names(shared: Editor, marked: str, name: str, under: str) -> None:
    answer = await hovered(shared, "entities/crm/new.yaml", f"entity: Voucher\nschema: crm\nfields:\n  of: {marked}\n")
    folder = shared.uri("entities/crm/contact.yaml").removesuffix("contact.yaml")
    expected = (
        f"**{name}**\n\n[contact.yaml](<{folder}contact.yaml>) · schema crm · `012031` · 5 fields\n\n"
        "A person at a company that we talk to\n\n"
        "Registered: **Contact** has `012031` in crm / customer since 2026-01-20 10:02\n\n"
        "```yaml\nfirst_name: text\nlast_name: text!\nemail: email!\ncompany: ref(Company)\n"
        "status: enum(lead, customer, former) = lead\n```\n\n"
        "Named in "
    )
    assert answer is not None
    # Whether the new file counts among those that name it depends on how far its check is.
    assert answer[0].startswith(expected)
    assert f"[ticket.yaml](<{folder}ticket.yaml>)" in answer[0].removeprefix(expected)
    assert answer[1] == under


async def test_an_entity_that_only_the_registry_has(shared: Editor) -> None:
    answer = await hovered(
        shared, "entities/crm/new.yaml", "entity: Voucher\nschema: crm\nfields:\n  of: ref(tenant.Pro$0ject)\n"
    )
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
async def test_nothing_where_there_is_nothing_to_tell(shared: Editor, text: str) -> None:
    assert await hovered(shared, "entities/crm/new.yaml", text) is None


async def test_nothing_in_yaml_that_is_not_specqls(shared: Editor) -> None:
    assert await hovered(shared, "compose.yaml", "name: x\nschema: cr$0m\ntable_code: '012031'\n") is None


async def test_hover_goes_on_in_a_broken_text(shared: Editor) -> None:
    text = "entity: Voucher\nschema: cr$0m\nfields:\n  a: [text\norganization:\n  table_code: '012031'\n"
    answer = await hovered(shared, "entities/crm/new.yaml", text)
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
async def test_the_registry_file(shared: Editor, before: str, after: str, expected: str, under: str) -> None:
    assert await hovered(shared, REGISTRY, at(REGISTRY, before, after)) == (expected, under)


@pytest.mark.parametrize(
    ("before", "after", "begins"),
    [
        ("          Cont", "act:\n", "**Contact**\n\n[contact.yaml]("),
        ("table_code: '013", "211'", "**`013211`** · registered\n\nRegistered: **Manufacturer** has `013211` in "),
        ("- '0120", "1F'", "**`01201F`** · reserved, never given out\n"),
        ("  '0", "2': read_side", "**`02`** · layer read_side"),
    ],
)
async def test_more_of_the_registry_file(shared: Editor, before: str, after: str, begins: str) -> None:
    answer = await hovered(shared, REGISTRY, at(REGISTRY, before, after))
    assert answer is not None
    assert answer[0].startswith(begins)


async def test_the_registry_file_on_the_disk_needs_not_be_open(shared_postgresql: Editor) -> None:
    text = await shared_postgresql.hover(REGISTRY, types.Position(28, 11))
    assert text is not None
    assert text.startswith(CRM)
