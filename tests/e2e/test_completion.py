"""Completion as an editor sees it: the real server, with its registry in PostgreSQL and in YAML."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.e2e.conftest import REGISTRY
from tests.e2e.editor import Editor
from tests.support.patience import until_answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEW = "entities/crm/new.yaml"
LAYERS = ["00", "01", "02", "03"]


async def completed(editor: Editor, text: str, path: str = NEW) -> types.CompletionList:
    """Opens a text, completes at ``$0``, and closes it again."""
    position = editor.open(path, text)
    assert position is not None
    try:
        return await editor.complete_at(path, position)
    finally:
        editor.close(path)


async def labels(editor: Editor, text: str, path: str = NEW) -> list[str]:
    """The labels of the items, as a client orders them."""
    items = (await completed(editor, text, path)).items
    return [i.label for i in sorted(items, key=lambda i: i.sort_text or i.label)]


def by_label(answer: types.CompletionList, label: str) -> types.CompletionItem:
    return next(i for i in answer.items if i.label == label)


def code_in(text: str, entity: str = "Voucher", schema: str = "crm") -> str:
    return f"entity: {entity}\nschema: {schema}\norganization:\n  table_code: {text}\n"


def shown(item: types.CompletionItem) -> tuple[str, str | None, str | None]:
    return item.label, item.detail, item.label_details.description if item.label_details else None


# --- schema -----------------------------------------------------------------------------------------------


async def test_schema_offers_domains_then_aliases_then_the_frameworks(shared: Editor) -> None:
    answer = await completed(shared, "entity: Voucher\nschema: $0\n")
    assert [shown(i) for i in answer.items] == [
        ("core", "1 · Accounts, sessions and everything every team needs", "2 entities"),
        ("crm", "2 · Customers, how we win them and how we keep them", "multi-tenant · 3 entities"),
        ("catalog", "3 · What we sell", "2 entities"),
        ("projects", "4 · Who works on what, where", "multi-tenant · 1 entity"),
        ("management", "alias of crm", "multi-tenant · 3 entities"),
        ("sales", "alias of crm", "multi-tenant · 3 entities"),
        ("tenant", "alias of projects", "multi-tenant · 1 entity"),
        ("app", "schema of the framework", None),
        ("common", "schema of the framework", None),
    ]
    assert [i.sort_text for i in answer.items] == sorted(i.sort_text or "" for i in answer.items)
    assert answer.is_incomplete is False


@pytest.mark.parametrize(
    ("typed", "best"), [("ma", ["management"]), ("c", ["core", "crm", "catalog", "common"]), ("CRM", ["crm"])]
)
async def test_schema_narrows_with_what_is_typed(shared: Editor, typed: str, best: list[str]) -> None:
    assert (await labels(shared, f"entity: Voucher\nschema: {typed}$0\n"))[: len(best)] == best


async def test_the_schema_of_an_entity_that_is_a_mapping(shared: Editor) -> None:
    assert (await labels(shared, "entity:\n  name: Voucher\n  schema: cat$0\n")) == ["catalog"]


# --- table_code -------------------------------------------------------------------------------------------


async def test_the_next_free_code_of_each_subdomain_the_inferred_one_first(shared: Editor) -> None:
    answer = await completed(shared, code_in("$0", "VoucherPerson"))
    assert [shown(i) for i in answer.items][:3] == [
        ("012033", "crm / customer", "13 left"),
        ("012012", "crm / core", "13 left"),  # 1 is Organization's, F is reserved
        ("012042", "crm / support", "14 left"),  # 1 is used by campaign.yaml
    ]
    assert [i.label for i in answer.items][3:] == LAYERS
    assert [i.label for i in answer.items if i.preselect] == ["012033"]
    assert answer.is_incomplete is True


async def test_without_a_pattern_the_subdomain_core_is_first(shared: Editor) -> None:
    assert (await labels(shared, code_in("$0")))[:3] == ["012012", "012033", "012042"]


async def test_the_subdomain_that_the_file_names_is_first(shared: Editor) -> None:
    text = "entity: Voucher\nschema: crm\norganization:\n  subdomain: support\n  table_code: $0\n"
    assert (await labels(shared, text))[:3] == ["012042", "012012", "012033"]


async def test_the_registered_code_comes_first_of_all(shared: Editor) -> None:
    answer = await completed(shared, code_in("$0", "contact", "management"))
    assert shown(answer.items[0]) == ("012031", "crm / customer", "registered to Contact")
    assert [i.label for i in answer.items if i.preselect] == ["012031"]
    assert [i.label for i in answer.items][1:4] == ["012033", "012012", "012042"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("'0$0'", ["012012", "012033", "012042", *LAYERS]),
        ("'01$0'", ["012012", "012033", "012042", "012", "011", "013", "014"]),
        ("'012$0'", ["012012", "012033", "012042", "01201", "01203", "01204"]),
        ("'013$0'", ["013011", "013021", "013032", "01301", "01302", "01303"]),
        ("'0120$0'", ["012012", "012033", "012042", "01201", "01203", "01204"]),
        ("'01402$0'", [f"01402{digit:X}" for digit in range(1, 16)]),
        ("'01201$0'", [f"01201{digit:X}" for digit in range(2, 15)]),
        ("'02$0'", ["022011", "022031", "022041", "022", "021", "023", "024"]),
        ("'07$0'", []),
        ("'019$0'", []),
        ("'xy$0'", []),
    ],
)
async def test_typed_digits_name_layer_domain_and_subdomain(shared: Editor, typed: str, expected: list[str]) -> None:
    assert await labels(shared, code_in(typed)) == expected


async def test_codes_that_other_files_use_are_not_offered(shared: Editor) -> None:
    # 014012 is task.yaml's although the registry does not know it.
    answer = await completed(shared, code_in("'01401$0'", "Milestone", "projects"))
    assert [i.label for i in answer.items] == [f"01401{digit:X}" for digit in range(3, 16)]
    assert shown(answer.items[0]) == ("014013", "projects / core", "13 left")
    # A buffer counts like a file, and no longer once it is closed.
    shared.open("entities/projects/other.yaml", code_in("'014013'", "Other", "projects"))
    await until_first(shared, code_in("'01401$0'", "Milestone", "projects"), "014014")
    shared.close("entities/projects/other.yaml")
    await until_first(shared, code_in("'01401$0'", "Milestone", "projects"), "014013")


async def until_first(editor: Editor, text: str, expected: str) -> None:
    """Waits until a label is the first: a buffer is looked at after a pause in the typing."""

    async def is_first() -> bool:
        return (await labels(editor, text))[0] == expected

    await until_answered(is_first, f"{expected} as the first")


async def test_the_files_own_code_stays_free_for_it(shared: Editor) -> None:
    assert "014012" in await labels(shared, code_in("'01401$02'", "Task", "tenant"), "entities/projects/task.yaml")


async def test_a_domain_that_the_organization_names_serves_a_framework_schema(shared: Editor) -> None:
    text = "entity: Voucher\nschema: common\norganization:\n  domain_name: projects\n  table_code: $0\n"
    assert (await labels(shared, text))[:2] == ["014013", "014021"]


@pytest.mark.parametrize(
    ("line", "start", "end", "written"),
    [
        ("  table_code: $0", 14, 14, "  table_code: '012012'"),
        ("  table_code:$0", 13, 13, "  table_code: '012012'"),
        ("  table_code: 0120$0", 14, 18, "  table_code: '012012'"),
        ("  table_code: '0120$0'", 14, 20, "  table_code: '012012'"),
        ('  table_code: "0120$0"', 14, 20, '  table_code: "012012"'),
        ("  table_code: '01$02045'  # old", 14, 22, "  table_code: '012012'  # old"),
        ("  table_code: '0120$0", 14, 19, "  table_code: '012012'"),
        ("  table_code: $0# to come", 14, 14, "  table_code: '012012' # to come"),
    ],
)
async def test_the_replaced_range_leaves_yaml_that_says_the_code(
    shared: Editor, line: str, start: int, end: int, written: str
) -> None:
    head, tail = "entity: Voucher\nschema: crm\norganization:\n", "\nfields:\n  name: text\n"
    position = shared.open(NEW, head + line + tail)
    assert position is not None
    try:
        item = by_label(await shared.complete_at(NEW, position), "012012")
        assert isinstance(item.text_edit, types.TextEdit)
        assert item.text_edit.range == types.Range(types.Position(3, start), types.Position(3, end))
        assert shared.accept(NEW, item) == head + written + tail
    finally:
        shared.close(NEW)


async def test_the_range_counts_in_the_clients_units(shared: Editor) -> None:
    position = shared.open(NEW, "entity: Voucher\nschema: crm\norganization: {note: '😀é', table_code: '0120$0'}\n")
    assert position is not None and position.character == 45  # the emoji counts two UTF-16 units
    item = by_label(await shared.complete_at(NEW, position), "012012")
    assert shared.accept(NEW, item).splitlines()[2] == "organization: {note: '😀é', table_code: '012012'}"
    shared.close(NEW)


# --- organization, keys and references --------------------------------------------------------------------


@pytest.mark.parametrize("key", ["domain_name", "domain"])
async def test_names_of_domains_in_organization(shared: Editor, key: str) -> None:
    found = await labels(shared, f"entity: Voucher\nschema: crm\norganization:\n  {key}: $0\n")
    assert found == ["core", "crm", "catalog", "projects"]


async def test_names_of_subdomains_are_those_of_the_files_domain(shared: Editor) -> None:
    answer = await completed(shared, "entity: Voucher\nschema: sales\norganization:\n  subdomain: $0\n")
    assert [shown(i) for i in answer.items] == [
        ("core", "01 · Organizations and the people in them", "1 entity"),
        ("customer", "03 · Whoever buys from us", "2 entities"),
        ("support", "04 · Tickets and what they are about", "0 entities"),
    ]
    named = "entity: Voucher\nschema: crm\norganization:\n  domain: '3'\n  subdomain: $0\n"
    assert await labels(shared, named) == ["classification", "manufacturer", "product"]


async def test_keys_that_are_missing_those_that_specql_does_not_read_last(shared: Editor) -> None:
    at_the_top = await labels(shared, "entity: Voucher\n$0\n")
    assert at_the_top[:6] == ["schema", "description", "fields", "actions", "translations", "organization"]
    assert at_the_top.index("agents") < at_the_top.index("hierarchical")
    text = "entity: Voucher\norganization:\n  table_code: '012012'\n  $0\n"
    assert await labels(shared, text) == ["domain_name", "subdomain", "domain", "entity"]


async def test_references_offer_the_files_schema_first_then_files_then_the_registry(shared: Editor) -> None:
    answer = await completed(shared, "entity: Voucher\nschema: crm\nfields:\n  of: ref($0\n")
    assert [shown(i) for i in answer.items] == [
        ("Company", "crm", "company.yaml"),
        ("Contact", "crm", "contact.yaml"),
        ("Ticket", "crm", "ticket.yaml"),
        ("Organization", "crm / core", "registered 012011"),
        ("Manufacturer", "catalog", "manufacturer.yaml"),
        ("Product", "catalog", "product.yaml"),
        ("Campaign", "crn", "campaign.yaml"),
        ("Task", "projects", "task.yaml"),
        ("Account", "core / accounts", "registered 011011"),
        ("Session", "core / accounts", "registered 011012"),
        ("Project", "projects / core", "registered 014011"),
    ]


@pytest.mark.parametrize(
    ("typed", "expected", "accepted"),
    [
        ("ref(cont$0", "Contact", "ref(Contact)"),
        ("ref(cont$0)", "Contact", "ref(Contact)"),
        ("ref(Company|cont$0)!", "Contact", "ref(Company|Contact)!"),
        ("ref(catalog.$0", "Product", "ref(catalog.Product)"),
        ("ref(catalog.Manu$0facturer)", "Manufacturer", "ref(catalog.Manufacturer)"),
        ("ref(tenant.$0)", "Project", "ref(tenant.Project)"),
        ("list(ref(sess$0))", "Session", "list(ref(Session))"),
        ("{type: ref(sess$0)}", "Session", "{type: ref(Session)}"),
    ],
)
async def test_a_reference_is_accepted_into_its_parentheses(
    shared: Editor, typed: str, expected: str, accepted: str
) -> None:
    position = shared.open(NEW, f"entity: Voucher\nschema: crm\nfields:\n  of: {typed}\n  note: text\n")
    assert position is not None
    try:
        item = by_label(await shared.complete_at(NEW, position), expected)
        assert shared.accept(NEW, item).splitlines()[3:] == [f"  of: {accepted}", "  note: text"]
    finally:
        shared.close(NEW)


async def test_a_schema_before_the_dot_keeps_the_others_out(shared: Editor) -> None:
    text = "entity: Voucher\nschema: crm\nfields:\n  of: ref(catalog.$0)\n"
    assert await labels(shared, text) == ["Manufacturer", "Product"]


@pytest.mark.parametrize(
    ("text", "expected"), [("text$0", ["text", "text!"]), ("enum(a, $0)", []), ("$0", ["text", "ref", "integer"])]
)
async def test_types_where_no_reference_is_open(shared: Editor, text: str, expected: list[str]) -> None:
    found = await labels(shared, f"entity: Voucher\nschema: crm\nfields:\n  of: {text}\n")
    assert found[: len(expected) or None][:3] == expected


# --- broken and half-typed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "entity: Voucher\nschema: crm\nfields:\n  a: [text\norganization:\n  table_code: $0\n",
        'entity: Voucher\nschema: crm\ndescription: "open\norganization:\n  table_code: $0\n',
        "entity: Voucher\nschema: crm\norganization:\n  table_code: '$0\nfields:\n  name: text\n",
        "entity: Voucher\nschema: crm\norganization:\n\t table: x\n  table_code: $0\n",
        "entity: Voucher\nschema: crm\n<<<<<<< ours\norganization:\n  table_code: $0\n",
        "entity: Voucher\nschema: crm\norganization: {table_code: $0\nfields:\n  name: text\n",
    ],
)
async def test_codes_are_offered_in_broken_texts(shared: Editor, text: str) -> None:
    assert "012012" in await labels(shared, text)


async def test_nothing_in_yaml_that_is_not_specqls(shared: Editor) -> None:
    assert await labels(shared, "name: build\nschema: $0\n", ".github/workflows/build.yaml") == []
    assert await labels(shared, "services:\n  db:\n    schema: $0\n", "compose.yaml") == []


# --- resolve ----------------------------------------------------------------------------------------------


async def documentation(editor: Editor, item: types.CompletionItem) -> str:
    resolved = await editor.client.completion_item_resolve_async(item)
    assert isinstance(resolved.documentation, types.MarkupContent)
    assert resolved.documentation.kind == types.MarkupKind.Markdown
    return resolved.documentation.value


async def test_resolve_documents_an_item_by_itself(shared: Editor) -> None:
    schemas = await completed(shared, "entity: Voucher\nschema: $0\n")
    codes = await completed(shared, code_in("$0", "Contact"))
    references = await completed(shared, "entity: Voucher\nschema: crm\nfields:\n  of: ref(cont$0)\n")
    assert all(i.documentation is None for i in (*schemas.items, *codes.items, *references.items))
    # Other requests came in between: an item says all that its documentation needs.
    domain = await documentation(shared, by_label(schemas, "sales"))
    assert domain.startswith("**crm** · domain `2`\n\nCustomers, how we win them and how we keep them\n")
    assert "multi-tenant · aliases: management, sales · 3 entities" in domain
    assert "| `03` | customer | 2 | 13 |" in domain
    free = await documentation(shared, by_label(codes, "012033"))
    assert free.startswith("**`012033`** · free\n")
    assert "| `2` | domain | crm |\n| `03` | subdomain | customer |\n| `3` | sequence | 3 |" in free
    registered = await documentation(shared, by_label(codes, "012031"))
    assert "Registered: **Contact** has `012031` in crm / customer since 2026-01-20 10:02" in registered
    assert "Function code `032031` · view code `022031` · short code `CNT`" in registered
    entity = await documentation(shared, by_label(references, "Contact"))
    assert "schema crm · `012031` · 5 fields\n\nA person at a company that we talk to" in entity


async def test_documentation_says_where_the_registry_was_read(shared_yaml: Editor, shared_postgresql: Editor) -> None:
    for editor, source in ((shared_yaml, "\n---\nYAML, read-only"), (shared_postgresql, "\n---\nPostgreSQL, ")):
        items = await completed(editor, "entity: Voucher\nschema: $0\n")
        assert source in await documentation(editor, by_label(items, "crm"))


# --- the registry file ------------------------------------------------------------------------------------


def registry_with(editor: Editor, before: str, inserted: str) -> str:
    """The registry's text with lines put in before a line that stands there once."""
    text = editor.path(REGISTRY).read_text(encoding="utf-8")
    assert text.count(before) == 1
    return text.replace(before, inserted + before)


async def in_registry(editor: Editor, before: str, inserted: str) -> types.CompletionList:
    position = editor.change(REGISTRY, registry_with(editor, before, inserted))
    assert position is not None
    return await editor.complete_at(REGISTRY, position)


@pytest.mark.asyncio(loop_scope="function")
async def test_the_registry_file(editor: Editor) -> None:
    await editor.codes("entities/crm/ticket.yaml", "missing-table-code")
    editor.open(REGISTRY)

    domains = await in_registry(editor, "reserved_codes:\n", "  $0\n")
    assert [i.label for i in domains.items] == list("56789ABCDEF0")
    assert shown(domains.items[0]) == ("5", "next free domain number", None)
    assert editor.accept(REGISTRY, domains.items[0]).count("\n  '5':\n") == 1

    subdomains = await in_registry(editor, "  '3':\n", "      $0\n")
    assert [i.label for i in subdomains.items][:9] == ["05", "06", "07", "08", "09", "0A", "0B", "0C", "02"]
    assert editor.accept(REGISTRY, subdomains.items[0]).count("\n      '05':\n") == 1

    codes = await in_registry(
        editor, "      '04':\n        name: support\n", "          Person:\n            table_code: $0\n"
    )
    assert shown(codes.items[0]) == ("012033", "crm / customer", "13 left")
    assert [i.label for i in codes.items] == [f"01203{digit:X}" for digit in range(3, 16)]
    assert "\n            table_code: '012033'\n" in editor.accept(REGISTRY, codes.items[0])

    # An entity that has a code in its own file gets that one first.
    own = await in_registry(editor, "      '02':\n        name: location\n", "          Task: $0\n")
    assert shown(own.items[0]) == ("014012", "projects / core", "used by task.yaml")

    inference = await in_registry(editor, "  catalog:\n    manufacturer:\n", "    $0\n")
    assert [i.label for i in inference.items] == ["core"]  # customer and support have their patterns
