"""The registry YAML as a source: every shape of it, what cannot be read, and how fast a large one is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from specql_lsp.registry.model import Entity
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.base import RegistrySource, SourceUnavailableError
from specql_lsp.registry.sources.yaml.source import RegistryFileMissingError, YamlSource
from specql_lsp.registry.state import Source
from tests.registry.yaml_texts import large_registry
from tests.support.corpus import REGISTRIES
from tests.support.patience import cpu_seconds

_REGISTRY = """\
version: 1.0.0
schema_layers: {'01': write_side, '0a': other}
domains:
  10:
    name: last
  'A':
    name: letters
    description: ''
    aliases: one
    multi_tenant: On
    subdomains:
  2:
    name: crm
    description: >
      Customers and
      contacts
    aliases:
    - management
    - ~
    - "sales"
    multi_tenant: yes
    subdomains:
      '03':
        name: customer
        description: null
        next_entity_sequence: 5
        entities:
          Contact: {table_code: '012032', entity_code: CNT, assigned_at: '2025-11-21T15:53:37'}
          Bare: 012033
          Long:
            table_code: 01203581
            entity_sequence: 8
          Odd: {table_code: "0120a4", sequence: '4'}
          Nothing:
          Contact: {table_code: '012031', entity_code: CNT}
      1:
        name: core
        next_entity_sequence: '7'
        entities: {}
      0A:
        name: upper
        entities:
      '02': null
reserved_codes: [012000, "01200a"]
subdomain_inference:
  crm:
    customer: {patterns: [contact, company]}
    core: [user]
    other:
"""


def _load(tmp_path: Path, text: str | bytes) -> Snapshot:
    path = tmp_path / "registry.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return YamlSource(path).load()


def test_it_is_a_source(tmp_path: Path) -> None:
    source = YamlSource(Path("registry/domain_registry.yaml"))
    assert isinstance(source, RegistrySource)
    assert (source.kind, source.location) == (Source.YAML, "registry/domain_registry.yaml")
    source.close()
    source.close()


def test_every_shape(tmp_path: Path) -> None:
    registry = _load(tmp_path, _REGISTRY)
    assert [(d.number, d.name, d.multi_tenant, d.aliases) for d in registry.domains] == [
        ("2", "crm", True, ("management", "sales")),
        ("A", "letters", True, ("one",)),
        ("10", "last", False, ()),
    ]
    crm = registry.domains[0]
    assert crm.description == "Customers and contacts\n"
    assert registry.domains[1].description is None
    assert [(s.number, s.name, s.next_entity_sequence) for s in crm.subdomains] == [
        ("1", "core", 7),
        ("02", "", None),
        ("03", "customer", 5),
        ("0A", "upper", None),
    ]
    assert crm.subdomains[2].entities == (
        Entity("Contact", "012031", None, "CNT"),
        Entity("Bare", "012033"),
        Entity("Long", "01203581", 8),
        Entity("Odd", "0120a4", 4),
        Entity("Nothing", ""),
    )
    assert registry.rules.schema_layers == {"01": "write_side", "0A": "other"}
    assert registry.rules.reserved_codes == {"012000", "01200A"}
    assert registry.rules.subdomain_inference == {
        "crm": {"customer": ("contact", "company"), "core": ("user",), "other": ()}
    }


def test_defaults_where_the_file_says_nothing(tmp_path: Path) -> None:
    rules = _load(tmp_path, "domains: {}\n").rules
    assert set(rules.schema_layers) == {"00", "01", "02", "03"}
    assert rules.reserved_codes == {"000000", "999999"}
    assert _load(tmp_path, "domains: {}\nreserved_codes: []\n").rules.reserved_codes == frozenset()
    assert _load(tmp_path, "domains: {}\nreserved_codes:\n").rules.reserved_codes == {"000000", "999999"}


def test_anchors_are_followed(tmp_path: Path) -> None:
    entities = "{A: &a {table_code: '011011'}, B: *a}"
    registry = _load(tmp_path, f"domains: {{'1': &one {{name: a, subdomains: {{'01': {{entities: {entities}}}}}}}}}\n")
    assert [e.table_code for e in registry.domains[0].subdomains[0].entities] == ["011011", "011011"]


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    registry = _load(tmp_path, b"\xef\xbb\xbf" + _REGISTRY.replace("\n", "\r\n").encode())
    assert registry.domain_numbered("2") == _load(tmp_path, _REGISTRY).domain_numbered("2")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"domains:\n  '1': {name: 'a\xff'}\n", "is not UTF-8 (line 2)."),
        (b"domains:\n  '1': {name: [}\n", "is not valid YAML: line 2 has a syntax error."),
        (b"domains:\n  '1':\n    name: a\n\t'2': x\n", "is not valid YAML"),
        (b"", "has no domains"),
        (b"- a\n", "has no domains"),
        (b"domains:\n", "has no domains"),
        (b"domains: [a]\n", "has no domains"),
        (b"entity: Contact\n", "has no domains"),
    ],
)
def test_what_cannot_be_read_is_unavailable(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "registry.yaml"
    path.write_bytes(content)
    source = YamlSource(path, name="registry/domain_registry.yaml")
    for _ in range(2):  # the second time from memory
        with pytest.raises(SourceUnavailableError) as unavailable:
            source.load()
        assert unavailable.value.reason.startswith("The registry file registry/domain_registry.yaml ")
        assert sentence in unavailable.value.reason


def test_a_missing_file() -> None:
    with pytest.raises(RegistryFileMissingError) as missing:
        YamlSource(Path("registry/domain_registry.yaml")).load()
    assert missing.value.reason == "The registry file registry/domain_registry.yaml does not exist."


def test_a_folder_and_a_forbidden_file(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError, match=r"is a folder|permission denied"):
        YamlSource(tmp_path).load()
    if os.name == "posix" and os.geteuid() != 0:
        path = tmp_path / "secret.yaml"
        path.write_text(_REGISTRY)
        path.chmod(0)
        with pytest.raises(SourceUnavailableError, match="permission denied"):
            YamlSource(path).load()


def test_the_same_text_is_the_same_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(_REGISTRY)
    source = YamlSource(path)
    first = source.load()
    os.utime(path, ns=(1, 1))
    assert source.load() is first
    before = path.stat()
    path.write_text(_REGISTRY.replace("012033", "012034"))
    os.utime(path, ns=(1, 1))  # same size, same time, other text
    assert path.stat().st_size == before.st_size
    assert source.load() is not first
    path.unlink()
    with pytest.raises(RegistryFileMissingError):
        source.load()
    path.write_text(_REGISTRY)
    assert source.load() == first


def test_an_unsaved_buffer_goes_before_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(_REGISTRY)
    buffer: list[str | None] = ["domains: {'1': {name: unsaved}}\n"]
    source = YamlSource(path, lambda: buffer[0])
    assert source.load().domains[0].name == "unsaved"
    assert source.from_overlay
    buffer[0] = "domains: {'1': {name: [}\n"
    with pytest.raises(SourceUnavailableError):
        source.load()
    assert source.from_overlay
    buffer[0] = None
    assert source.load().domains[0].name == "crm"
    assert not source.from_overlay


def test_the_registries_of_the_corpus() -> None:
    assert REGISTRIES
    for path in REGISTRIES:
        registry = YamlSource(path).load()
        expected = yaml.safe_load(path.read_text())
        assert [d.number for d in registry.domains] == sorted(map(str, expected["domains"]))
        for domain in registry.domains:
            theirs = expected["domains"].get(domain.number) or expected["domains"][int(domain.number)]
            assert domain.name == theirs["name"]
            assert domain.description == (theirs.get("description") or None)
            assert domain.multi_tenant is bool(theirs.get("multi_tenant"))
            assert list(domain.aliases) == (theirs.get("aliases") or [])
            subdomains = {str(number): body for number, body in (theirs.get("subdomains") or {}).items()}
            assert len(subdomains) == len(domain.subdomains)
            for body in subdomains.values():
                subdomain = domain.subdomain(body["name"])
                assert subdomain is not None
                assert subdomain.next_entity_sequence == body.get("next_entity_sequence")
                assert [e.name for e in subdomain.entities] == list(body.get("entities") or {})


def test_ten_thousand_entities_load_quickly(tmp_path: Path) -> None:
    """Measured beside PyYAML in the same run, as the machine may be busy; `make bench` holds the goal in seconds."""
    text = large_registry()
    path = tmp_path / "registry.yaml"
    path.write_text(text)

    registry = YamlSource(path).load()
    assert registry.entity_count == 10_800
    assert registry.by_code("0194F3")[0].entity.name == "Entity94F3"
    reference = cpu_seconds(lambda: yaml.load(text, yaml.CSafeLoader))
    assert cpu_seconds(lambda: YamlSource(path).load()) < 5 * reference
