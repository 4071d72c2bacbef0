"""What ``registry renumber`` writes: SpecQL reads the registry and the files, and finds the new codes in them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.renumber_support import COMMAND, REGISTRY, add, entity, path_of, registry
from tests.cli.support import answer, codes
from tests.specql.reference import Reference
from tests.support.git import GitFolder


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("registered", [True, False])
def test_specql_reads_what_was_renumbered(
    specql: Reference, tmp_path: Path, line_break: str, *, registered: bool
) -> None:
    repository = GitFolder(tmp_path).begin()
    add(repository, "Contact", "012031")
    repository.commit("Begin")
    entries = [("Contact", "012031"), ("Lead", "012031")] if registered else [("Contact", "012031")]
    repository.write(REGISTRY, registry(*entries).replace("\n", line_break))
    repository.write(path_of("Lead"), entity("Lead", "012031").replace("\n", line_break))
    repository.commit("Lead")
    (row,) = answer(tmp_path, *COMMAND)["renumbered"]
    assert (row["entity"], row["tableCode"]) == ("Lead", "012032")
    text = (tmp_path / REGISTRY).read_bytes().decode()
    assert text.count(line_break) == text.count("\n")
    found = specql.registry(text)
    assert found.error is None, found.error
    held = yaml.safe_load(text)["domains"]["2"]["subdomains"]["03"]["entities"]
    assert {name: each["table_code"] for name, each in held.items()} == {"Contact": "012031", "Lead": "012032"}
    file = (tmp_path / path_of("Lead")).read_bytes().decode()
    assert file == entity("Lead", "012032").replace("\n", line_break)
    assert specql.entity(file).error is None


def test_specql_reads_the_yaml_that_followed_postgresql(specql: Reference, workspace: Path, workspace_url: str) -> None:
    (workspace / "entities/catalog/product.yaml").unlink()
    repository = GitFolder(workspace).begin()
    repository.commit("Begin")
    path = workspace / REGISTRY
    text = path.read_text(encoding="utf-8")
    merged = "          Lead:  # merged\n            table_code: '012031'\n            entity_code: LED\n"
    place = "          Company:\n"
    merged += "            assigned_at: '2026-03-01T10:00:00'\n"
    path.write_text(text.replace(place, merged + place), encoding="utf-8")
    for name in ("Lead", "Deal"):
        repository.write(f"entities/crm/{name.lower()}.yaml", entity(name, "012031"))
    repository.commit("Merge")
    rows = answer(workspace, *COMMAND, "--update-yaml", url=workspace_url)["renumbered"]
    new = {row["entity"]: row["tableCode"] for row in rows}
    assert set(new) == {"Lead", "Deal"}
    after = path.read_text(encoding="utf-8")
    found = specql.registry(after)
    assert found.error is None, found.error
    held = yaml.safe_load(after)["domains"]["2"]["subdomains"]["03"]["entities"]
    for name, code in new.items():
        assert held[name]["table_code"] == code == codes(workspace_url, name)[0]
        assert (
            specql.entity((workspace / f"entities/crm/{name.lower()}.yaml").read_text(encoding="utf-8")).error is None
        )
