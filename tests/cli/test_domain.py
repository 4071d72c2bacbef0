"""``specql-lsp domain``: list, get, register, register-subdomain, allocate-code, rename-entity."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import psycopg

from tests.cli.support import (
    NOT_IN_YAML,
    REFUSED_CONNECTION,
    UNREACHABLE,
    all_of,
    answer,
    codes,
    on_terminal,
    refusal,
    run,
)

NO_URL = "No database URL is set; set registry.databaseUrl or SPECQL_DB_URL to allocate from PostgreSQL."
CORE = "Accounts, sessions and everything every team needs"
CRM = "Customers, how we win them and how we keep them"
IN_MEMORY = "specql-lsp: The registry is in memory: what was registered is gone when this command ends.\n"


# list


def test_the_list_as_a_table(workspace: Path, workspace_url: str) -> None:
    done = run(workspace, "domain", "list", url=workspace_url)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        "NUMBER  NAME      SUBDOMAINS  ENTITIES  FREE  TENANTS  ALIASES            DESCRIPTION",
        f"1       core               1         2    13  no                          {CORE}",
        f"2       crm                3         3    40  yes      management, sales  {CRM}",
    ]
    server = workspace_url.rpartition("@")[2]
    assert lines[-2:] == ["", f"4 domains, 9 subdomains, 8 entities in PostgreSQL at {server}."]


def test_the_list_as_json_is_what_the_server_lists(workspace: Path, workspace_url: str) -> None:
    found = answer(workspace, "domain", "list", url=workspace_url)
    assert [domain["number"] for domain in found] == ["1", "2", "3", "4"]
    assert found[0] == {
        "number": "1",
        "name": "core",
        "description": CORE,
        "multiTenant": False,
        "aliases": [],
        "subdomains": [
            {
                "number": "01",
                "name": "accounts",
                "description": "Who may sign in",
                "nextEntitySequence": 3,
                "free": 13,
                "nextTableCode": "011013",
                "leased": [],
                "entities": [
                    {"name": "Account", "tableCode": "011011", "sequence": 1, "entityCode": "ACC"},
                    {"name": "Session", "tableCode": "011012", "sequence": 2, "entityCode": "SSN"},
                ],
            }
        ],
    }


def test_what_a_file_uses_is_not_free(workspace: Path, workspace_url: str) -> None:
    def free() -> int:
        domain = answer(workspace, "domain", "get", "crm", url=workspace_url)
        return int(next(s["free"] for s in domain["subdomains"] if s["number"] == "03"))

    before = free()
    (workspace / "entities" / "partner.yaml").write_text(
        "entity: Partner\nschema: crm\norganization:\n  table_code: '012037'\n"
    )
    assert free() == before - 1


def test_an_empty_registry_has_no_domain(tmp_path: Path, database_url: str) -> None:
    assert answer(tmp_path, "domain", "list", url=database_url) == []
    assert run(tmp_path, "domain", "list", url=database_url).stdout.startswith("There is no domain in PostgreSQL at ")


def test_a_registry_that_cannot_be_read_is_not_empty(tmp_path: Path) -> None:
    kind, message = refusal(tmp_path, "domain", "list", status=2)
    assert kind == "registry-unavailable"
    assert message.startswith("No registry can be read. ")
    assert refusal(tmp_path, "domain", "get", "crm", url=UNREACHABLE, status=2)[0] == "registry-unavailable"


def test_the_yaml_answers_where_postgresql_does_not(workspace: Path) -> None:
    done = run(workspace, "domain", "list", url=UNREACHABLE)
    assert done.returncode == 0
    assert done.stderr == f"specql-lsp: {REFUSED_CONNECTION} The registry's YAML answers instead.\n"
    assert done.stdout.endswith("4 domains, 9 subdomains, 8 entities in the registry YAML.\n")
    assert answer(workspace, "domain", "list", url=UNREACHABLE) == answer(workspace, "domain", "list")


def test_the_yaml_alone_needs_no_words(workspace: Path) -> None:
    assert run(workspace, "domain", "list").stderr == ""
    assert run(workspace, "domain", "list", "--backend", "yaml", url=UNREACHABLE).stderr == ""


# get


def test_a_domain_by_its_number_its_name_or_an_alias(workspace: Path) -> None:
    for key in ("2", "CRM", "sales"):
        assert answer(workspace, "domain", "get", key)["name"] == "crm"


def test_a_domain_as_text(workspace: Path, workspace_url: str) -> None:
    assert run(workspace, "domain", "get", "crm", url=workspace_url).stdout.splitlines() == [
        "Domain 2 (crm), multi-tenant",
        CRM,
        "Aliases: management, sales",
        "",
        "SUBDOMAIN  NAME      ENTITIES  FREE  DESCRIPTION",
        "01         core             1    13  Organizations and the people in them",
        "03         customer         2    13  Whoever buys from us",
        "04         support          0    14  Tickets and what they are about",
        "",
        "CODE    ENTITY        SHORT  SUBDOMAIN",
        "012011  Organization  ORG    01 core",
        "012031  Contact       CNT    03 customer",
        "012032  Company       CMP    03 customer",
    ]


def test_a_domain_that_is_not_there(workspace: Path, workspace_url: str) -> None:
    kind, message = refusal(workspace, "domain", "get", "crn", url=workspace_url)
    assert kind == "unknown-domain"
    assert "did you mean 'crm'?" in message


# register


def test_registering_a_domain_and_a_subdomain(workspace: Path, workspace_url: str) -> None:
    domain = ("domain", "register", "--number", "a", "--name", "billing", "--description", "Invoices")
    done = run(workspace, *domain, "--multi-tenant", "--aliases", "money, cash", url=workspace_url)
    assert (done.returncode, done.stderr) == (0, NOT_IN_YAML)
    assert done.stdout == "Registered multi-tenant domain A (billing) with the aliases money, cash.\n"
    subdomain = ("domain", "register-subdomain", "cash", "--number", "01", "--name", "invoices")
    done = run(workspace, *subdomain, url=workspace_url)
    assert done.stdout == "Registered subdomain 01 (invoices) of domain A (billing): 15 codes free.\n"
    found = answer(workspace, "domain", "get", "A", url=workspace_url)
    assert (found["description"], found["multiTenant"], found["aliases"]) == ("Invoices", True, ["money", "cash"])
    assert [s["name"] for s in found["subdomains"]] == ["invoices"]


def test_registering_as_json(workspace: Path, workspace_url: str) -> None:
    added = answer(workspace, "domain", "register", "--number", "7", "--name", "hr", url=workspace_url)
    assert added == {
        "number": "7",
        "name": "hr",
        "description": None,
        "multiTenant": False,
        "aliases": [],
        "subdomains": [],
    }
    added = answer(
        workspace, "domain", "register-subdomain", "7", "--number", "02", "--name", "people",
        "--description", "Who works here", url=workspace_url,
    )  # fmt: skip
    assert added == {
        "number": "02",
        "name": "people",
        "description": "Who works here",
        "nextEntitySequence": 1,
        "free": 15,
        "nextTableCode": "017021",
        "leased": [],
        "entities": [],
    }


def test_what_may_not_be_registered(workspace: Path, workspace_url: str) -> None:
    before = answer(workspace, "domain", "list", url=workspace_url)
    expected = (
        ("already-registered", "register --number 2 --name sales_force"),
        ("already-registered", "register --number 9 --name new --aliases sales"),
        ("invalid-argument", "register --number G --name new"),
        ("invalid-argument", "register --number 9 --name New"),
        ("unknown-domain", "register-subdomain nowhere --number 09 --name new"),
        ("already-registered", "register-subdomain crm --number 03 --name new"),
        ("invalid-argument", "register-subdomain crm --number 9 --name new"),
    )
    refused = all_of(
        partial(answer, workspace, "domain", *arguments.split(), url=workspace_url, status=1)
        for _, arguments in expected
    )
    for (kind, arguments), document in zip(expected, refused, strict=True):
        assert document["error"]["kind"] == kind, arguments
    kind, message = refusal(workspace, "domain", "register", "--number", "9", "--name", "crm", url=workspace_url)
    assert (kind, message.split(":")[0]) == ("already-registered", "The name crm is taken")
    assert answer(workspace, "domain", "list", url=workspace_url) == before


def test_a_registry_in_memory_says_that_it_goes(workspace: Path) -> None:
    done = run(workspace, "domain", "register", "--number", "2", "--name", "crm", "--backend", "in_memory")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Registered domain 2 (crm).\n", IN_MEMORY)
    assert answer(workspace, "domain", "list", "--backend", "in_memory") == []
    kind, _ = refusal(workspace, "domain", "allocate-code", "crm", "customer", "Partner", "--backend", "in_memory")
    assert kind == "unknown-domain"


# allocate-code


def test_allocating_and_asking_again(workspace: Path, workspace_url: str) -> None:
    partner = ("domain", "allocate-code", "crm", "customer", "Partner")
    place = "subdomain 03 (customer) of domain 2 (crm)"
    done = run(workspace, *partner, url=workspace_url)
    assert (done.returncode, done.stderr) == (0, NOT_IN_YAML)
    assert done.stdout == f"Allocated 012033 to Partner in {place}.\n"
    assert codes(workspace_url, "Partner") == ["012033"]
    done = run(workspace, "domain", "allocate-code", "2", "03", "partner", url=workspace_url)
    assert done.stdout == f"Partner has the code 012033 already, in {place}.\n"
    assert answer(workspace, *partner, url=workspace_url) == {
        "entity": "Partner",
        "tableCode": "012033",
        "entityCode": "PRT",
        "domain": {"number": "2", "name": "crm"},
        "subdomain": {"number": "03", "name": "customer"},
        "sequence": 3,
        "created": False,
        "leased": False,
    }
    assert codes(workspace_url, "Partner") == ["012033"]


def test_another_layer(workspace: Path, workspace_url: str) -> None:
    done = answer(workspace, "domain", "allocate-code", "crm", "04", "Sla", "--layer", "00", url=workspace_url)
    assert (done["tableCode"], done["created"]) == ("002041", True)
    unknown = ("domain", "allocate-code", "crm", "04", "Other", "--layer", "77")
    assert refusal(workspace, *unknown, url=workspace_url)[0] == "invalid-argument"


def test_a_code_of_another_file_is_not_given_out(workspace: Path, workspace_url: str) -> None:
    """Wherever the file is, and whether or not it begins with a byte order mark."""
    deep = workspace / "stdlib" / "more"
    deep.mkdir(parents=True)
    (deep / "lead.yaml").write_text("entity: Lead\nschema: crm\norganization:\n  table_code: '012033'\n")
    (deep / "marked.yml").write_text(
        "\ufeffentity: Offer\nschema: crm\norganization: {table_code: '012035'}\n", encoding="utf-8"
    )
    given = [
        answer(workspace, "domain", "allocate-code", "crm", "customer", f"New{at}", url=workspace_url)["tableCode"]
        for at in range(3)
    ]
    assert given == ["012034", "012036", "012037"]
    # For the entity of the file itself its code is as free as any.
    own = answer(workspace, "domain", "allocate-code", "crm", "customer", "Lead", url=workspace_url)
    assert own["tableCode"] == "012033"


def test_files_that_are_excluded_use_no_code(workspace: Path, workspace_url: str) -> None:
    (workspace / "build").mkdir()
    (workspace / "build" / "lead.yaml").write_text("entity: Lead\norganization:\n  table_code: '012033'\n")
    done = answer(workspace, "domain", "allocate-code", "crm", "customer", "Partner", url=workspace_url)
    assert done["tableCode"] == "012033"


def test_what_gets_no_code(workspace: Path, workspace_url: str) -> None:
    expected = (
        ("unknown-domain", "nowhere", "customer", "Partner"),
        ("unknown-subdomain", "crm", "nowhere", "Partner"),
        ("invalid-argument", "crm", "customer", "not a name"),
        ("already-registered", "crm", "support", "Contact"),
    )
    refused = all_of(
        partial(answer, workspace, "domain", "allocate-code", *arguments, url=workspace_url, status=1)
        for _, *arguments in expected
    )
    assert [document["error"]["kind"] for document in refused] == [kind for kind, *_ in expected]


def test_a_full_subdomain(workspace: Path, workspace_url: str) -> None:
    with psycopg.connect(workspace_url) as connection:
        connection.execute(
            "INSERT INTO specql_registry.tb_entity_registration"
            " (fk_subdomain, entity_name, table_code, entity_sequence)"
            " SELECT pk_subdomain, 'Entity' || n, '01201' || upper(to_hex(n)), n"
            " FROM generate_series(2, 14) n, specql_registry.tb_subdomain"
            " JOIN specql_registry.tb_domain ON pk_domain = fk_domain"
            " WHERE domain_number = '2' AND subdomain_number = '01'"
        )
    # The fifteenth code, 01201F, is reserved in the registry YAML.
    kind, message = refusal(workspace, "domain", "allocate-code", "crm", "core", "Partner", url=workspace_url)
    assert kind == "subdomain-full"
    assert "Subdomain 01 (core) of domain 2 (crm) is full" in message


def test_the_yaml_gives_no_codes(workspace: Path) -> None:
    allocate = ("domain", "allocate-code", "crm", "customer", "Partner")
    assert refusal(workspace, *allocate) == ("registry-read-only", f"The registry is read-only now. {NO_URL}")
    kind, message = refusal(workspace, *allocate, url=UNREACHABLE)
    assert (kind, message) == ("registry-read-only", f"The registry is read-only now. {REFUSED_CONNECTION}")
    assert run(workspace, "check", "entities/crm/ticket.yaml", "--format", "json").stdout.count("missing-table") == 1


def test_many_at_once_get_codes_of_their_own(workspace: Path, workspace_url: str) -> None:
    cases = [f"Case{number}" for number in range(8)]
    allocate = ("domain", "allocate-code", "crm", "support")
    done = all_of(partial(answer, workspace, *allocate, case, url=workspace_url) for case in cases)
    given = [each["tableCode"] for each in done]
    assert len(set(given)) == 8
    assert given == [code for case in cases for code in codes(workspace_url, case)]


# rename-entity


def test_renaming_and_asking_again(workspace: Path, workspace_url: str) -> None:
    rename = ("domain", "rename-entity", "crm", "Contact", "Person")
    place = "subdomain 03 (customer) of domain 2 (crm)"
    done = run(workspace, *rename, "--dry-run", url=workspace_url)
    there = "Rename Contact there, too: entities/crm/contact.yaml."
    assert done.stdout == f"Would rename Contact to Person; it keeps 012031 in {place}. {there} Nothing was changed.\n"
    assert (codes(workspace_url, "Contact"), codes(workspace_url, "Person")) == (["012031"], [])
    done = run(workspace, *rename, url=workspace_url)
    assert (done.returncode, done.stderr) == (0, NOT_IN_YAML)
    assert done.stdout == f"Renamed Contact to Person; it keeps 012031 in {place}. {there}\n"
    assert (codes(workspace_url, "Contact"), codes(workspace_url, "Person")) == ([], ["012031"])
    done = run(workspace, *rename, url=workspace_url)
    nothing = f"The code 012031 is registered to Person already, in {place}: nothing was changed."
    assert done.stdout == f"{nothing} {there}\n"
    file = workspace / "entities/crm/contact.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("entity: Contact", "entity: Person"), encoding="utf-8")
    assert run(workspace, *rename, url=workspace_url).stdout == f"{nothing}\n"
    assert answer(workspace, *rename, "--subdomain", "03", url=workspace_url) == {
        "entity": "Person",
        "tableCode": "012031",
        "entityCode": "PRS",
        "domain": {"number": "2", "name": "crm"},
        "subdomain": {"number": "03", "name": "customer"},
        "sequence": 1,
        "previousName": "Contact",
        "renamed": False,
        "files": [],
    }


def test_what_is_not_renamed(workspace: Path, workspace_url: str) -> None:
    expected = (
        ("unknown-domain", "nowhere", "Contact", "Person"),
        ("invalid-argument", "crm", "Nothing", "Person"),
        ("invalid-argument", "crm", "Contact", "not a name"),
        ("already-registered", "crm", "Contact", "Company"),
    )
    refused = all_of(
        partial(answer, workspace, "domain", "rename-entity", *arguments, *dry, url=workspace_url, status=1)
        for _, *arguments in expected
        for dry in ((), ("--dry-run",))
    )
    assert [document["error"]["kind"] for document in refused] == [kind for kind, *_ in expected for _ in range(2)]
    rename = ("domain", "rename-entity", "crm", "Contact", "Person")
    for dry in ((), ("--dry-run",)):
        assert refusal(workspace, *rename, *dry) == ("registry-read-only", f"The registry is read-only now. {NO_URL}")


# On a terminal


def test_colours_only_on_a_terminal_that_wants_them(workspace: Path, workspace_url: str) -> None:
    shown = on_terminal(workspace, "domain", "list", url=workspace_url)
    assert "\x1b[1mcrm\x1b[0m" in shown.stdout
    assert shown.plain == run(workspace, "domain", "list", url=workspace_url).stdout
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        bare = on_terminal(workspace, "domain", "list", url=workspace_url, variables=variables)
        assert bare.stdout == shown.plain


def test_a_narrow_terminal_cuts_the_last_column(workspace: Path, workspace_url: str) -> None:
    lines = on_terminal(workspace, "domain", "list", columns=100, url=workspace_url).plain.splitlines()
    assert lines[1].endswith("  Accounts, sessions and ev…")
    assert max(map(len, lines[:5])) <= 100
    assert "TENANTS  ALIASES            DESCRIPTION" in lines[0]


def test_wide_characters_line_up(workspace: Path, workspace_url: str) -> None:
    with psycopg.connect(workspace_url) as connection:
        connection.execute(
            "UPDATE specql_registry.tb_domain SET aliases = ARRAY['顧客'], description = E'\\x1b[31mred\\nline'"
            " WHERE domain_number = '2'"
        )
    lines = run(workspace, "domain", "list", url=workspace_url).stdout.splitlines()
    # Two characters in four columns; and no text of the registry commands the terminal.
    assert lines[2].endswith(r"  yes      顧客     \x1b[31mred\nline")
    assert lines[0].endswith("TENANTS  ALIASES  DESCRIPTION")
