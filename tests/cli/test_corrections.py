"""``specql-lsp domain move-entity`` and ``release-code`` as processes: the registry, the files, what is refused."""

from __future__ import annotations

from pathlib import Path

from tests.cli.support import NOT_IN_YAML, answer, codes, refusal, run

CONTACT = "entities/crm/contact.yaml"
PRODUCT = "entities/catalog/product.yaml"  # has the code of another entity


def test_a_moved_entity_takes_its_file_along(workspace: Path, workspace_url: str) -> None:
    file = workspace / CONTACT
    before = file.read_text(encoding="utf-8")
    move = ("domain", "move-entity", "crm", "Contact", "core")
    preview = answer(workspace, *move, "--dry-run", url=workspace_url)
    assert (preview["previousTableCode"], preview["moved"], preview["files"]) == ("012031", True, [CONTACT])
    assert file.read_text(encoding="utf-8") == before and codes(workspace_url, "Contact") == ["012031"]
    shown = run(workspace, *move, "--dry-run", url=workspace_url)
    new = preview["tableCode"]
    assert shown.stdout == (
        f"Would move Contact to subdomain 01 (core) of domain 2 (crm): its code is {new} instead of 012031. "
        f"Files: {CONTACT}. Nothing was changed.\n"
    )
    done = run(workspace, *move, url=workspace_url)
    assert (done.returncode, done.stderr) == (0, NOT_IN_YAML)
    assert done.stdout.startswith("Moved Contact to subdomain 01 (core)")
    assert codes(workspace_url, "Contact") == [new]
    assert file.read_text(encoding="utf-8") == before.replace("012031", new)
    again = answer(workspace, *move, url=workspace_url)
    assert (again["tableCode"], again["moved"], again["files"]) == (new, False, [])


def test_a_code_in_use_is_not_released(workspace: Path, workspace_url: str) -> None:
    release = ("domain", "release-code", "crm", "Contact")
    kind, message = refusal(workspace, *release, url=workspace_url)
    assert kind == "conflict"
    assert message.startswith(f"The code 012031 of Contact is used by {CONTACT} and 1 more: ")
    file = workspace / CONTACT
    file.write_text(file.read_text(encoding="utf-8").replace("'012031'", "''"), encoding="utf-8")
    # Without a code in the file SpecQL takes the registered one.
    assert refusal(workspace, *release, url=workspace_url)[0] == "conflict"
    file.unlink()
    message = refusal(workspace, *release, url=workspace_url)[1]
    assert message.startswith(f"The code 012031 of Contact is used by {PRODUCT}: ")
    (workspace / PRODUCT).unlink()
    preview = run(workspace, *release, "--dry-run", url=workspace_url)
    place = "subdomain 03 (customer) of domain 2 (crm)"
    assert preview.stdout == f"Would release 012031 of Contact in {place}. Nothing was changed.\n"
    assert codes(workspace_url, "Contact") == ["012031"]
    done = run(workspace, *release, url=workspace_url)
    assert done.stdout == f"Released 012031 of Contact in {place}: the code is free again.\n"
    assert codes(workspace_url, "Contact") == []
    kind, _ = refusal(workspace, *release, url=workspace_url)
    assert kind == "invalid-argument"


def test_a_code_is_not_released_while_a_file_of_an_entity_cannot_be_read(workspace: Path, workspace_url: str) -> None:
    (workspace / PRODUCT).unlink()
    file = workspace / CONTACT
    text = file.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-16")
    release = ("domain", "release-code", "crm", "Contact")
    for dry_run in ((), ("--dry-run",)):
        done = run(workspace, *release, *dry_run, url=workspace_url)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.endswith(
            "specql-lsp: Whether a file uses the code 012031 of Contact is not known. entities/crm/contact.yaml is not "
            "read: it is not UTF-8 text. Mend that, then release the code.\n"
        )
    assert codes(workspace_url, "Contact") == ["012031"]
    for half_typed in ("entity: [Contact", "entity:"):
        file.write_text(text.replace("entity: Contact", half_typed), encoding="utf-8")
        assert refusal(workspace, *release, url=workspace_url)[1].startswith(
            f"The code 012031 of Contact is used by {CONTACT}: "
        )


def test_a_registry_that_is_only_read(workspace: Path) -> None:
    for command in (("move-entity", "crm", "Contact", "core"), ("release-code", "crm", "Contact")):
        for dry_run in ((), ("--dry-run",)):
            assert refusal(workspace, "domain", *command, *dry_run)[0] == "registry-read-only"


def test_a_move_that_the_yaml_cannot_follow_changes_nothing(workspace: Path, workspace_url: str) -> None:
    """Its anchor is used in another place, where it cannot be written out."""
    path = workspace / "registry" / "domain_registry.yaml"
    text = path.read_text(encoding="utf-8")
    anchored = text.replace("table_code: '012032'", "table_code: &code '012032'") + "notes: [a, *code]\n"
    assert anchored.count("*code") == anchored.count("&code") == 1
    path.write_text(anchored, encoding="utf-8")
    entities = {each: each.read_bytes() for each in (workspace / "entities").rglob("*.yaml")}
    for options in (["--update-yaml"], ["--update-yaml", "--dry-run"]):
        kind, message = refusal(
            workspace, "domain", "move-entity", "crm", "Company", "support", *options, url=workspace_url
        )
        assert kind == "conflict"
        assert message == (
            "Company cannot be moved in registry/domain_registry.yaml, so nothing was changed. Its anchor (&) is used "
            "in another place of the file: write out the alias there, then try again. With --no-update-yaml PostgreSQL "
            "alone is changed."
        )
    assert codes(workspace_url, "Company") == ["012032"]
    assert path.read_text(encoding="utf-8") == anchored
    assert {each: each.read_bytes() for each in (workspace / "entities").rglob("*.yaml")} == entities
    done = run(workspace, "domain", "move-entity", "crm", "Company", "support", "--no-update-yaml", url=workspace_url)
    assert done.returncode == 0, done.stderr


def test_a_move_writes_out_an_alias_of_what_it_takes_away(workspace: Path, workspace_url: str) -> None:
    path = workspace / "registry" / "domain_registry.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("table_code: '012032'", "table_code: &code '012032'") + "first: *code\n", "utf-8")
    done = run(workspace, "domain", "move-entity", "crm", "Company", "support", "--update-yaml", url=workspace_url)
    assert done.returncode == 0, done.stderr
    assert path.read_text(encoding="utf-8").endswith("first: '012032'\n")
    assert answer(workspace, "registry", "verify", url=workspace_url)["consistent"]
