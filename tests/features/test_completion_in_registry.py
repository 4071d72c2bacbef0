"""Completion in the registry YAML."""

from __future__ import annotations

from specql_lsp.registry.model import Entity, Subdomain
from specql_lsp.registry.serialization import timestamp
from specql_lsp.registry.snapshot import Snapshot
from tests.features.completion_support import (
    CRM,
    NOW,
    analysis,
    apply,
    check_completion,
    item,
    labels,
)

REGISTRY = """\
schema_layers: {'01': write_side}
domains:
  '1':
    name: core
    subdomains: {}
  '2':
    name: crm
    subdomains:
      '01':
        name: base
        entities: {}
      '03':
        name: customer
        entities:
          Contact:
            table_code: '012031'
          Deal:
            table_code: CODE
          Short: SHORT
@NUMBERS
@DOMAINS
reserved_codes: ['012039']
subdomain_inference:
  crm:
    base: {patterns: [x]}
@SUBDOMAINS
@INFERENCE
"""


def registry(**parts: str) -> str:
    """The registry file with some places filled in; the others are left out."""
    text = REGISTRY
    for place in ("NUMBERS", "DOMAINS", "SUBDOMAINS", "INFERENCE"):
        text = text.replace(f"@{place}\n", parts[place] + "\n" if place in parts else "")
    return text.replace("CODE", parts.get("CODE", "'012035'")).replace("SHORT", parts.get("SHORT", "'012036'"))


class TestRegistryFile:
    def test_domain_numbers(self) -> None:
        found = labels(registry(DOMAINS="  $0"))
        assert found == [*"3456789ABCDEF", "0"]
        assert "\n  '3':\n" in apply(registry(DOMAINS="  $0"), "3")
        assert "\n  '3':\n" in apply(registry(DOMAINS="  '$0'"), "3")
        assert '\n  "3":\n' in apply(registry(DOMAINS='  "$0'), "3")
        assert "\n  'A': {}\n" in apply(registry(DOMAINS="  $0: {}"), "A")

    def test_what_stands_behind_a_key_stays(self) -> None:
        assert "\n  'A': {}\n" in apply(registry(DOMAINS="  '$0: {}"), "A")
        assert "\n  'A': {}\n" in apply(registry(DOMAINS="  '$0': {}"), "A")
        assert "\n  'A' : {}\n" in apply(registry(DOMAINS="  $0B : {}"), "A")

    def test_subdomain_numbers(self) -> None:
        found = labels(registry(NUMBERS="      $0"))
        assert found == ["04", "05", "06", "07", "08", "09", "0A", "0B", "02"]
        assert "\n      '04':\n" in apply(registry(NUMBERS="      $0"), "04")
        assert "\n      '02':\n" in apply(registry(NUMBERS="      '0$0'"), "02")

    def test_numbers_are_quoted_as_their_siblings_are(self) -> None:
        plain = "domains:\n  1:\n    name: a\n    subdomains:\n      1: {name: x}\n      2: {name: y}\n"
        tail = "reserved_codes: []\n"
        assert apply(f"{plain}  $0\n{tail}", "2") == f"{plain}  '2':\n{tail}"
        assert apply(f"{plain}      $0\n{tail}", "3") == f"{plain}      '3':\n{tail}"
        octal = plain.replace("      1:", "      01:").replace("      2:", "      08:")
        assert apply(f"{octal}      $0\n{tail}", "02") == f"{octal}      '02':\n{tail}"
        double = plain.replace("  1:\n", '  "1":\n')
        assert apply(f"{double}  $0\n{tail}", "2") == f'{double}  "2":\n{tail}'

    def test_the_next_code_of_the_very_subdomain(self) -> None:
        text = registry(CODE="$0")
        assert labels(text)[:3] == ["012034", "012035", "012037"]
        assert "012039" in labels(text, analysis())  # reserved in the file, which is not what answers
        assert item(text, "012034").preselect
        assert "table_code: '012034'\n" in apply(text, "012034")
        registered = f"Short: {{table_code: '012034', entity_code: SHR, assigned_at: '{timestamp(NOW)}'}}\n"
        for typed in ("$0", "'01$0'", "01$0", "'$0"):
            assert registered in apply(registry(SHORT=typed), "012034")

    def test_a_code_that_the_entity_has_elsewhere_comes_first(self) -> None:
        files = {"deal.yaml": "entity: Deal\nschema: crm\norganization: {table_code: '01203A'}\n"}
        text = registry(CODE="$0")
        assert labels(text, analysis(files))[0] == "01203A"
        assert item(text, "01203A", analysis(files)).description == "used by deal.yaml"
        moved = analysis(snapshot=Snapshot((CRM._replace(subdomains=(Subdomain("03", "x", entities=(
            Entity("Deal", "01203C"),
        )),)),)))  # fmt: skip
        assert item(text, "01203C", moved).description == "registered"

    def test_names_for_the_inference(self) -> None:
        check_completion(registry(SUBDOMAINS="    $0"), "customer")
        check_completion(registry(INFERENCE="  $0"), "core")
        assert apply(registry(SUBDOMAINS="    cu$0"), "customer") == registry(SUBDOMAINS="    customer:")

    def test_is_no_entity_file(self) -> None:
        check_completion("schema_layers: {}\ndomains: {}\nschema: $0\n")

    def test_deep_in_a_large_file(self) -> None:
        lines = ["reserved_codes: []", "domains:", "  '2':", "    name: crm", "    subdomains:"]
        for number in range(1, 256):
            lines += [f"      '{number:02X}':", f"        name: s{number}", "        entities:"]
            lines += [f"          E{number}x{n}: {{table_code: '012{number:02X}{n:X}'}}" for n in range(1, 100)]
        text = "\n".join(lines) + "\n          New: $0\n"
        check_completion(text.replace("012FF", "012FE"), *(f"012FF{n:X}" for n in range(1, 16)))
