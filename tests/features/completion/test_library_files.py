"""What is offered in pattern files and in the service registry."""

from __future__ import annotations

import pytest
import yaml

from specql_lsp.features.completion import complete
from specql_lsp.features.diagnostics import check
from specql_lsp.workspace.documents import Document
from tests.features.completion.places_support import offered
from tests.features.completion_support import NOW, analysis, split_cursor

PATTERN = "file:///workspace/stdlib/actions/crm/close.yaml"
SERVICES = "file:///workspace/registry/service_registry.yaml"
PARAMETERS = "pattern: crm/close\nparameters:\n"


@pytest.mark.parametrize(
    ("uri", "text", "expected"),
    [
        (PATTERN, "pattern: $0", ["crm/close"]),
        (PATTERN, "pattern: x\n$0", ["version", "description", "template", "author", "parameters", "examples"]),
        (PATTERN, "pattern: x\npar$0\n", ["parameters"]),
        (PATTERN, f"{PARAMETERS}  - $0", ["name", "type", "required", "default", "description"]),
        (PATTERN, f"{PARAMETERS}  - name: a\n    $0", ["type", "required", "default", "description"]),
        (PATTERN, f"{PARAMETERS}  - {{name: a, $0}}", ["type", "required", "default", "description"]),
        (PATTERN, f"{PARAMETERS}  - name: a\n    type: str$0", ["string", "array<string>"]),
        (PATTERN, f"{PARAMETERS}  - name: a\n    required: $0", ["true", "false"]),
        (PATTERN, f"{PARAMETERS}  - name: a\ntemplate: |\n  steps:\n    - up$0", []),
        (SERVICES, "services:\n  - name: x\n    exec$0", ["execution_type"]),
        (SERVICES, "services:\n  - name: x\n    execution_type: $0", ["http", "shell", "docker", "serverless"]),
        (SERVICES, "services:\r\n  - {name: 😀, execution_type: d$0}\r\n", ["docker"]),
        (SERVICES, "services:\n  - operations:\n      - t$0", ["timeout"]),
        (SERVICES, "services:\n  - operations:\n      - input_schema: {$0}", []),
        ("file:///workspace/stdlib/actions/values.yaml", "key: 1\n$0", []),
    ],
)
def test_places(uri: str, text: str, expected: list[str]) -> None:
    labels = [item.label for item in offered(text, uri=uri)]
    assert labels[: len(expected) or None] == expected


@pytest.mark.parametrize(("uri", "keys"), [(PATTERN, {"pattern", "template"}), (SERVICES, {"services"})])
def test_the_skeleton_of_a_new_file_has_no_findings(uri: str, keys: set[str]) -> None:
    (item,) = offered("$0", uri=uri)
    text = item.new_text
    assert keys <= yaml.safe_load(text).keys()
    assert check(analysis({}), Document(uri, text)) == ()


def test_a_type_with_commas_is_quoted_between_braces() -> None:
    source, offset = split_cursor(f"{PARAMETERS}  - {{name: a, type: $0}}")
    items = complete(analysis({}), Document(PATTERN, source), offset, NOW).items
    text = next(item.new_text for item in items if item.label == "enum[a, b]")
    assert yaml.safe_load(f"{{type: {text}}}") == {"type": "enum[a, b]"}


TEMPLATE = "pattern: crm/close\nparameters:\n  - {name: to_state, type: string}\n  - {name: to, type: integer}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("template: |\n  steps:\n    - update: x SET s = '{{ $0\n", ["to_state", "to", "entity", "config"]),
        ("template: |\n  a {{ to_$0ate }} b\nversion: 1\n", ["to_state"]),
        ('template: "{% if t$0 %}"\n', ["to_state", "to", "entity"]),
        ("template: |\n  {{ 😀 }} {{ en$0\n", ["entity"]),
        ("template: |\n  {{ entity.na$0 }}\n", []),
        ("template: |\n  {{ to }} t$0\n", []),
        ("template: |\n  {{ 'to$0\n", []),
        ("description: '{{ t$0 }}'\n", []),
    ],
)
def test_parameters_in_the_template(text: str, expected: list[str]) -> None:
    labels = [item.label for item in offered(TEMPLATE + text, uri=PATTERN)]
    assert labels == expected


def test_what_accepting_a_parameter_writes() -> None:
    source, offset = split_cursor(TEMPLATE + "template: |\n  {{ to_$0ate }}\n")
    (item,) = complete(analysis({}), Document(PATTERN, source), offset, NOW).items
    assert source[: item.replace.start] + item.new_text + source[item.replace.end :] == source.replace(
        "to_ate", "to_state"
    )
