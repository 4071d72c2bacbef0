"""Registry texts that the tests here begin with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.registry.sources.yaml.specql_needs import specql_findings
from specql_lsp.registry.sources.yaml.validation import Use, validate
from specql_lsp.workspace.documents import Document
from tests.specql.reference import ROOT
from tests.support.corpus import REGISTRIES

REAL = REGISTRIES
FIXTURE = ROOT / "fixtures" / "workspace" / "registry" / "domain_registry.yaml"
COMPLETE = """\
version: 1.0.0
schema_layers: {'01': write_side}
domains:
  '2':
    name: crm
    description: Customers
    aliases: [management]
    multi_tenant: true
    subdomains:
      '01':
        name: core
        description: Basics
        next_entity_sequence: 1
        entities: {}
      '03':
        name: customer
        description: Customers
        next_entity_sequence: 3
        entities:
          Contact:
            table_code: '012031'
            entity_code: CNT
            assigned_at: '2026-01-20T10:02:30'
          Company:
            table_code: '012032'
            entity_code: CMP
            assigned_at: '2026-01-20T10:02:31'
reserved_codes: ['000000', '999999']
subdomain_inference:
  crm:
    customer:
      patterns: [contact, company]
"""
LINE = re.compile(r"\S.*")


def document(text: str) -> Document:
    """A registry YAML."""
    return Document("file:///registry.yaml", text, is_registry=True)


def registry_of(it: Document) -> RegistryFile:
    """The nodes of a registry YAML."""
    assert it.registry is not None
    return it.registry


def objections(text: str) -> list[str]:
    """What we say about a registry YAML: where SpecQL stops, and what no reader understands."""
    it = document(text)
    registry = registry_of(it)
    found = [*specql_findings(registry, it.tree), *validate(registry, it.tree, Use.EXPORT)]
    return [finding.message for finding in found]


def damaged(text: str) -> Iterator[tuple[str, str]]:
    """The text with one value taken away, emptied, quoted or unquoted, or turned into another kind of value."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        end = number + 1
        while end < len(lines) and len(lines[end]) - len(lines[end].lstrip()) > indent and lines[end].strip():
            end += 1
        key, _, value = line.strip().partition(":")
        rest = [*lines[:number]], [*lines[end:]]
        plain = key.strip("'")
        for name, written in {
            "gone": None,
            "empty": f"{key}:",
            "tilde": f"{key}: ~",
            "text": f"{key}: text",
            "number": f"{key}: 7",
            "quoted number": f"{key}: '7'",
            "empty list": f"{key}: []",
            "list": f"{key}: [a]",
            "empty mapping": f"{key}: {{}}",
            "plain key": f"{plain}:{value}" if plain != key else None,
            "number for a key": f"77:{value}",
            "boolean for a key": f"yes:{value}",
        }.items():
            if written is None and name != "gone":
                continue
            keep = lines[number + 1 : end] if written is not None and written.endswith(f":{value}") else []
            new = [] if written is None else [" " * indent + written]
            yield f"{name}: line {number + 1}", "\n".join([*rest[0], *new, *keep, *rest[1]])
