"""Entity files with one thing changed: a value of another form, a key renamed, a line cut, an entry twice."""

from __future__ import annotations

from collections.abc import Iterator

EVERYTHING = """\
entity: Thing
schema: crm
description: d
organization:
  table_code: '012031'
  domain_name: crm
fields:
  name: text
  status: enum(a, b) = a
  company:
    type: ref(Company)
    nullable: false
    default: x
    description: y
actions:
  - name: act
    description: d
    steps:
      - validate: status = 'a'
        error: nope
  - name: other
patterns:
  - audit
  - type: schema_computed_column
    params:
      a: b
agents:
  - name: agent
    observes: [Thing]
identifier:
  strategy: x
  separator: '-'
  components:
    - name
    - field: status
      transform: slugify
table_views:
  mode: force
  refresh: explicit
  include_relations:
    - Company:
        fields: [name, city]
        include_relations:
          - Country:
              fields: ['*']
  extra_filter_columns:
    - status
    - author:
        source: author.name
translations:
  enabled: true
  table_name: tr
  fields: [name]
"""
IN_A_MAPPING = """\
entity:
  name: Thing
  schema: crm
  description: d
  fields:
    name: text
    other: {type: money}
fields:
  x: 5
actions: []
"""
WITH_ALIASES = """\
entity: Thing
_common: &common
  name: text
_type: &type {type: text, nullable: false}
fields:
  <<: *common
  a: *type
  b: {<<: *type, type: email}
_list: &list [name]
translations: {enabled: true, fields: *list}
organization: &organization {table_code: '012031'}
"""
VALUES = (
    *("", "~", "text", "'text'", "5", "1.5", "yes", "off", "2024-01-01", "''", "!!str 5", "explicit", "force"),
    *("[]", "[a]", "[1]", "[~]", "[[a]]", "[a, a]", "{}", "{a: b}", "{a: {}}", "{name: x}", "[{a: b}]"),
    *("[{name: x}]", "[{type: x}]", "[{field: a}]", "[{a: {fields: [x]}}]", "[{a: {fields: []}}]"),
    *("[{a: {fields: x}}]", "[{a: {fields: [1]}}]", "[{a: {fields: ['*']}, b: 1}]"),
)
KEYS = ("on", "1", "~", "2024-01-01", "id", "pk_x", "'on'", "nam", "Fields", "'x y'", "[a]")
ITEMS = (
    *("", "a", "5", "~", "[a]", "{}", "{a: b}", "{name: b}", "{type: b}", "{field: b}", "{a: {fields: [b]}}"),
    *("{a: {}}", "{a: 1, b: 2}", "yes"),
)


def changed(text: str) -> Iterator[str]:
    """The text with one thing changed, in every way."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        end = number + 1
        while end < len(lines) and len(lines[end]) - len(lines[end].lstrip()) > indent:
            end += 1
        before, block, after = lines[:number], lines[number:end], lines[end:]
        yield _joined(before, after)
        yield _joined(before, block, block, after)
        dash = "- " if line.lstrip().startswith("- ") else ""
        key, colon, _ = line.lstrip().removeprefix("- ").partition(":")
        if dash:
            yield from (_joined(before, [" " * indent + f"- {item}"], after) for item in ITEMS)
        if colon:
            yield from (_joined(before, [" " * indent + f"{dash}{key}: {value}"], after) for value in VALUES)
            yield from (_joined(before, [line.replace(key, each, 1)], lines[number + 1 :]) for each in KEYS)


def _joined(*parts: list[str]) -> str:
    return "".join(f"{line}\n" for part in parts for line in part)
