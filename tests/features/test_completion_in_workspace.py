"""Completion in the fixture's workspace: schemas, codes, organization, references, by the registry and the files."""

from __future__ import annotations

import pytest

from specql_lsp.features.completion import document_item
from specql_lsp.features.model import CompletionItem, CompletionList
from tests.features.completion_support import CURSOR, NOW
from tests.features.fixture_workspace import PROVENANCE, accepted, at, completed, workspace
from tests.support.workspaces import REGISTRY

NEW = "entities/crm/new.yaml"
LAYERS = ["00", "01", "02", "03"]


def labels(text: str, path: str = NEW) -> list[str]:
    """The labels of the items without a command, as a client orders them."""
    items = [item for item in completed(text, path).items if item.command is None]
    return [i.label for i in sorted(items, key=lambda i: i.sort_text or i.label)]


def by_label(answer: CompletionList, label: str) -> CompletionItem:
    return next(i for i in answer.items if i.label == label)


def code_in(text: str, entity: str = "Voucher", schema: str = "crm") -> str:
    return f"entity: {entity}\nschema: {schema}\norganization:\n  table_code: {text}\n"


def shown(item: CompletionItem) -> tuple[str, str | None, str | None]:
    return item.label, item.detail or None, item.description or None


# --- schema -----------------------------------------------------------------------------------------------


def test_schema_offers_domains_then_aliases_then_the_frameworks() -> None:
    answer = completed("entity: Voucher\nschema: $0\n", NEW)
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
    assert answer.incomplete is False


@pytest.mark.parametrize(
    ("typed", "best"), [("ma", ["management"]), ("c", ["core", "crm", "catalog", "common"]), ("CRM", ["crm"])]
)
def test_schema_narrows_with_what_is_typed(typed: str, best: list[str]) -> None:
    assert (labels(f"entity: Voucher\nschema: {typed}$0\n"))[: len(best)] == best


def test_the_schema_of_an_entity_that_is_a_mapping() -> None:
    assert (labels("entity:\n  name: Voucher\n  schema: cat$0\n")) == ["catalog"]


# --- table_code -------------------------------------------------------------------------------------------


def test_the_next_free_code_of_each_subdomain_the_inferred_one_first() -> None:
    answer = completed(code_in("$0", "VoucherPerson"), NEW)
    assert [shown(i) for i in answer.items][:4] == [
        ("012033", "crm / customer", "customer · 13 left"),
        ("012033 taken now", "crm / customer", "customer · allocates it"),
        ("012012", "crm / core", "core · 13 left"),  # 1 is Organization's, F is reserved
        ("012042", "crm / support", "support · 14 left"),  # 1 is used by campaign.yaml
    ]
    assert [i.label for i in answer.items][4:] == LAYERS
    assert [i.label for i in answer.items if i.preselect] == ["012033"]
    assert answer.incomplete is True


def test_without_a_pattern_the_subdomain_core_is_first() -> None:
    assert (labels(code_in("$0")))[:3] == ["012012", "012033", "012042"]


def test_the_subdomain_that_the_file_names_is_first() -> None:
    text = "entity: Voucher\nschema: crm\norganization:\n  subdomain: support\n  table_code: $0\n"
    assert (labels(text))[:3] == ["012042", "012012", "012033"]


def test_a_code_is_found_by_its_subdomains_name() -> None:
    answer = completed(code_in("'sup$0'"), NEW)
    assert [shown(i) for i in answer.items] == [("012042", "crm / support", "support · 14 left")]
    assert accepted(code_in("'sup$0'"), answer.items[0]) == code_in("'012042'")
    by_digits = by_label(completed(code_in("$0"), NEW), "012042")
    assert by_digits.filter_text == "012042 support"


def test_the_next_code_can_be_taken_now_where_the_registry_can_be_written() -> None:
    item = by_label(completed(code_in("$0"), NEW), "012012 taken now")
    assert item.command is not None
    assert item.command.command == "specql.allocateEntityCode"
    argument = item.command.arguments
    assert argument["uri"].endswith(NEW)
    assert {k: v for k, v in argument.items() if k != "uri"} == {
        "domain": "2",
        "subdomain": "01",
        "tableCode": "012012",
    }
    assert accepted(code_in("$0"), item) == code_in("'012012'")


def test_the_registered_code_comes_first_of_all() -> None:
    answer = completed(code_in("$0", "contact", "management"), NEW)
    assert shown(answer.items[0]) == ("012031", "crm / customer", "customer · registered to Contact")
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
def test_typed_digits_name_layer_domain_and_subdomain(typed: str, expected: list[str]) -> None:
    assert labels(code_in(typed)) == expected


def test_codes_that_other_files_use_are_not_offered() -> None:
    # 014012 is task.yaml's although the registry does not know it.
    answer = completed(code_in("'01401$0'", "Milestone", "projects"), NEW)
    offered = [i.label for i in answer.items if i.command is None]
    assert offered == [f"01401{digit:X}" for digit in range(3, 16)]
    assert shown(answer.items[0]) == ("014013", "projects / core", "core · 13 left")
    others = {"entities/projects/other.yaml": code_in("'014013'", "Other", "projects")}
    answer = completed(code_in("'01401$0'", "Milestone", "projects"), NEW, others)
    assert answer.items[0].label == "014014"


def test_the_files_own_code_stays_free_for_it() -> None:
    assert "014012" in labels(code_in("'01401$02'", "Task", "tenant"), "entities/projects/task.yaml")


def test_a_domain_that_the_organization_names_serves_a_framework_schema() -> None:
    text = "entity: Voucher\nschema: common\norganization:\n  domain_name: projects\n  table_code: $0\n"
    assert (labels(text))[:2] == ["014013", "014021"]


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
def test_the_replaced_range_leaves_yaml_that_says_the_code(line: str, start: int, end: int, written: str) -> None:
    head, tail = "entity: Voucher\nschema: crm\norganization:\n", "\nfields:\n  name: text\n"
    text = head + line + tail
    item = by_label(completed(text, NEW), "012012")
    assert (item.replace.start - len(head), item.replace.end - len(head)) == (start, end)
    assert accepted(text, item) == head + written + tail


def test_characters_beyond_ascii_before_the_cursor_move_nothing() -> None:
    text = "entity: Voucher\nschema: crm\norganization: {note: '😀é', table_code: '0120$0'}\n"
    written = accepted(text, by_label(completed(text, NEW), "012012"))
    assert written.splitlines()[2] == "organization: {note: '😀é', table_code: '012012'}"


# --- organization, keys and references --------------------------------------------------------------------


@pytest.mark.parametrize("key", ["domain_name", "domain"])
def test_names_of_domains_in_organization(key: str) -> None:
    found = labels(f"entity: Voucher\nschema: crm\norganization:\n  {key}: $0\n")
    assert found == ["core", "crm", "catalog", "projects"]


def test_names_of_subdomains_are_those_of_the_files_domain() -> None:
    answer = completed("entity: Voucher\nschema: sales\norganization:\n  subdomain: $0\n", NEW)
    assert [shown(i) for i in answer.items] == [
        ("core", "01 · Organizations and the people in them", "1 entity"),
        ("customer", "03 · Whoever buys from us", "2 entities"),
        ("support", "04 · Tickets and what they are about", "0 entities"),
    ]
    named = "entity: Voucher\nschema: crm\norganization:\n  domain: '3'\n  subdomain: $0\n"
    assert labels(named) == ["classification", "manufacturer", "product"]


def test_keys_that_are_missing_those_that_specql_does_not_read_last() -> None:
    at_the_top = labels("entity: Voucher\n$0\n")
    assert at_the_top[:6] == ["schema", "description", "fields", "actions", "translations", "organization"]
    assert at_the_top.index("agents") < at_the_top.index("hierarchical")
    text = "entity: Voucher\norganization:\n  table_code: '012012'\n  $0\n"
    assert labels(text) == ["domain_name", "subdomain", "domain", "entity"]


def test_references_offer_the_files_schema_first_then_files_then_the_registry() -> None:
    answer = completed("entity: Voucher\nschema: crm\nfields:\n  of: ref($0\n", NEW)
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
    ("typed", "expected", "written"),
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
def test_a_reference_is_accepted_into_its_parentheses(typed: str, expected: str, written: str) -> None:
    text = f"entity: Voucher\nschema: crm\nfields:\n  of: {typed}\n  note: text\n"
    lines = accepted(text, by_label(completed(text, NEW), expected)).splitlines()
    assert lines[3:] == [f"  of: {written}", "  note: text"]


def test_a_schema_before_the_dot_keeps_the_others_out() -> None:
    text = "entity: Voucher\nschema: crm\nfields:\n  of: ref(catalog.$0)\n"
    assert labels(text) == ["Manufacturer", "Product"]


@pytest.mark.parametrize(
    ("text", "expected"), [("text$0", ["text", "text!"]), ("enum(a, $0)", []), ("$0", ["text", "ref", "integer"])]
)
def test_types_where_no_reference_is_open(text: str, expected: list[str]) -> None:
    assert labels(f"entity: Voucher\nschema: crm\nfields:\n  of: {text}\n")[:3] == expected


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
def test_codes_are_offered_in_broken_texts(text: str) -> None:
    assert "012012" in labels(text)


def test_nothing_in_yaml_that_is_not_specqls() -> None:
    assert labels("name: build\nschema: $0\n", ".github/workflows/build.yaml") == []
    assert labels("services:\n  db:\n    schema: $0\n", "compose.yaml") == []


# --- the documentation of an item ----------------------------------------------------------------------------


def documentation(item: CompletionItem) -> str:
    assert item.documentation is not None
    text = document_item(workspace(), item.documentation, NOW)
    assert text.endswith(PROVENANCE)
    return text


def test_an_item_is_documented_by_its_key_alone() -> None:
    domain = documentation(by_label(completed("entity: Voucher\nschema: $0\n", NEW), "sales"))
    assert domain.startswith("**crm** · domain `2`\n\nCustomers, how we win them and how we keep them\n")
    assert "multi-tenant · aliases: management, sales · 3 entities" in domain
    assert "| `03` | customer | 2 | 13 |" in domain
    codes = completed(code_in("$0", "Contact"), NEW)
    free = documentation(by_label(codes, "012033"))
    assert free.startswith("**`012033`** · free\n")
    assert "| `2` | domain | crm |\n| `03` | subdomain | customer |\n| `3` | sequence | 3 |" in free
    registered = documentation(by_label(codes, "012031"))
    assert "Registered: **Contact** has `012031` in crm / customer since 2026-01-20 10:02" in registered
    assert "Function code `032031` · view code `022031` · short code `CNT`" in registered
    references = completed("entity: Voucher\nschema: crm\nfields:\n  of: ref(cont$0)\n", NEW)
    entity = documentation(by_label(references, "Contact"))
    assert "schema crm · `012031` · 5 fields\n\nA person at a company that we talk to" in entity


# --- the registry file ------------------------------------------------------------------------------------


def in_registry(before: str, inserted: str) -> str:
    """The registry's text with lines put in before a line that it has once."""
    text = at(REGISTRY, "", before).replace(CURSOR, "")
    return text.replace(before, inserted + before)


def test_the_registry_file() -> None:
    text = in_registry("reserved_codes:\n", "  $0\n")
    domains = completed(text, REGISTRY).items
    assert [i.label for i in domains] == list("56789ABCDEF0")
    assert shown(domains[0]) == ("5", "next free domain number", None)
    assert accepted(text, domains[0]).count("\n  '5':\n") == 1

    text = in_registry("  '3':\n", "      $0\n")
    subdomains = completed(text, REGISTRY).items
    assert [i.label for i in subdomains][:9] == ["05", "06", "07", "08", "09", "0A", "0B", "0C", "02"]
    assert accepted(text, subdomains[0]).count("\n      '05':\n") == 1

    text = in_registry("      '04':\n        name: support\n", "          Person:\n            table_code: $0\n")
    codes = completed(text, REGISTRY).items
    assert shown(codes[0]) == ("012033", "crm / customer", "13 left")
    assert [i.label for i in codes] == [f"01203{digit:X}" for digit in range(3, 16)]
    assert "\n            table_code: '012033'\n" in accepted(text, codes[0])

    # An entity that has a code in its own file gets that one first.
    own = completed(in_registry("      '02':\n        name: location\n", "          Task: $0\n"), REGISTRY)
    assert shown(own.items[0]) == ("014012", "projects / core", "used by task.yaml")

    inference = completed(in_registry("  catalog:\n    manufacturer:\n", "    $0\n"), REGISTRY)
    assert [i.label for i in inference.items] == ["core"]  # customer and support have their patterns
