"""Actions that are nearly right: the lines of steps with words put in, taken out, moved, and given other values."""

from __future__ import annotations

import random
import re

BLOCK_STYLE = """\
entity: Contact
schema: crm
fields:
  email: text
  status: enum(lead, qualified)
  score: integer
  company: ref(Company)
  firstName: text
  qualified_at: datetime
actions:
  - name: qualify
    steps:
      - validate: status = 'lead' AND score > 10
        error: not_a_lead
      - validate: "email IS NOT NULL OR company IS NULL"
      - if: score >= 5
        then:
          - update: Contact SET status = 'qualified', score = 5 WHERE email = 'x'
          - notify: owner(email, "It is done")
        else:
          - reject: too_low
      - insert: Contact
      - delete: Contact WHERE status = 'lead'
      - find: Contact WHERE email = 'a@b'
      - call: recalculate(amount = score)
        store: v_result
      - refresh_table_view:
          scope: propagate
          propagate: [Company]
          strategy: deferred
      - declare: v_n integer := 0
      - assign: {variable: v_n, expression: v_n + 1}
      - query: {sql: SELECT 1, into: v_n}
      - cte: WITH a AS (SELECT 1)
      - for_query:
          alias: r
          query: SELECT 1
          body:
            - reject: x
            - validate: score = 1
      - cursor_declare: {name: c, query: SELECT 1}
      - cursor_fetch: {cursor: c, into: v}
      - cursor_open: c
      - return: v_n
      - return_table: SELECT 1
      - update: >
          Contact
          SET score = 1
      - validate: |
          status = 'lead'
          AND score = 2
"""
OTHER_STYLES = """\
entity: {name: Contact, fields: {status: text, score: integer, email: text}}
shared: &step {validate: score = 1}
list: &list [{reject: a}, {validate: status = 'lead'}]
actions:
  - name: a
    steps: *list
  - name: b
    steps:
      - *step
      - <<: *step
        error: x
      - {if: "score > 1", then: [{reject: x}], else: [{call: f(a)}]}
      - {update: "Contact SET score = 1 WHERE email = 'x'"}
      - if: 'score = 1'
        then: *list
      - validate: !!str 5 = score
      - "validate": "score = 2"
      - ? validate
        : score = 3
      - for_query: {query: x, body: *list}
      -
        notify: a(b, c)
      - call: >-
          f(score,
          email)
      - declare: &it {name: v}
      - declare: *it
      - 'update': 'Contact SET score = 1, status = ''x'''
"""
WORDS = [
    *("IN", "LIKE", "now()", "$x", "satus", "scor", "score", "'a'", '"', "SET", "set", "WHERE", "company.city", "5"),
    *("true", "null", "yes", "(", ")", ",", "=", "AND", "lead", "FOO", "v_x", "input.y", "-", "~", "[]", "{}", "''"),
    *("id", "é", "it's", "İ", "|", "nope"),
]
KINDS = [
    *("validate", "if", "insert", "update", "delete", "find", "call", "notify", "reject", "refresh_table_view"),
    *("declare", "assign", "query", "cte", "return", "for_query", "cursor_declare", "cursor_open", "cursor_fetch"),
    *("raw_sql", "foreach", "call_service", "then", "else", "body", "scope", "error", "valdate", "type"),
]
VALUES = ["", "{a: b}", "[a, b]", "a(b)", "a(b, c)", "Contact SET x = 1", "~", "2024-01-01", *WORDS]
_KEY = re.compile(r"(?P<head>\s*(?:- )?)(?P<key>\w+)(?P<rest>:.*)")


def mutated(text: str, chosen: random.Random) -> str:
    """The text with one to three changes in its steps."""
    lines = text.split("\n")
    steps = [number for number, line in enumerate(lines) if line.strip() == "steps:"][-1]
    for _ in range(chosen.choice([1, 1, 1, 2, 3])):
        number = chosen.randrange(steps + 1, len(lines) - 1)
        change = chosen.choice([_cut, _insert, _replace, _drop, _letter, _kind, _value, _move])
        change(lines, number, chosen)
        if len(lines) < steps + 3:
            break
    return "\n".join(lines)


def _cut(lines: list[str], number: int, _: random.Random) -> None:
    del lines[number]


def _insert(lines: list[str], number: int, chosen: random.Random) -> None:
    words = lines[number].rstrip().split(" ")
    at = chosen.randrange(len(words) - len(lines[number].split()) + 1, len(words) + 1) if lines[number].strip() else 0
    lines[number] = " ".join([*words[:at], chosen.choice(WORDS), *words[at:]])


def _replace(lines: list[str], number: int, chosen: random.Random) -> None:
    words = list(re.finditer(r"[\w.$']+", lines[number]))
    if words:
        word = chosen.choice(words)
        line = lines[number]
        lines[number] = line[: word.start()] + chosen.choice([*WORDS, *KINDS]) + line[word.end() :]


def _drop(lines: list[str], number: int, chosen: random.Random) -> None:
    words = list(re.finditer(r"\S+ ?", lines[number]))
    if len(words) > 1:
        word = chosen.choice(words[1:])
        lines[number] = lines[number][: word.start()] + lines[number][word.end() :]


def _letter(lines: list[str], number: int, chosen: random.Random) -> None:
    line = lines[number]
    if line.strip():
        at = chosen.randrange(len(line) - len(line.lstrip()), len(line))
        lines[number] = line[:at] + line[at + 1 :]


def _kind(lines: list[str], number: int, chosen: random.Random) -> None:
    found = _KEY.match(lines[number])
    if found:
        lines[number] = found["head"] + chosen.choice(KINDS) + found["rest"]


def _value(lines: list[str], number: int, chosen: random.Random) -> None:
    found = _KEY.match(lines[number])
    if found:
        lines[number] = f"{found['head']}{found['key']}: {chosen.choice(VALUES)}"


def _move(lines: list[str], number: int, chosen: random.Random) -> None:
    line = lines.pop(number) if chosen.random() < 0.5 and len(lines) > number + 2 else lines[number]
    steps = [at for at, each in enumerate(lines) if each.strip() == "steps:"][-1]
    lines.insert(chosen.randrange(steps + 1, len(lines)), line)
