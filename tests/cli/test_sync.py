"""``registry sync`` settles what differs, one way; ``--update-yaml`` keeps the YAML in step with what is changed."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from specql_lsp.registry import open_registry
from specql_lsp.registry.refusals import RefusalKind
from tests.cli.support import LISTED, UNREACHABLE, answer, refusal, run
from tests.cli.test_consistency import drift
from tests.support.workspaces import REGISTRY

VERIFY = ("registry", "verify")


def sync(workspace: Path, url: str, keep: str, *more: str) -> tuple[int, str]:
    done = run(workspace, "registry", "sync", "--keep", keep, *more, url=url)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_postgresql_is_kept_by_one_edit_of_the_file(workspace: Path, workspace_url: str) -> None:
    drift(workspace_url)
    path = workspace / REGISTRY
    before = path.read_text(encoding="utf-8")
    tried = f"1 added, 3 changed and 2 removed in {REGISTRY}, if this were not a dry run. Nothing was changed.\n"
    assert sync(workspace, workspace_url, "postgresql", "--dry-run") == (0, LISTED + tried)
    assert path.read_text(encoding="utf-8") == before
    done = f"1 added, 3 changed and 2 removed in {REGISTRY}.\n"
    assert sync(workspace, workspace_url, "postgresql") == (0, LISTED + done)
    assert run(workspace, *VERIFY, url=workspace_url).returncode == 0
    after = path.read_text(encoding="utf-8")
    comments = [line for line in before.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in comments if line not in after] == []
    agree = "PostgreSQL and the registry YAML agree: nothing to do.\n"
    assert sync(workspace, workspace_url, "postgresql") == (0, agree)
    assert sync(workspace, workspace_url, "yaml", "--dry-run") == (0, agree)


def test_the_yaml_is_kept_in_one_transaction(workspace: Path, workspace_url: str) -> None:
    drift(workspace_url)
    before = (workspace / REGISTRY).read_bytes()
    place = f"PostgreSQL at {workspace_url.rpartition('@')[2]}"
    status, text = sync(workspace, workspace_url, "yaml")
    assert (status, text) == (0, LISTED + f"2 added, 3 changed and 1 removed in {place}.\n")
    assert run(workspace, *VERIFY, url=workspace_url).returncode == 0
    assert (workspace / REGISTRY).read_bytes() == before


def test_what_is_refused_is_named_and_hinders_nothing_else(workspace: Path, workspace_url: str) -> None:
    drift(workspace_url)
    with psycopg.connect(workspace_url) as connection:
        connection.execute(
            "UPDATE specql_registry.tb_subdomain SET next_entity_sequence = 500 WHERE subdomain_name = 'customer'"
        )
        connection.execute(
            "UPDATE specql_registry.tb_entity_registration SET entity_sequence = 499 WHERE entity_name = 'Contact'"
        )
    document = answer(workspace, "registry", "sync", "--keep", "yaml", url=workspace_url, status=1)
    assert (document["keep"], document["dryRun"], document["resolved"]) == ("yaml", False, 6)
    ((refused),) = document["refused"]
    assert (refused["kind"], refused["discrepancy"]["attribute"]) == ("conflict", "next_entity_sequence")
    assert "cannot be lowered from 500 to 426" in refused["message"]
    assert len(document["changes"]) == 6
    assert document["changes"][0]["title"] == "Keep the YAML: add Session (011012) to PostgreSQL"
    done = run(workspace, "registry", "sync", "--keep", "yaml", url=workspace_url)
    assert done.returncode == 1
    assert (
        "Refused: 1 difference\n  customer  subdomain 03 · crm · next_entity_sequence 500 in PostgreSQL" in done.stdout
    )
    # The other way round it goes.
    assert sync(workspace, workspace_url, "postgresql")[0] == 0
    assert run(workspace, *VERIFY, url=workspace_url).returncode == 0


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_nothing_at_all_is_not_kept(more: tuple[str, ...], workspace: Path, workspace_url: str) -> None:
    """Half a file, or the wrong database, would otherwise empty the other side."""
    path = workspace / REGISTRY
    whole = path.read_bytes()
    path.write_text("version: 1.0.0\ndomains: {}\n", encoding="utf-8")
    command = ("registry", "sync", "--keep", "yaml", *more)
    kind, message = refusal(workspace, *command, url=workspace_url)
    assert kind == "conflict"
    assert message == (
        "The registry YAML holds no domain at all, and PostgreSQL would lose all that it holds; nothing was changed. "
        "Look whether the file is complete, or remove the domains from PostgreSQL yourself."
    )
    with psycopg.connect(workspace_url) as connection:
        assert connection.execute("SELECT count(*) FROM specql_registry.tb_domain").fetchone() == (4,)
        connection.execute("DELETE FROM specql_registry.tb_domain")
    path.write_bytes(whole)
    kind, message = refusal(workspace, "registry", "sync", "--keep", "postgresql", *more, url=workspace_url)
    assert kind == "conflict"
    assert message.startswith("PostgreSQL holds no domain at all, and the registry YAML would lose all that it holds;")
    assert path.read_bytes() == whole
    with open_registry(workspace_url, path) as registry:
        one = registry.state.discrepancies
        assert one is not None and len(one) == 4
        assert len(registry.resolve_discrepancies("postgresql", one[:1]).resolved) == 1


def test_both_sides_are_needed(workspace: Path, workspace_url: str) -> None:
    assert refusal(workspace, "registry", "sync", "--keep", "yaml", url=UNREACHABLE, status=2)[0] == (
        "registry-unavailable"
    )
    assert run(workspace, "registry", "sync", url=workspace_url).returncode == 2
    (workspace / REGISTRY).unlink()
    kind, message = refusal(workspace, "registry", "sync", "--keep", "postgresql", url=workspace_url, status=2)
    assert kind == "registry-unavailable"
    assert "cannot be compared" in message


def test_from_python(workspace: Path, workspace_url: str) -> None:
    drift(workspace_url)
    with open_registry(workspace_url, workspace / REGISTRY) as registry:
        found = registry.state.discrepancies
        assert found is not None
        assert registry.resolve_discrepancies("postgresql", dry_run=True).resolved == found
        assert registry.resolve_discrepancies("postgresql", found[:2]).resolved == found[:2]
        assert registry.state.discrepancies == found[2:]
        outdated = registry.resolve_discrepancies("yaml", found[:1])
        assert (outdated.resolved, [each.kind for each in outdated.refused]) == ((), [RefusalKind.CONFLICT])
        assert registry.resolve_discrepancies("yaml").resolved == found[2:]
        assert registry.check_consistency()["consistent"]
        with pytest.raises(ValueError, match="keep must be"):
            registry.resolve_discrepancies("both")


def test_the_yaml_follows_what_is_changed(workspace: Path, workspace_url: str) -> None:
    drift(workspace_url, "UPDATE specql_registry.tb_domain SET description = 'Goods' WHERE domain_number = '3'")
    path = workspace / REGISTRY
    done = run(workspace, "domain", "allocate-code", "crm", "support", "Thing", "--update-yaml", url=workspace_url)
    assert (done.returncode, done.stderr) == (0, f"specql-lsp: {REGISTRY} was changed likewise.\n")
    assert "          Thing:\n            table_code: '012042'\n" in path.read_text(encoding="utf-8")
    assert "description: What we sell" in path.read_text(encoding="utf-8")  # that was somebody else
    done = run(workspace, "domain", "rename-entity", "crm", "Thing", "Matter", "--update-yaml", url=workspace_url)
    assert (done.returncode, "Matter:" in path.read_text(encoding="utf-8")) == (0, True)
    (workspace / "specql-lsp.toml").write_text('[registry]\nupdateYaml = "always"\n')
    run(workspace, "domain", "register", "--number", "9", "--name", "stock", url=workspace_url)
    run(workspace, "domain", "register-subdomain", "9", "--number", "01", "--name", "core", url=workspace_url)
    run(workspace, "domain", "allocate-code", "stock", "core", "Shelf", "--no-update-yaml", url=workspace_url)
    report = answer(workspace, *VERIFY, url=workspace_url, status=1)
    assert [each.get("entity", each["type"]) for each in report["discrepancies"]] == [
        "domain_attribute_mismatch",
        "Shelf",
    ]


def test_only_what_is_named(workspace: Path, workspace_url: str) -> None:
    drift(workspace_url)
    path = workspace / REGISTRY
    for word, line in (
        ("catalog/09", "  returns  subdomain 09 · catalog · only in PostgreSQL"),
        ("catalog/returns", "  returns  subdomain 09 · catalog · only in PostgreSQL"),
        ("Company", "  Company  crm / customer · table_code"),
        ("012039", "  Company  crm / customer · table_code"),
        ("core", "  Session  011012 · core / accounts · only in the YAML"),
    ):
        status, text = sync(workspace, workspace_url, "postgresql", "--dry-run", word)
        assert (status, text.splitlines()[1]) == (0, line)
    before = path.read_text(encoding="utf-8")
    status, text = sync(workspace, workspace_url, "postgresql", "3", "Company")
    assert (status, text.splitlines()[-1]) == (0, f"1 added and 3 changed in {REGISTRY}.")
    after = path.read_text(encoding="utf-8")
    assert "Session" in after and "012039" in after and "returns" in after and after != before
    agree = "PostgreSQL and the registry YAML agree about 3 and Company: nothing to do.\n"
    assert sync(workspace, workspace_url, "yaml", "3", "Company") == (0, agree)
    kind, message = refusal(workspace, "registry", "sync", "--keep", "yaml", "Sesion", url=workspace_url)
    assert (kind, message.split(":")[0]) == (
        "invalid-argument",
        "Neither PostgreSQL nor the registry YAML has Sesion",
    )
    assert answer(workspace, *VERIFY, url=workspace_url, status=1)["summary"]["discrepancies"] == 2
