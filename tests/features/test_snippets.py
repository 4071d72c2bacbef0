"""Snippets: offered only where one may begin, and what is accepted leaves the file's YAML whole and SpecQL's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from specql_lsp.features.completion import complete
from specql_lsp.features.diagnostics import check
from specql_lsp.features.model import CompletionItem, CompletionKind
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document
from tests.features.completion_support import NOW, URI, analysis, split_cursor
from tests.support.workspaces import FIXTURE

HEAD = "entity: Contact\nschema: crm\n"
FIELDS = f"{HEAD}fields:\n  email: text\n  parent: ref(Contact)\n"
ACTIONS = f"{FIELDS}actions:\n  - name: close\n    steps:\n"
BLOCKS = ["fields", "actions", "organization: 012031", "table_views", "patterns", "agents"]
FIELD = ["field", "field with attributes", "ref", "enum", "list"]
STEPS = [
    "validate", "update", "insert", "if", "call", "delete", "find", "notify", "reject", "refresh_table_view",
]  # fmt: skip
FILES = sorted((FIXTURE / "entities").rglob("*.yaml"))


def snippets(text: str, uri: str = URI, picture: Analysis | None = None) -> list[CompletionItem]:
    """The snippets that are offered at the cursor, in the client's order."""
    source, offset = split_cursor(text)
    items = complete(picture or analysis(), Document(uri, source), offset, NOW).items
    return sorted((i for i in items if i.kind is CompletionKind.SNIPPET), key=lambda item: item.sort_text)


def names(text: str, uri: str = URI, picture: Analysis | None = None) -> list[str]:
    """Their labels."""
    return [item.label for item in snippets(text, uri, picture)]


CHOICE = re.compile(r"\$\{\d+\|((?:\\.|[^|\\])*)\|\}")


def expansions(snippet: str) -> Iterator[str]:
    """What an editor inserts where nothing is typed over a placeholder; once for each of its choices."""
    choices = [[each.replace("\\", "") for each in re.split(r"(?<!\\),", m[1])] for m in CHOICE.finditer(snippet)]
    for index in range(max((len(offered) for offered in choices), default=1)):
        left = iter(choices)
        text = CHOICE.sub(lambda _match: (offered := next(left))[min(index, len(offered) - 1)], snippet)  # noqa: B023
        text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text)
        text = re.sub(r"\$\d+", "", text)
        assert "$" not in text
        yield text


def inserted(text: str, item: CompletionItem) -> Iterator[str]:
    """The text after the item is accepted: as plain text, then as a snippet, whose lines the editor indents."""
    source, offset = split_cursor(text)
    span = item.replace
    assert span.start <= offset <= span.end
    assert "\n" not in source[span.start : span.end]
    line = source[source.rfind("\n", 0, span.start) + 1 : span.start]
    blanks = line[: len(line) - len(line.lstrip(" "))]
    yield source[: span.start] + item.new_text + source[span.end :]
    for expansion in expansions(item.snippet):
        yield (
            source[: span.start]
            + expansion.replace("\n", f"\n{blanks}").replace(f"\n{blanks}\n", "\n\n")
            + source[span.end :]
        )


def holds(after: Any, before: Any) -> bool:
    """Whether everything that was said is still said, in its order."""
    if isinstance(before, dict):
        return isinstance(after, dict) and all(key in after and holds(after[key], before[key]) for key in before)
    if isinstance(before, list) and isinstance(after, list):
        left = iter(after)
        return all(any(holds(candidate, item) for candidate in left) for item in before)
    return before is None or (type(after) is type(before) and after == before)


def count(value: Any) -> int:
    """How many keys and items a value has, at all depths."""
    if isinstance(value, dict):
        return len(value) + sum(map(count, value.values()))
    return len(value) + sum(map(count, value)) if isinstance(value, list) else 0


PLACES = {
    f"{HEAD}$0\n": BLOCKS,
    f"{HEAD}fi$0\n": ["fields"],
    f"{HEAD}org$0\nfields:\n  name: text\n": ["organization: 012031"],
    f"{FIELDS}$0\n": [
        *("actions", "translations", "organization: 012031", "identifier", "table_views", "patterns", "agents"),
    ],
    f"{FIELDS}actions:\n  $0\n": ["action"],
    f"{FIELDS}actions:\n  - $0\n": ["action"],
    f"{FIELDS}actions:\n  - ac$0\n": ["action"],
    f"{FIELDS}actions:\n  - name: a\n    steps: []\n  $0\n": ["action"],
    f"{HEAD}fields:\n  $0\n": FIELD,
    f"{HEAD}fields:\n      $0\nactions: []\n": FIELD,
    f"{HEAD}fields:\n  name: text\n  re$0\n": ["ref"],
    f"{HEAD}fields:\n  name: text\n  $0\n  status: text\n": FIELD,
    "entity:\n  name: Contact\n  fields:\n    $0\n": FIELD,
    f"{ACTIONS}      $0\n": STEPS,
    f"{ACTIONS}      - $0\n": STEPS,
    f"{ACTIONS}      - va$0\n": ["validate"],
    f"{ACTIONS}      va$0\n": ["validate"],
    f"{ACTIONS}      - reject: a\n      - $0\n      - reject: b\n": STEPS,
    f"{ACTIONS}      - if: email is not null\n        then:\n          - $0\n": STEPS,
    f"{ACTIONS}      - if: email is not null\n        then:\n          - reject: a\n        else:\n          re$0\n": [
        "reject",
        "refresh_table_view",
    ],
    f"{HEAD}actions:\n  - name: a\n    steps:\n      - up$0\n": [],
}
"""Texts with a cursor, and the snippets that are offered there."""


@pytest.mark.parametrize("text", PLACES)
def test_where_they_are_offered(text: str) -> None:
    assert names(text) == PLACES[text]


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("text", PLACES)
def test_what_is_accepted_is_whole_yaml_without_findings(text: str, line_break: str) -> None:
    picture = analysis()
    before = yaml.safe_load(re.sub(r"[a-z]*\$0", "", text))
    for item in snippets(text.replace("\n", line_break)):
        for after in inserted(text.replace("\n", line_break), item):
            loaded = yaml.safe_load(after)
            assert holds(loaded, before), after
            assert loaded != before
            assert line_break == "\n" or "\n" not in item.new_text.replace("\r\n", "")
            document = Document(URI, after)
            codes = {finding.code for finding in check(picture, document)}
            assert codes <= {"missing-table-code", "generates-nothing"}, f"{codes} in:\n{after}"


@pytest.mark.parametrize(
    "text",
    [
        # values
        "entity: $0\n",
        f"{HEAD}description: a call$0\n",
        f"{HEAD}description: $0\n",
        "entity: Contact\nschema: li$0\n",
        f"{HEAD}organization:\n  table_code: $0\n",
        f"{HEAD}organization:\n  $0\n",
        f"{HEAD}organization:\n  ta$0\n",
        f"{HEAD}fields:\n  name: en$0\n",
        f"{HEAD}fields:\n  name:\n    type: $0\n",
        f"{HEAD}fields:\n  name:\n    $0\n",
        f"{ACTIONS}      - if: a$0\n",
        f"{ACTIONS}      - if: email is not null\n        $0\n",
        f"{ACTIONS}      - call: no$0\n",
        # what stands behind on the line, or before
        f"{HEAD}$0organization:\n",
        f"{HEAD}fields:\n  fi$0: text\n",
        f"{HEAD}fields:\n  fi$0 eld\n",
        f"{HEAD}fields:\n  a fi$0\n",
        f"{HEAD}fields:\n  $0 # a field\n",
        f"{HEAD}fields:\n\t$0\n",
        # comments, quotes, block scalars, flow
        f"{HEAD}# fi$0\n",
        f"{HEAD}fields:\n  # fi$0\n",
        f"{HEAD}fields:\n  'fi$0\n",
        f"{HEAD}fields:\n  'fi$0'\n",
        f'{HEAD}description: "a\nfields$0\n  b"\n',
        f"{HEAD}description: 'a\n  b\nact$0\nc'\n",
        f"{HEAD}description: |\n  fi$0\n",
        f"{HEAD}description: >\n  a\n\n  fi$0\n",
        f"{HEAD}description: some prose\n  that goes on$0\n",
        f"{HEAD}fields:\n  name: some\n    fi$0\n",
        f"{HEAD}fields: {{$0}}\n",
        f"{HEAD}fields: {{\n  fi$0\n}}\n",
        f"{HEAD}actions: [$0]\n",
        f"{HEAD}actions: [\n  $0\n]\n",
        # where the structure has no such place
        f"{HEAD}fields:\n  name: text\n   $0\n",
        f"{HEAD}fields:\n  name: text\n $0\n",
        f"{HEAD}fields:\n  - $0\n",
        f"{HEAD}actions:\n  - name: a\n   $0\n",
        f"{HEAD}actions:\n  - $0\n    name: a\n",
        f"{ACTIONS}      - $0\n        error: no\n",
        f"{ACTIONS}      - $0\n        call\n",
        f"{ACTIONS}      - reject: a\n        $0\n",
        f"{ACTIONS}      - - $0\n",
        "{entity: Contact}\n$0\n",
        "  entity: Contact\n$0\n",
        f"{HEAD}...\n$0\n",
        f"{HEAD}---\n$0\n",
    ],
)
def test_where_none_is_offered(text: str) -> None:
    assert names(text) == []


def variants(text: str) -> Iterator[str]:
    """A file with a cursor on a line of its own between any two, in any depth, with and without dash and word."""
    lines = text.splitlines(keepends=True)
    for number in range(len(lines) + 1):
        for depth in range(0, 14, 2):
            for typed in ("", "- ", "a", "- a"):
                yield "".join([*lines[:number], f"{' ' * depth}{typed}$0\n", *lines[number:]])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_of_a_real_file_is_lost_wherever_one_is_accepted(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    before = yaml.safe_load(text)
    seen: set[str] = set()
    for variant in variants(text):
        for item in snippets(variant):
            seen.add(item.label)
            for after in list(inserted(variant, item))[:2]:
                loaded = yaml.safe_load(after)
                assert holds(loaded, before), after
                assert count(loaded) > count(before), after
    assert "field" in seen


def test_prose_and_values_of_real_files_get_none() -> None:
    """At every offset of every file that stands behind a colon with a value, in a comment, or in quotes."""
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"(?m)(?<=: )\S.*$|#.*$", text):
            for offset in range(match.start(), match.end() + 1):
                assert names(f"{text[:offset]}$0{text[offset:]}") == []


class TestANewFile:
    CRM = "file:///workspace/entities/crm/sales_order.yaml"

    def test_the_skeleton_is_named_after_the_file_and_its_folder(self) -> None:
        picture = analysis({"entities/crm/contact.yaml": HEAD})
        (item,) = snippets("$0", self.CRM, picture)
        assert yaml.safe_load(item.new_text) == {
            "entity": "SalesOrder",
            "schema": "crm",
            "description": "What it is",
            "fields": {"name": "text"},
        }
        for typed in ("e$0", "ent$0\n", "# a comment\n\nent$0\n\n# more\n"):
            assert names(typed, self.CRM, picture) == ["entity"]
            for after in inserted(typed, snippets(typed, self.CRM, picture)[0]):
                assert yaml.safe_load(after)["entity"] == "SalesOrder"
                codes = {finding.code for finding in check(picture, Document(self.CRM, after))}
                assert codes <= {"missing-table-code"}

    @pytest.mark.parametrize(
        ("uri", "schema"),
        [
            ("file:///workspace/entities/catalog/x.specql.yaml", "catalog"),
            ("file:///workspace/x.specql.yml", "common"),
            ("untitled:Untitled-1", "common"),
            ("file:///workspace/entities/catalog/x.yaml", "catalog"),
            ("file:///workspace/entities/fleet/x.yaml", "fleet"),
            ("file:///workspace/entities/x.yaml", "common"),
            ("file:///workspace/stdlib/catalog/x.yaml", "catalog"),
        ],
    )
    def test_also_without_files_beside_it_where_its_name_says_what_it_is(self, uri: str, schema: str) -> None:
        (item,) = snippets("$0", uri)
        assert yaml.safe_load(item.new_text)["schema"] == schema

    def test_other_yaml_is_left_alone(self) -> None:
        picture = analysis({"entities/crm/contact.yaml": HEAD})
        for path in ("docker-compose.yaml", "actions/crud/x.yaml", "registry/services.yaml"):
            assert names("$0", f"file:///workspace/{path}", picture) == []
        for text in ("services:\n$0\n", "$0\nservices:\n", "ent$0 x", "  $0", "'$0'", "e$0\n- a\n", "$0\n---\n"):
            assert names(text, self.CRM, picture) == []


class TestWhatTheyName:
    def test_only_what_the_file_and_the_registry_have(self) -> None:
        text = f"{HEAD}fields:\n  Big: text\n  email: text\nactions:\n  - name: a\n    steps:\n      - $0\n"
        by_label = {item.label: item.new_text for item in snippets(text)}
        assert by_label["update"] == "update: Contact SET email = email"
        assert by_label["validate"].startswith("validate: email is not null")

    def test_a_field_of_a_new_name(self) -> None:
        text = f"{HEAD}fields:\n  name: text\n  name_2: text\n  $0\n"
        assert {item.new_text.partition(":")[0] for item in snippets(text)} == {"name_3", "parent", "status", "tags"}

    def test_a_code_only_where_the_registry_gives_one(self) -> None:
        text = "entity: New\nschema: sales\n$0\n"
        assert "organization" not in " ".join(names(text, picture=analysis(snapshot=None)))
        assert not any(label.startswith("organization") for label in names(text))
        (item,) = [i for i in snippets(f"{HEAD}$0\n") if i.filter_text == "organization"]
        assert item.new_text == "organization:\n  table_code: '012031'"

    def test_a_very_long_file_gets_none(self) -> None:
        text = FIELDS + "".join(f"  field_{number}: text\n" for number in range(20_000)) + "  $0\n"
        assert names(text) == []
