"""Entity files that are nearly right: files with lines, blocks, keys, values and characters changed, as people slip."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import NamedTuple

from specql_lsp.language.keys import entity_keys
from specql_lsp.language.types import types
from tests.specql.step_mutations import KINDS, WORDS

TYPES = [
    *("text", "text!", "integer", "email!", "money", "enum(a, b)", "enum(a, b) = a!", "ref(Company)", "ref(crm.A|B)!"),
    *("list(text)", "text = x", "text! = x", "timestamp", "decimal(10, 2)", "enum[a, b]", "ref(Company)?", "uuid!"),
    *("{type: text, nullable: false}", "{type: uuid!}", "{type: enum, values: [a, b]}", "{type: 5}", "{nullable: no}"),
    *("{type: text, default: {a: 1}}", "{type: [text]}", "{}", "enum()", "ref()", "enum('a', \"b\")", "list(ref(A))!"),
]
VALUES = [
    *("", "~", "null", "[]", "{}", "[a, b]", "{a: b}", "[{name: a}]", "[[a]]", "5", "-1", "0", "1.5", "0x1F"),
    *("012031", "true", "no", "off", "yes", "2024-01-01", "x", "''", "'x'", '"x y"', "|", ">-", "a: b", "a #b"),
    *("[", "{", "'", '"'),
    *("*nowhere", "&here", "!!str 5", "!!int x", "!x y", "@x", "%x", "`x", "- x", "? x", "é", "it's", "12:30"),
    "Contact",
    *("[a, a]", "[on]", "[null]", "{on: text}", "{id: text}", "{pk_x: text}", "{a: {type: text}}", "[a, {field: b}]"),
    *("self", "auto", "explicit", "immediate", "['*']", "=", "<<", ".inf", "1_000", "Contact SET status = 'x'"),
]
KEYS = [
    *dict.fromkeys(key.name for level in entity_keys().levels.values() for key in level.keys),
    *("on", "no", "1", "null", "~", "2024-01-01", "id", "pk_a", "fk_b", "tenant_id", "path", "order", "a-b", "'on'"),
    *("'1'", "x y", "é", "feilds", "actoins", "stpes", "naem", "<<", "? a", "[a]", "{a: b}", "*a", "!!int 1", "1.5"),
    "=",
]
CHARACTERS = [
    *(*":#-'\"{}[],&*!|>%@`?~=<.\t\n \\", *"abzE059_"),
    *("é", "\u00a0", "\u2028", "\ufeff", "\x01", ": ", " #", "- "),
]
BLOCKS = [
    "organization:\n  table_code: '012031'\n  domain_name: crm",
    "organization: {domain_name: crm}",
    "identifier:\n  strategy: composite\n  components:\n    - name\n    - field: status\n      transform: uppercase",
    "identifier: {components: [{transform: slugify}]}",
    "table_views:\n  mode: force\n  include_relations:\n    - Company:\n        fields: [name]\n  refresh: explicit",
    "table_views:\n  mode: off\n  extra_filter_columns: [a, {b: {type: text}}, {c: x, d: y}]",
    "table_views: {include_relations: [{Company: {fields: []}}, {A: {fields: x}}, Company]}",
    "translations:\n  enabled: true\n  table_name: tl_x\n  fields: [name, status]",
    "translations: {enabled: yes, fields: []}",
    "patterns:\n  - schema_computed_column\n  - type: schema_aggregate_view\n    params: {}",
    "patterns: [{params: {}}, 5]",
    "agents:\n  - name: watcher\n    type: ai\n    observes: [a]",
    "agents: [{type: x}, watcher]",
    "actions:\n  - name: act\n    steps:\n      - validate: status = 'a'\n      - update: Thing SET status = 'b'",
    "fields:\n  status: enum(a, b)\n  name: text!",
    "x: &anchor\n  status: text\n  name: text",
]
_ENTRY = re.compile(
    r"(?P<head>[ ]*(?:- +)*)(?P<key>[^\s:#'\"\[{&*!-][^:#\n]*?|'[^']*'|\"[^\"]*\")(?P<rest>[ ]*:(?:[ ].*|))$"
)


class Mutated(NamedTuple):
    """A changed text, and what was done to it, by the names of the functions below."""

    text: str
    changes: tuple[str, ...]


def mutated_file(text: str, chosen: random.Random) -> Mutated:
    """The text with one to three changes."""
    lines = text.split("\n")
    made: list[str] = []
    for _ in range(chosen.choice([1, 1, 1, 1, 2, 3])):
        change = chosen.choice(_CHANGES)
        change(lines, chosen)
        made.append(change.__name__.strip("_"))
        if not any(line.strip() for line in lines):
            lines[:] = text.split("\n")
    return Mutated("\n".join(lines), tuple(made))


def _entries(lines: list[str]) -> list[tuple[int, re.Match[str]]]:
    found = ((number, _ENTRY.match(line)) for number, line in enumerate(lines))
    return [(number, match) for number, match in found if match is not None]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _block(lines: list[str], start: int) -> tuple[int, int]:
    """The lines of an entry or an item, with what is indented beneath it."""
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > _indent(lines[start])):
        end += 1
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return start, end


def _any_line(lines: list[str], chosen: random.Random) -> int:
    return chosen.choice([number for number, line in enumerate(lines) if line.strip()] or [0])


def _any_block(lines: list[str], chosen: random.Random) -> tuple[int, int]:
    return _block(lines, _any_line(lines, chosen))


def _retype(lines: list[str], chosen: random.Random) -> None:
    known = [(n, e) for n, e in _entries(lines) if re.match(r" *: (?:\w+ *\(|\w+[!?]? *$)", e["rest"]) and e["head"]]
    if known:
        number, entry = chosen.choice(known)
        named = chosen.choice(list(types())) + chosen.choice(["", "!", "?", " = 1"])
        new = chosen.choice([*TYPES, *TYPES, *VALUES, named])
        lines[number] = f"{entry['head']}{entry['key']}: {new}"


def _revalue(lines: list[str], chosen: random.Random) -> None:
    known = _entries(lines)
    if known:
        number, entry = chosen.choice(known)
        lines[number] = f"{entry['head']}{entry['key']}: {chosen.choice(VALUES)}".rstrip(" ")


def _revalue_all(lines: list[str], chosen: random.Random) -> None:
    """A value for a key with everything beneath it."""
    known = _entries(lines)
    if known:
        number, entry = chosen.choice(known)
        start, end = _block(lines, number)
        lines[start:end] = [f"{entry['head']}{entry['key']}: {chosen.choice(VALUES)}".rstrip(" ")]


def _rekey(lines: list[str], chosen: random.Random) -> None:
    known = _entries(lines)
    if known:
        number, entry = chosen.choice(known)
        key = entry["key"]
        at = chosen.randrange(len(key))
        slips = [key[:at] + key[at + 1 :], key[: at + 1] + key[at:], key.capitalize(), key.upper(), f"'{key}'"]
        lines[number] = entry["head"] + chosen.choice([*KEYS, *slips * 8]) + entry["rest"]


def _unkey(lines: list[str], chosen: random.Random) -> None:
    """A key and its value without what follows it, or the value alone."""
    known = _entries(lines)
    if known:
        number, entry = chosen.choice(known)
        lines[number] = entry["head"] + chosen.choice([entry["key"], entry["rest"].lstrip(" :"), entry["rest"].strip()])


def _cut_line(lines: list[str], chosen: random.Random) -> None:
    del lines[_any_line(lines, chosen)]
    lines.append("")


def _cut_block(lines: list[str], chosen: random.Random) -> None:
    start, end = _any_block(lines, chosen)
    del lines[start:end]
    lines.append("")


def _empty_block(lines: list[str], chosen: random.Random) -> None:
    start, end = _any_block(lines, chosen)
    del lines[start + 1 : end]


def _repeat_line(lines: list[str], chosen: random.Random) -> None:
    number = _any_line(lines, chosen)
    lines.insert(number, lines[number])


def _repeat_block(lines: list[str], chosen: random.Random) -> None:
    start, end = _any_block(lines, chosen)
    lines[end:end] = lines[start:end]


def _move_block(lines: list[str], chosen: random.Random) -> None:
    start, end = _any_block(lines, chosen)
    block = lines[start:end]
    del lines[start:end]
    lines.append("")
    at = _any_line(lines, chosen)
    by = chosen.choice([0, _indent(lines[at]) - _indent(block[0])])
    lines[at:at] = [_shifted(line, by) for line in block]


def _shifted(line: str, by: int) -> str:
    return " " * max(0, _indent(line) + by) + line.lstrip(" ")


def _indent_line(lines: list[str], chosen: random.Random) -> None:
    number = _any_line(lines, chosen)
    lines[number] = _shifted(lines[number], chosen.choice([-4, -2, -2, -1, 1, 2, 2, 4]))


def _indent_block(lines: list[str], chosen: random.Random) -> None:
    start, end = _any_block(lines, chosen)
    by = chosen.choice([-4, -2, -2, -1, 1, 2, 2, 4])
    lines[start:end] = [_shifted(line, by) for line in lines[start:end]]


def _insert_character(lines: list[str], chosen: random.Random) -> None:
    number = _any_line(lines, chosen)
    at = chosen.randrange(len(lines[number]) + 1)
    lines[number] = lines[number][:at] + chosen.choice(CHARACTERS) + lines[number][at:]


def _drop_character(lines: list[str], chosen: random.Random) -> None:
    number = _any_line(lines, chosen)
    line = lines[number]
    at = chosen.randrange(_indent(line), len(line)) if line.strip() else 0
    lines[number] = line[:at] + line[at + 1 :]


def _reword(lines: list[str], chosen: random.Random) -> None:
    """A word of a line for another one, or one more."""
    number = _any_line(lines, chosen)
    words = list(re.finditer(r"[\w.$'\"]+", lines[number]))
    if words:
        word = chosen.choice(words)
        new = chosen.choice([*WORDS, *KINDS, *(each[0] for each in words)])
        line = lines[number]
        lines[number] = line[: word.start()] + new + chosen.choice(["", " " + word[0]]) + line[word.end() :]


def _quote(lines: list[str], chosen: random.Random) -> None:
    known = _entries(lines)
    if known:
        number, entry = chosen.choice(known)
        value = entry["rest"].lstrip(" :")
        mark = chosen.choice("'\"")
        lines[number] = f"{entry['head']}{entry['key']}: {mark}{value}{mark}"


def _anchor(lines: list[str], chosen: random.Random) -> None:
    """An anchor at one entry, and an alias for another's value, or a merge key beside it."""
    known = _entries(lines)
    if len(known) < 2:
        return
    first, second = sorted(chosen.sample(known, 2), key=lambda each: each[0])
    if chosen.random() < 0.1:
        first, second = second, first
    (number, entry), (at, other) = first, second
    lines[number] = f"{entry['head']}{entry['key']}: &it {entry['rest'].lstrip(' :')}".rstrip(" ")
    if chosen.random() < 0.5:
        start, end = _block(lines, at)
        lines[start:end] = [f"{other['head']}{other['key']}: *it"]
    else:
        merge = chosen.choice(["<<: *it", "<<: [*it]", "<<: {a: text}", "'<<': *it", "<<: x", "<<:"])
        lines.insert(at + 1, " " * len(other["head"]) + merge)


def _split(lines: list[str], chosen: random.Random) -> None:
    marks = ["---", "---", "...", "--- # x", "%YAML 1.1", "--- {}", " ---"]
    lines.insert(_any_line(lines, chosen), chosen.choice(marks))


def _add_block(lines: list[str], chosen: random.Random) -> None:
    tops = [number for number, line in enumerate(lines) if line[:1].strip()] or [0]
    block = chosen.choice(BLOCKS).split("\n")
    key = block[0].partition(":")[0] + ":"
    for start in [number for number in tops if lines[number].startswith(key)][:1]:
        first, end = _block(lines, start)
        lines[first:end] = block
        return
    at = chosen.choice([*tops[1:], len(lines)])
    lines[at:at] = block


_CHANGES: tuple[Callable[[list[str], random.Random], None], ...] = (
    *(_retype, _retype, _retype, _revalue, _revalue, _revalue_all, _revalue_all, _rekey, _rekey, _rekey, _unkey),
    *(_cut_line, _cut_block, _empty_block, _repeat_line, _repeat_block, _move_block, _move_block, _indent_line),
    *(_indent_block, _insert_character, _insert_character, _drop_character, _reword, _reword, _reword, _quote),
    *(_anchor, _anchor, _split, _add_block, _add_block),
)
