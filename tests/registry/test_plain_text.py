"""Reading a registry without its tree gives what its tree gives, or nothing at all."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.registry.sources.yaml.plain_text import read_plain
from specql_lsp.registry.sources.yaml.source import read_text_as_registry
from specql_lsp.registry.sources.yaml.validation import is_readable
from tests.registry.yaml_texts import SMALL, large_registry
from tests.support.corpus import REGISTRIES
from tests.support.effort import SEED, times

_FIXTURE = Path(__file__).parents[2] / "fixtures" / "workspace" / "registry" / "domain_registry.yaml"
_PLAIN = """\
# Ours
version: 1.0.0
schema_layers:
  '01': write_side
domains:  # by number

    # one
    '2':
        name: crm  # ours
        description: 'Customers: all'
        aliases:
        - management
        - "sales"
        - null
        multi_tenant: true
        steward: somebody
        subdomains:
            '03':
                name: customer
                description: People (and # their) kin
                next_entity_sequence: 12
                entities:
                    Contact:
                        table_code: '012031'
                        entity_code: CON
                        assigned_at: 2025-11-21T15:53:37
                    Bare: 012033
                    Flow: {table_code: '012034', 'entity_code': FLW,}
                    Nothing: null
            1:
                name: null
                entities:
            x: {}
    A:
        aliases: [one, 'two']
        multi_tenant: false
        subdomains: {}
    B:
        aliases: null  # none
reserved_codes: ['012032']
subdomain_inference:
  crm:
    customer: {patterns: [contact]}
"""
_OTHER = (
    *("&", "*", "!", "'", '"', "\\", "\t", "\r", "\x85", "\u2028", "\ufeff", "\x00", "#", " #", ":", ": ", "- ", "? "),
    *("{", "}", "[", "]", ",", "|", ">", "|-\n", "---\n", "...\n", "%YAML 1.1\n", "<<: ", "~", "null", "yes", "0o7"),
    *("0x1F", "1_0", "''", '""', " ", "  ", "    ", "\n", "\n\n", "\n    ", "ä", "domains:\n", "\ndomains:\n"),
    *("name: ", "x: y\n", "table_code: 1\n", "sequence: 3\n", "multi_tenant: On\n"),
)


def _by_tree(text: str) -> Snapshot | None:
    tree, registry = read_text_as_registry(text)
    return snapshot_of(registry, tree) if is_readable(registry, tree) else None


@pytest.mark.parametrize(
    "text",
    [_PLAIN, _PLAIN.replace("\n", "\r\n"), _PLAIN.rstrip(), _FIXTURE.read_text(), SMALL, large_registry(2, 20, 15)],
    ids=["every form", "CRLF", "no break at the end", "fixture", "small", "large"],
)
def test_the_usual_form_is_read_without_its_tree(text: str) -> None:
    read = read_plain(text)
    assert read is not None
    assert read == _by_tree(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("name: crm", "name: &a crm"),
        ("name: crm", "name: >\n            crm"),
        ("name: crm", "name: crm\n            continued"),
        ("name: crm", "name: crm\n        name: crm"),
        ("'03':", "'03': !!map"),
        ("multi_tenant: true", "multi_tenant: On"),
        ("sequence: 12", "sequence: 012"),
        ("sequence: 12", "sequence: '12'"),
        ("  '2':", "  '2':\t"),
        ("    '2':", "   '2':"),
        ("Bare: 012033", "Bare: 012033: 1"),
        ("Bare: 012033", "Bare: 012033\n                        x: y"),
        ("reserved_codes:", "  reserved_codes:"),
        ("reserved_codes:", "- reserved_codes:"),
        ("reserved_codes:", "---\nreserved_codes:"),
        ("reserved_codes:", "domains:\nreserved_codes:"),
        ("version: 1.0.0", "version: [1"),
        ("version: 1.0.0", "version: |"),
        ("# Ours", "<<: {x: y}"),
    ],
)
def test_any_other_form_is_left_to_the_tree(before: str, after: str) -> None:
    assert before in _PLAIN
    assert _agrees(_PLAIN.replace(before, after, 1))


def _agrees(text: str) -> bool:
    read = read_plain(text)
    return read is None or read == _by_tree(text)


@pytest.mark.parametrize("path", REGISTRIES, ids=lambda path: path.name)
def test_registries_of_the_corpus(path: Path) -> None:
    assert _agrees(path.read_text())


def test_random_texts_are_read_as_their_tree_is() -> None:
    chance = random.Random(SEED)
    lines = _PLAIN.splitlines(keepends=True)
    read = 0
    for _ in range(times(600)):
        changed = list(lines)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(changed))
            line = changed[at]
            match chance.randrange(5):
                case 0:
                    changed[at] = ""
                case 1:
                    changed[at] = line * 2
                case 2:
                    changed.insert(at, changed.pop(chance.randrange(len(changed))))
                case 3:
                    changed[at] = " " * chance.randint(0, 9) + line.lstrip()
                case _:
                    column = chance.randint(0, len(line))
                    end = chance.choice([column, column, min(column + chance.randint(1, 6), len(line))])
                    changed[at] = line[:column] + chance.choice(_OTHER) + line[end:]
        text = "".join(changed)
        assert _agrees(text), text
        read += read_plain(text) is not None
    assert read > times(600) // 20  # so many of them are of the plain form
