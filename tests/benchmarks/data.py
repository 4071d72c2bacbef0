"""Registries and workspaces of any size, in the style of real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from specql_lsp.registry.snapshot import Snapshot
from tests.support.registries import large_registry

SMALL = 1_800
LARGE = 10_800
EDITED, EDITED_LINES = 3_420, 14_598
"""A registry whose YAML is as long as that of a large team, in entities and in lines."""
REFERRED, REFERRED_BY = 0, 1_000
"""The number of an entity file, and how many of 10,000 files refer to its entity."""
_SHAPES = {SMALL: (9, 20, 10), EDITED: (9, 19, 20), LARGE: (9, 100, 12)}
"""Entities → domains, subdomains of each, entities of each. Every subdomain has free codes, for completion to find."""

REGISTRY_PATH = "registry/domain_registry.yaml"


def registry(entities: int) -> Snapshot:
    """The registry of 1,800 or of 10,800 entities."""
    domains, subdomains, each = _SHAPES[entities]
    return large_registry(domains, subdomains, each)


def registry_yaml(snapshot: Snapshot) -> str:
    """The text as SpecQL writes it: block style, four lines an entity (10,800 entities: 48,000 lines)."""
    return "\n".join(_registry_lines(snapshot)) + "\n"


def _registry_lines(snapshot: Snapshot) -> Iterator[str]:
    yield "version: 1.0.0"
    yield "last_updated: '2025-11-21T15:53:37.813506'"
    yield "schema_layers:"
    yield from (f"  '{number}': {name}" for number, name in snapshot.rules.schema_layers.items())
    yield "domains:"
    for domain in snapshot.domains:
        yield f"  '{domain.number}':"
        yield f"    name: {domain.name}"
        yield f"    description: {domain.description}"
        yield f"    aliases: [{', '.join(domain.aliases)}]"
        yield f"    multi_tenant: {str(domain.multi_tenant).lower()}"
        yield "    subdomains:"
        for subdomain in domain.subdomains:
            yield f"      '{subdomain.number}':"
            yield f"        name: {subdomain.name}"
            yield f"        description: {subdomain.description}"
            yield f"        next_entity_sequence: {subdomain.next_entity_sequence}"
            yield "        entities:"
            for entity in subdomain.entities:
                yield f"          {entity.name}:"
                yield f"            table_code: '{entity.table_code}'"
                yield "            entity_code: ENT"
                yield "            assigned_at: '2025-11-21T15:53:37.813506'"
    yield "reserved_codes: ['000000', '999999']"


def write_workspace(folder: Path, entities: int, files: int = 0) -> Path:
    """A workspace with a registry YAML and some entity files, each of which has one finding; returns the folder."""
    path = folder / REGISTRY_PATH
    path.parent.mkdir(parents=True)
    path.write_text(registry_yaml(registry(entities)))
    for number in range(files):
        file = folder / "entities" / f"domain_{number % 9 + 1}" / f"local_{number:05d}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(faulty_entity(number))
    return folder


def faulty_entity(number: int) -> str:
    """An entity file of usual length whose code, its own, names a subdomain that no registry here has.

    The finding (``FAULT``) needs the registry, so that it cannot be published before that is read.
    """
    domain = number % 9 + 1
    subdomain, sequence = divmod(number // 9, 15)
    other = REFERRED if number % 10 == 3 else number - number % 10
    return f"""\
# Local{number:05d}: what it is for, in a line or two, as people write it at the top of a file.
entity: Local{number:05d}
schema: domain_{domain}
description: The entity number {number} of the workspace

organization:
  table_code: '01{domain}{0x80 + subdomain:02X}{sequence + 1:X}'
  domain_name: domain_{domain}

fields:
  name: text!
  email: email!
  phone: phone
  status: enum(active, inactive, archived)
  amount: money
  company: ref(Local{other:05d})
  notes:
    type: text
    nullable: true
    description: What else is to be said of it
  address: address
  started_on: date
  tags: list(text)

actions:
  - name: activate
    description: Makes it active
    steps:
      - validate: status != 'active'
        error: already_active
      - update: Local{number:05d} SET status = 'active'
      - notify: owner(email, "It is active")
  - name: archive
    steps:
      - validate: status = 'inactive'
      - update: Local{number:05d} SET status = 'archived'
"""


FAULT = "unknown-subdomain"

ENTITY_TEXT = """\
entity: Benchmarked
schema: domain_2
organization:
  table_code: '012031'
  domain_name: domain_2
description: The file in which everything is asked for
fields:
  name: text!
  schema_here: text
  company: ref(Entity2x1x1)
  status: enum(active, inactive)
actions:
  - name: activate
    steps:
      - validate: status = 'inactive'
      - update: Benchmarked SET status = 'active'
"""


def long_entity(lines: int = 2_000) -> str:
    """An entity file of that many lines. Line 2 (from 0) is the description in which the benchmark types."""
    head = [
        "entity: Long",
        "schema: domain_2",
        "description: typing here",
        "organization:",
        "  table_code: '0122F1'",
        "fields:",
    ]
    body: list[str] = []
    number = 0
    while len(head) + len(body) < lines:
        number += 1
        body += [
            f"  name_{number}: text!",
            f"  amount_{number}: money = 0",
            f"  status_{number}: enum(active, inactive)  # as everywhere",
            f"  company_{number}: ref(Entity2x1x1)",
            f"  note_{number}:",
            "    type: text",
            "    nullable: true",
            f"    description: The note number {number}, which somebody writes",
        ]
    return "\n".join((head + body)[:lines]) + "\n"


def position(text: str, offset: int) -> dict[str, int]:
    """LSP's position of an offset in a text of ASCII."""
    return {"line": text.count("\n", 0, offset), "character": offset - text.rfind("\n", 0, offset) - 1}
