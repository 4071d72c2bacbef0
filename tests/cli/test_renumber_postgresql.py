"""``registry renumber`` where PostgreSQL is the registry."""

from __future__ import annotations

from pathlib import Path

from tests.cli.renumber_support import (
    COMMAND,
    entity,
    texts,
)
from tests.cli.renumber_support import merged as merged
from tests.cli.renumber_support import repository as repository
from tests.cli.support import answer, codes, refusal
from tests.support.git import GitFolder


def crm(url: str, workspace: Path) -> GitFolder:
    """The fixture's workspace, with its registry in PostgreSQL, as a repository."""
    made = GitFolder(workspace).begin()
    made.commit("Begin")
    return made


def test_in_postgresql_the_registration_gets_a_free_code(workspace: Path, workspace_url: str) -> None:
    repository = crm(workspace_url, workspace)
    product = workspace / "entities/catalog/product.yaml"  # it has the code of Contact
    text = product.read_text(encoding="utf-8")
    product.unlink()
    repository.commit("Without")
    product.write_text(text, encoding="utf-8")
    repository.commit("Product")
    yaml_before = (workspace / "registry/domain_registry.yaml").read_bytes()
    product.write_text(text.replace("Product", "Gadget"), encoding="utf-8")
    (left,) = answer(workspace, *COMMAND, url=workspace_url, status=1)["undecided"]
    assert left["kind"] == "unknown-subdomain"
    assert left["message"] == (
        "The code does not say which subdomain of catalog Gadget belongs to: allocate its code yourself."
    )
    product.write_text(text, encoding="utf-8")
    found = answer(workspace, *COMMAND, url=workspace_url)
    (row,) = found["renumbered"]
    # It has a code of its own in the registry.
    assert (found["registry"], row["entity"], row["tableCode"]) == ("postgresql", "Product", "013031")
    assert codes(workspace_url, "Product") == ["013031"] and "'013031'" in product.read_text(encoding="utf-8")
    lead = workspace / "entities/crm/lead.yaml"
    lead.write_text('entity: Lead\nschema: crm\norganization: {table_code: "012031"}\n', encoding="utf-8")
    preview = answer(workspace, *COMMAND, "--dry-run", url=workspace_url)
    assert codes(workspace_url, "Lead") == []
    (row,) = answer(workspace, *COMMAND, url=workspace_url)["renumbered"]
    assert (row["entity"], row["keeps"]) == ("Lead", "Contact")
    assert codes(workspace_url, "Lead") == [row["tableCode"]] == [preview["renumbered"][0]["tableCode"]]
    assert codes(workspace_url, "Contact") == ["012031"]
    assert lead.read_text(encoding="utf-8").endswith(f'{{table_code: "{row["tableCode"]}"}}\n')
    assert (workspace / "registry/domain_registry.yaml").read_bytes() == yaml_before


def test_in_postgresql_a_registered_entity_is_renumbered_in_its_subdomain(workspace: Path, workspace_url: str) -> None:
    repository = crm(workspace_url, workspace)
    (workspace / "entities/catalog/product.yaml").unlink()
    lead = workspace / "entities/crm/lead.yaml"
    contact = workspace / "entities/crm/contact.yaml"
    text = contact.read_text(encoding="utf-8")
    contact.unlink()
    registry_file = workspace / "registry/domain_registry.yaml"
    registry_text = registry_file.read_text(encoding="utf-8")
    registry_file.write_text(registry_text.replace("'012031'", "'012039'"), encoding="utf-8")
    repository.run("rm", "-rf", "--cached", "--quiet", ".")
    repository.run("update-ref", "-d", "HEAD")
    lead.write_text(entity("Lead", "012031"), encoding="utf-8")
    repository.commit("Lead")
    contact.write_text(text, encoding="utf-8")
    registry_file.write_text(registry_text, encoding="utf-8")
    repository.commit("Contact")
    (row,) = answer(workspace, *COMMAND, url=workspace_url)["renumbered"]
    assert (row["entity"], row["keeps"], row["subdomain"]["name"]) == ("Contact", "Lead", "customer")
    assert codes(workspace_url, "Contact") == [row["tableCode"]] and row["tableCode"].startswith("01203")
    assert f"'{row['tableCode']}'" in contact.read_text(encoding="utf-8")


def test_postgresql_that_is_away_is_not_replaced_by_the_yaml(merged: GitFolder) -> None:
    before = texts(merged)
    kind, _ = refusal(merged.folder, *COMMAND, url="postgresql://nobody@127.0.0.1:1/registry")
    assert kind == "registry-read-only" and texts(merged) == before
