"""What the tests of ``registry renumber`` share: a repository into which a branch brings a code for the second time."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.support import answer
from tests.support.git import GitFolder

COMMAND = ("registry", "renumber")
REGISTRY = "registry/domain_registry.yaml"
HEAD = """\
# Ask the platform team first.
version: 1.0.0
domains:
  '2':
    name: crm
    description: Customers
    aliases: [sales]
    subdomains:
      '03':
        name: customer
        description: They buy
        next_entity_sequence: {counter}  # runs ahead
        entities:
"""
ENTRY = """\
          {name}:
            table_code: '{code}'
            entity_code: {short}
            assigned_at: '2026-01-20T10:02:30'
"""
FILE = """\
entity: {name}
schema: {schema}
organization:
  table_code: '{code}'  # ours
fields:
  name: text
"""


def registry(*entries: tuple[str, str], counter: int = 4) -> str:
    return HEAD.format(counter=counter) + "".join(
        ENTRY.format(name=name, code=code, short=name[:3].upper()) for name, code in entries
    )


def entity(name: str, code: str, schema: str = "crm") -> str:
    return FILE.format(name=name, code=code, schema=schema)


def path_of(name: str) -> str:
    return f"entities/{name.lower()}.yaml"


def add(repository: GitFolder, name: str, code: str, *others: tuple[str, str]) -> None:
    """An entity in a file of its own, and in the registry behind others."""
    repository.write(path_of(name), entity(name, code))
    repository.write(REGISTRY, registry(*others, (name, code)))


@pytest.fixture
def repository(tmp_path: Path) -> GitFolder:
    made = GitFolder(tmp_path / "team repository")
    made.folder.mkdir()
    made.begin()
    add(made, "Contact", "012031")
    made.commit("Begin")
    return made


@pytest.fixture
def merged(repository: GitFolder) -> GitFolder:
    """Main gave 012032 to Lead; a branch had given it to Deal an hour later; then they were merged."""
    repository.run("checkout", "--quiet", "-b", "deals")
    repository.run("checkout", "--quiet", "main")
    add(repository, "Lead", "012032", ("Contact", "012031"))
    repository.commit("Lead")
    repository.run("checkout", "--quiet", "deals")
    add(repository, "Deal", "012032", ("Contact", "012031"))
    repository.commit("Deal")
    repository.run("checkout", "--quiet", "main")
    repository.merge("deals")
    text = registry(("Contact", "012031"), ("Lead", "012032"), ("Deal", "012032"))
    repository.write(REGISTRY, text)  # the lines that both have alike are there once only
    repository.commit("Mend the merge")
    return repository


def registered(repository: GitFolder) -> dict[str, str]:
    """The codes in the registry YAML by entity, as PyYAML reads them."""
    text = (repository.folder / REGISTRY).read_text(encoding="utf-8")
    subdomain = yaml.safe_load(text)["domains"]["2"]["subdomains"]["03"]
    return {name: held["table_code"] for name, held in subdomain["entities"].items()}


def code_in(repository: GitFolder, name: str) -> str:
    text = (repository.folder / path_of(name)).read_text(encoding="utf-8")
    code: str = yaml.safe_load(text)["organization"]["table_code"]
    return code


def texts(repository: GitFolder) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in repository.folder.rglob("*.yaml")}


def undecided(repository: GitFolder, *options: str, url: str | None = None) -> str:
    """The sentence for the one code that is left to decide; nothing is changed."""
    before = texts(repository)
    found = answer(repository.folder, *COMMAND, *options, url=url, status=1)
    assert texts(repository) == before
    (left,) = found["undecided"]
    assert found["renumbered"] == []
    message: str = left["message"]
    return message
