"""``:Specql`` and its subcommands, with the choices typed as a user types them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.editors.neovim.conftest import Start
from tests.editors.neovim.neovim import Neovim

TICKET = "entities/crm/ticket.yaml"
REGISTRY = "registry/domain_registry.yaml"
DOMAINS = "specql_registry.tb_domain"


def query(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement, which may also change something."""
    with psycopg.connect(url) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def code_of(url: str, entity: str) -> str | None:
    """The table code that PostgreSQL has for an entity."""
    rows = query(url, "SELECT table_code FROM specql_registry.tb_entity_registration WHERE entity_name = %s", entity)
    return rows[0][0] if rows else None


def description_of(url: str, domain: str) -> str:
    return str(query(url, f"SELECT description FROM {DOMAINS} WHERE domain_name = %s", domain)[0][0])


@pytest.fixture
def neovim(neovim_postgresql: Neovim) -> Neovim:
    """A Neovim with an entity that has no code, and PostgreSQL."""
    neovim_postgresql.open(TICKET)
    neovim_postgresql.source("postgresql", writable=True)
    neovim_postgresql.everything_read()
    return neovim_postgresql


@pytest.mark.drives("commands")
def test_allocating_with_choices(neovim: Neovim, workspace_url: str) -> None:
    neovim.type(":Specql allocate<CR>")
    neovim.sees("Domain of Ticket", "1: crm (2), 40 codes free", "Type number")  # the file's own domain first
    neovim.choose("crm (2)")
    neovim.sees("Subdomain of Ticket in crm", "support (04), 14 free, next 012042")
    neovim.choose("support (04)")
    neovim.says("Allocated 012042 to Ticket (crm, support).")
    neovim.until(lambda: "  table_code: '012042'" in neovim.lines(), "the code in the file")
    assert code_of(workspace_url, "Ticket") == "012042"
    neovim.not_stuck()
    # Asking again gives the same code, without asking for a subdomain.
    neovim.type(":Specql allocate crm<CR>")
    neovim.says("012042 is the code of Ticket already")
    assert neovim.lines().count("  table_code: '012042'") == 1


def test_allocating_by_names(neovim: Neovim, workspace_url: str) -> None:
    neovim.type(":Specql allocate sales support<CR>")  # an alias of crm
    neovim.says("Allocated 012042")
    assert code_of(workspace_url, "Ticket") == "012042"


def test_allocating_for_an_entity_without_a_file(neovim: Neovim, workspace_url: str) -> None:
    neovim.open(REGISTRY)
    neovim.type(":Specql allocate<CR>")
    neovim.answer("Allocate a code for the entity", "Partner")
    neovim.choose("catalog (3)")
    neovim.choose("product (03)")
    neovim.says("Allocated 013032 to Partner (catalog, product).")
    assert code_of(workspace_url, "Partner") == "013032"


def test_leaving_a_choice_changes_nothing(neovim: Neovim, workspace_url: str) -> None:
    before = (neovim.lines(), neovim.told())
    neovim.type(":Specql allocate<CR>")
    neovim.sees("Type number")
    neovim.type("q")
    neovim.until(lambda: neovim.mode == "n", "the end of the choice")
    neovim.not_stuck()
    assert (neovim.lines(), neovim.told()) == before
    assert code_of(workspace_url, "Ticket") is None


def test_a_refusal_is_its_sentence(neovim: Neovim) -> None:
    neovim.type(":Specql allocate nowhere<CR>")
    assert "There is no domain nowhere; there are core (1), crm (2)" in neovim.says("no domain nowhere")
    neovim.type(":Specql register-domain 2 crm<CR>")
    for prompt in ("Description", "Aliases"):
        neovim.answer(prompt, "")
    neovim.choose("No")
    assert "Traceback" not in neovim.says("The domain number 2 is taken")
    neovim.type(":Specql nonsense<CR>")
    neovim.says("There is no :Specql nonsense; there are allocate,")
    neovim.not_stuck()


@pytest.mark.drives("commands")
def test_registering_a_domain_and_a_subdomain(neovim: Neovim, workspace_url: str) -> None:
    neovim.type(":Specql register-domain<CR>")
    neovim.until(lambda: neovim.mode == "c" and "The domain's number: 5" in neovim.screen.text(), "a free number")
    neovim.type("<CR>")
    neovim.answer("The domain's name", "billing")
    neovim.answer("Description", "Who owes what")
    neovim.answer("Aliases", "invoicing, money")
    neovim.choose("Yes, multi-tenant")
    neovim.says("Registered the domain 5 billing.")
    rows = query(workspace_url, f"SELECT description, multi_tenant, aliases FROM {DOMAINS} WHERE domain_number = '5'")
    assert rows == [("Who owes what", True, ["invoicing", "money"])]
    neovim.type(":Specql register-subdomain money<CR>")
    neovim.until(lambda: neovim.mode == "c" and "The subdomain's number: 01" in neovim.screen.text(), "a free number")
    neovim.type("<CR>")
    neovim.answer("The subdomain's name", "invoices")
    neovim.answer("Description", "")
    neovim.says("Registered the subdomain 01 invoices of billing; its next code is 015011.")
    neovim.source("postgresql", domains=5, subdomains=10)
    neovim.not_stuck()


def at_the_cursor(neovim: Neovim) -> str:
    """The rest of the line from the cursor on."""
    code = "return vim.api.nvim_get_current_line():sub(vim.api.nvim_win_get_cursor(0)[2] + 1)"
    return str(neovim.lua(code))


@pytest.mark.drives("browse")
@pytest.mark.parametrize(
    ("label", "file", "text"),
    [
        ("Contact", "entities/crm/contact.yaml", "Contact"),
        ("  Organization", REGISTRY, "Organization"),
        ("support (04)", REGISTRY, "'04'"),
    ],
)
def test_looking_up_and_going_there(neovim: Neovim, workspace: Path, label: str, file: str, text: str) -> None:
    neovim.type(":Specql domains<CR>")
    neovim.choose("crm (2)")
    neovim.choose(label)
    neovim.until(lambda: neovim.ask("nvim_buf_get_name", 0) == str(workspace / file), "the file")
    neovim.until(lambda: at_the_cursor(neovim).startswith(text), "the cursor at its name")


def test_what_is_in_postgresql_only_has_no_place(neovim: Neovim, workspace_url: str) -> None:
    neovim.type(":Specql register-domain 6 fleet<CR>")
    for prompt in ("Description", "Aliases"):
        neovim.answer(prompt, "")
    neovim.choose("No")
    neovim.says("Registered")
    neovim.type(":Specql domains fleet<CR>")
    neovim.choose("fleet (6)")
    neovim.says("fleet is in PostgreSQL only")
    neovim.not_stuck()


def make_drift(neovim: Neovim, url: str) -> None:
    """Makes PostgreSQL differ from the YAML in two places."""
    query(url, f"UPDATE {DOMAINS} SET description = 'Told otherwise' WHERE domain_name IN ('crm', 'catalog')")
    neovim.source("postgresql", discrepancies=2)


def listed(neovim: Neovim) -> list[str]:
    return list(neovim.lua("return vim.tbl_map(function(i) return i.text end, vim.fn.getqflist())"))


def test_differences_in_the_quickfix_list(neovim: Neovim, workspace: Path, workspace_url: str) -> None:
    make_drift(neovim, workspace_url)
    neovim.type(":Specql differences<CR>")
    neovim.sees("[Quickfix List] SpecQL differences")
    first, second = neovim.until(lambda: listed(neovim), "the list")
    assert first.startswith('crm  domain 2 · description "Told otherwise" in PostgreSQL, "')
    assert second.startswith("catalog  domain 3 · description ")
    neovim.type("j<CR>")
    neovim.until(lambda: neovim.ask("nvim_buf_get_name", 0) == str(workspace / REGISTRY), "the registry YAML")
    neovim.until(lambda: "What we sell" in neovim.lua("return vim.api.nvim_get_current_line()"), "its line")
    neovim.not_stuck()


@pytest.mark.drives("drift")
def test_resolving_both_ways_from_the_quickfix_list(neovim: Neovim, workspace: Path, workspace_url: str) -> None:
    make_drift(neovim, workspace_url)
    neovim.type(":Specql differences<CR>")
    neovim.sees("[Quickfix List] SpecQL differences")
    neovim.type(":Specql resolve<CR>")
    neovim.choose("Keep PostgreSQL")
    neovim.says("write it with :wall")
    neovim.until(lambda: len(listed(neovim)) == 1, "the resolved one gone")
    registry = int(neovim.lua("return vim.fn.bufnr('domain_registry.yaml')"))
    assert "    description: Told otherwise" in neovim.lines(registry)
    assert "Told otherwise" not in (workspace / REGISTRY).read_text()  # the user writes it
    neovim.type(":wall<CR>")
    neovim.source("postgresql", discrepancies=1)
    neovim.until(lambda: (workspace / REGISTRY).read_text().count("Told otherwise") == 1, "the written file")

    neovim.type(":Specql resolve yaml<CR>")
    neovim.choose("Cancel")
    neovim.says("Nothing was changed in PostgreSQL.")
    assert description_of(workspace_url, "catalog") == "Told otherwise"
    neovim.type(":Specql resolve yaml<CR>")
    neovim.choose("Change")
    neovim.says("PostgreSQL now says what the registry YAML says here.")
    neovim.source("postgresql", discrepancies=0)
    assert description_of(workspace_url, "catalog") == "What we sell"
    assert description_of(workspace_url, "crm") == "Told otherwise"
    neovim.until(lambda: "Quickfix" not in neovim.screen.text(), "the empty list closed")
    neovim.not_stuck()


def test_resolving_at_the_cursor_in_the_registry(neovim: Neovim, workspace_url: str) -> None:
    make_drift(neovim, workspace_url)
    neovim.open(REGISTRY)
    neovim.type("/What we sell<CR>:Specql resolve postgresql<CR>")
    neovim.until(lambda: "    description: Told otherwise" in neovim.lines(), "PostgreSQL's description")
    assert neovim.lines().count("    description: Told otherwise") == 1


def test_what_is_not_at_the_cursor_is_chosen(neovim: Neovim, workspace_url: str) -> None:
    make_drift(neovim, workspace_url)
    neovim.type(":Specql resolve yaml<CR>")
    neovim.choose("catalog  domain 3")
    neovim.choose("Change")
    neovim.source("postgresql", discrepancies=1)
    assert description_of(workspace_url, "catalog") == "What we sell"
    neovim.type(":Specql resolve sideways<CR>")
    neovim.says("not sideways")


@pytest.mark.drives("drift")
def test_a_range_of_the_list_and_everything_at_once(neovim: Neovim, workspace: Path, workspace_url: str) -> None:
    make_drift(neovim, workspace_url)
    neovim.type(":Specql differences<CR>")
    neovim.sees("[Quickfix List] SpecQL differences")
    neovim.type(":%Specql resolve postgresql<CR>")
    neovim.choose("Write 2 to the registry YAML")
    neovim.says("2 resolved in the registry YAML; write it with :wall.")
    registry = int(neovim.lua("return vim.fn.bufnr('domain_registry.yaml')"))
    assert neovim.lines(registry).count("    description: Told otherwise") == 2
    neovim.until(lambda: "Quickfix" not in neovim.screen.text(), "the empty list closed")
    neovim.type(":wall<CR>")
    neovim.source("postgresql", discrepancies=0)
    neovim.until(lambda: (workspace / REGISTRY).read_text().count("Told otherwise") == 2, "the written file")

    query(workspace_url, f"UPDATE {DOMAINS} SET description = 'Third' WHERE domain_name IN ('crm', 'catalog', 'core')")
    neovim.type(":Specql keep-all yaml<CR>")
    neovim.choose("Domain 2 (crm): 1")
    neovim.choose("Cancel")
    neovim.says("Nothing was changed in PostgreSQL.")
    neovim.type(":Specql keep-all yaml<CR>")
    neovim.choose("Different: 3")
    neovim.choose("Write 3 to PostgreSQL")
    neovim.says("3 resolved in PostgreSQL.")
    neovim.source("postgresql", discrepancies=0)
    assert description_of(workspace_url, "crm") == "Told otherwise"
    neovim.not_stuck()


def test_a_difference_that_is_over_is_not_resolved(neovim: Neovim, workspace_url: str) -> None:
    make_drift(neovim, workspace_url)
    neovim.type(":Specql differences<CR>")
    neovim.sees("[Quickfix List] SpecQL differences")
    query(workspace_url, f"UPDATE {DOMAINS} SET description = 'And again' WHERE domain_name = 'crm'")
    neovim.type(":Specql resolve yaml<CR>")
    neovim.choose("Change")
    neovim.says("no longer differ in this way")
    assert description_of(workspace_url, "crm") == "And again"
    neovim.not_stuck()


def test_consistency(neovim: Neovim, workspace_url: str) -> None:
    neovim.type(":Specql consistency<CR>")
    neovim.says("PostgreSQL and the registry YAML agree (8 entities compared).")
    query(workspace_url, f"UPDATE {DOMAINS} SET description = 'Told otherwise' WHERE domain_name = 'crm'")
    neovim.type(":Specql consistency<CR>")
    neovim.says("PostgreSQL and the registry YAML differ in 1 place (8 entities compared).")
    assert listed(neovim) == []


def test_without_postgresql_nothing_is_compared(start: Start) -> None:
    neovim = start()
    neovim.open(TICKET)
    for command in ("differences", "consistency", "diff"):
        count = len(neovim.told())
        neovim.type(f":Specql {command}<CR>")
        neovim.until(lambda count=count: len(neovim.told()) > count, f"the refusal of {command}")
        assert "PostgreSQL" in neovim.told()[-1]
        neovim.not_stuck()
    assert listed(neovim) == []


@pytest.mark.drives("side-by-side")
def test_the_yaml_beside_what_postgresql_holds(neovim: Neovim, workspace: Path, workspace_url: str) -> None:
    make_drift(neovim, workspace_url)
    neovim.type(":Specql diff<CR>")
    neovim.until(lambda: neovim.lua("return #vim.api.nvim_tabpage_list_wins(0)") == 2, "the diff")
    code = "return vim.tbl_map(function(w) return vim.wo[w].diff end, vim.api.nvim_tabpage_list_wins(0))"
    neovim.until(lambda: neovim.lua(code) == [True, True], "diff mode")
    assert neovim.ask("nvim_buf_get_name", 0) == str(workspace / REGISTRY)
    neovim.sees("Told otherwise", "What we sell")
    neovim.type("gg]cdo")  # from one change to the next, and take what PostgreSQL has
    neovim.until(lambda: "    description: Told otherwise" in neovim.lines(), "the text taken over")
    neovim.type(":write<CR>")
    neovim.source("postgresql", discrepancies=1)


def test_status_and_refresh(neovim: Neovim, workspace_url: str) -> None:
    neovim.source("postgresql", discrepancies=0)

    def answers() -> list[str]:
        return [each for each in neovim.told() if each.startswith("PostgreSQL (127.0.0.1:")]

    for count, command in enumerate(("status", "refresh")):
        neovim.type(f":Specql {command}<CR>")
        neovim.until(lambda count=count: len(answers()) > count, "the answer")
        sentence = answers()[-1]
        assert "answers, writable: 4 domains, 9 subdomains, 8 entities." in sentence
        assert "PostgreSQL and the YAML agree." in sentence
    neovim.sees("9 subdomains")
    neovim.not_stuck()


@pytest.mark.drives("commands")
def test_the_performance_report(neovim: Neovim) -> None:
    neovim.type(":Specql report<CR>")
    neovim.sees("Performance of the SpecQL registry since", "100 % successful", "specql://performance")
    lines = neovim.lines()
    head = next(line for line in lines if line.startswith("  operation"))
    row = next(line for line in lines if line.startswith("  registry.load "))
    assert len(head) == len(row)
    assert head.split() == ["operation", "queries", "failed", "average", "p50", "p95", "max", "slow"]
    assert int(row.split()[1]) >= 1
    neovim.type("q")
    neovim.until(lambda: "specql://performance" not in neovim.screen.text(), "the end of the report")


def test_messages_and_log(neovim: Neovim) -> None:
    neovim.type(":Specql status<CR>")
    neovim.says("answers")
    neovim.type(":Specql messages<CR>")
    neovim.until(lambda: "answers, writable" in neovim.lines()[-1], "the messages")
    neovim.lua("vim.lsp.log.error('something to read')")
    neovim.type("q:Specql log<CR>")
    neovim.until(lambda: neovim.ask("nvim_buf_get_name", 0).endswith("lsp.log"), "the log")


def test_without_a_subcommand_one_is_chosen(neovim: Neovim) -> None:
    neovim.type(":Specql<CR>")
    neovim.choose("status: Say which registry answers")
    neovim.says("answers, writable")


def test_completion_of_the_command_line(neovim: Neovim) -> None:
    def complete(line: str) -> list[str]:
        return list(neovim.lua("return vim.fn.getcompletion(..., 'cmdline')", line))

    assert set(complete("Specql ")) == set(neovim.lua("return require('specql.commands').names()"))
    assert complete("Specql re") == [
        "refresh",
        "register-domain",
        "register-subdomain",
        "release-code",
        "rename-registration",
        "report",
        "resolve",
        "restart",
    ]
    assert complete("Specql allocate ") == ["core", "crm", "catalog", "projects"]
    assert complete("Specql allocate crm ") == ["core", "customer", "support"]
    assert complete("Specql domains c") == ["core", "crm", "catalog"]
    assert complete("Specql resolve ") == ["postgresql", "yaml"]
    assert complete("Specql status ") == []
    assert complete("vertical Specql allocate crm su") == ["support"]
