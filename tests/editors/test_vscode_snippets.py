"""The snippets of the VS Code extension: they expand to SpecQL without an error, for PyYAML and for the server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.support import run
from tests.support.workspaces import REGISTRY

SNIPPETS = Path(__file__).parents[2] / "editors" / "vscode" / "snippets"
ENTITY = "entities/crm/invoice.yaml"
HERE = "<here>"

HEAD = "entity: Invoice\nschema: crm\n"
WITH_FIELDS = f"{HEAD}fields:\n  name: text\n  status: enum(open, closed)\n"
TOP = f"{WITH_FIELDS}{HERE}\n"
FIELD = f"{HEAD}fields:\n  total: money\n  {HERE}\n"
STEP = f"{WITH_FIELDS}actions:\n  - name: act\n    steps:\n      {HERE}\n"
ENTITY_PLACES = {
    "Entity": f"{HERE}\n",
    "Code": TOP,
    "Fields": f"{HEAD}{HERE}\n",
    "Actions": TOP,
    "Action": f"{WITH_FIELDS}actions:\n  {HERE}\n",
    "Table views": TOP,
    "Translations": TOP,
    "Field": FIELD,
    "Field as a mapping": FIELD,
    "Reference": FIELD,
    "Reference into another schema": FIELD,
    "Enumeration": FIELD,
    "List": FIELD,
    "Step: validate": STEP,
    "Step: if": STEP,
    "Step: insert": STEP,
    "Step: update": STEP,
    "Step: delete": STEP,
    "Step: find": STEP,
    "Step: call": STEP,
    "Step: notify": STEP,
    "Step: refresh table views": STEP,
}
"""Each snippet of entity files, and a file with the place where somebody would use it."""

REGISTRY_PLACES = {
    "Registry": (r"\A[\s\S]*\Z", f"{HERE}\n"),
    "Domain": (r"^reserved_codes:", f"  {HERE}\nreserved_codes:"),
    "Subdomain": (r"^  '3':", f"      {HERE}\n  '3':"),
    "Registered entity": (
        r"^(        description: Tickets[^\n]*\n[^\n]*\n        entities:) \{\}",
        f"\\1\n          {HERE}",
    ),
    "Subdomain inference": (r"^    support:\n[^\n]*", f"    {HERE}"),
}
"""Each snippet of registries, and what of the workspace's registry makes way for it."""


def _snippets(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SNIPPETS / f"{name}.code-snippets").read_text(encoding="utf-8"))
    return read


CHOICE = re.compile(r"\$\{\d+\|((?:\\.|[^|\\])*)\|\}")


def _expansions(body: list[str]) -> Iterator[str]:
    """What the editor inserts where every placeholder is left as it is; once for each of its choices."""
    text = "\n".join(body)
    choices = [re.split(r"(?<!\\),", match[1]) for match in CHOICE.finditer(text)]
    for index in range(max((len(offered) for offered in choices), default=1)):
        plain = text
        for offered in choices:
            chosen = offered[min(index, len(offered) - 1)].replace("\\,", ",")
            match = CHOICE.search(plain)
            assert match is not None
            plain = plain[: match.start()] + chosen + plain[match.end() :]
        plain = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", plain)
        plain = re.sub(r"\$\d+", "", plain)
        assert "$" not in plain
        yield plain


def _insert(place: str, expansion: str) -> str:
    """The text with an expansion at the place; its lines get the indentation of the first, as an editor does it."""
    line = next(line for line in place.splitlines() if HERE in line)
    indentation = line[: len(line) - len(line.lstrip())]
    return place.replace(HERE, expansion.replace("\n", f"\n{indentation}"))


def _findings(workspace: Path, path: str) -> list[dict[str, Any]]:
    done = run(workspace, "check", path, "--format", "json", "--no-drift")
    assert done.returncode in {0, 1}, done.stderr
    findings: list[dict[str, Any]] = json.loads(done.stdout)
    return findings


@pytest.mark.parametrize("name", ENTITY_PLACES)
def test_a_snippet_of_an_entity_file_makes_no_finding(name: str, workspace: Path) -> None:
    file = workspace / ENTITY
    for expansion in _expansions(_snippets("entity")[name]["body"]):
        text = _insert(ENTITY_PLACES[name], expansion)
        file.write_text(text, encoding="utf-8")
        assert yaml.safe_load(text)["entity"] == "Invoice"
        codes = {finding["code"] for finding in _findings(workspace, ENTITY)}
        # A code that nobody has allocated yet is what one has while typing.
        assert codes <= {"missing-table-code", "unregistered-table-code"}, f"{codes} in:\n{text}"


@pytest.mark.parametrize("name", REGISTRY_PLACES)
def test_a_snippet_of_a_registry_makes_no_finding(name: str, workspace: Path) -> None:
    file = workspace / REGISTRY
    before = file.read_text(encoding="utf-8")
    old = {(finding["code"], finding["message"]) for finding in _findings(workspace, REGISTRY)}
    pattern, place = REGISTRY_PLACES[name]
    for expansion in _expansions(_snippets("registry")[name]["body"]):
        prepared, count = re.subn(pattern, place, before, count=1, flags=re.MULTILINE)
        assert count == 1
        text = _insert(prepared, expansion)
        file.write_text(text, encoding="utf-8")
        assert yaml.safe_load(text)["domains"]
        new = {(finding["code"], finding["message"]) for finding in _findings(workspace, REGISTRY)} - old
        assert not new, f"{new} in:\n{text}"


def test_every_snippet_is_tested_and_has_a_prefix_of_its_own() -> None:
    entity, registry = _snippets("entity"), _snippets("registry")
    assert set(entity) == set(ENTITY_PLACES)
    assert set(registry) == set(REGISTRY_PLACES)
    prefixes: list[str] = []
    for snippet in [*entity.values(), *registry.values()]:
        assert snippet["description"]
        prefixes += [snippet["prefix"]] if isinstance(snippet["prefix"], str) else snippet["prefix"]
    assert len(prefixes) == len(set(prefixes))
