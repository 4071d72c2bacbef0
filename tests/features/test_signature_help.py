"""Signature help at a cursor: the label, with the parameter that is being typed in brackets."""

from __future__ import annotations

import pytest

from specql_lsp.features.signature_help import signature_help
from specql_lsp.workspace.documents import Document
from tests.features.completion_support import URI, split_cursor

HEAD = "entity: Contact\nfields:\n"
STEP = f"{HEAD}  email: email\nactions:\n  - name: a\n    steps:\n      - call: mail(to = email, at = now())\n      - "


def shown(text: str) -> str | None:
    """The label, with the parameter that is being typed in brackets; None where there is no signature."""
    source, offset = split_cursor(text)
    found = signature_help(Document(URI, source), offset)
    if found is None:
        return None
    assert found.documentation
    if not found.parameters:
        return found.label
    start, end = found.parameters[found.active]
    return f"{found.label[:start]}[{found.label[start:end]}]{found.label[end:]}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{HEAD}  a: enum($0\n", "enum([value], …)"),
        (f"{HEAD}  a: enum(x, $0)\n", "enum(value, […])"),
        (f"{HEAD}  a: enum(x, y, z, $0)\n", "enum(value, […])"),
        (f"{HEAD}  a: list($0)\n", "list([type])"),
        (f"{HEAD}  a: list(ref($0\n", "ref([Entity])"),
        (f"{HEAD}  a: {{type: 'ref($0)'}}\n", "ref([Entity])"),
        (f"{STEP}validate: coalesce($0\n", "coalesce([value], …)"),
        (f"{STEP}validate: coalesce(email, $0) = 'a'\n", "coalesce(value, […])"),
        (f"{STEP}validate: 'email = upper(lower($0'\n", "lower([text])"),
        (f"{STEP}validate: email = upper((1 + 2), $0\n", "upper([text])"),
        (f"{STEP}update: Contact SET email = lower($0\n", "lower([text])"),
        (f"{STEP}validate: now($0)\n", "now()"),
        (f"{STEP}call: send($0\n", "send([name = value], …)"),
        (f"{STEP}call: mail($0)\n", "mail([to = value], at = value)"),
        (f"{STEP}call: mail(to = email, $0)\n", "mail(to = value, [at = value])"),
        (f"{STEP}call: mail(to = lower($0\n", "lower([text])"),
        (f"{STEP}notify: owner(email, $0\n", 'owner(channel, ["text"])'),
    ],
)
def test_what_is_open(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}  a: enum(x)$0\n",
        f"{HEAD}  a: text$0\n",
        f"{HEAD}  a: decimal($0\n",
        f"{HEAD}  a: 'enum('$0\n",
        f"{HEAD}  enum($0\n",
        f"{STEP}validate: email IN ($0\n",
        f"{STEP}validate: (email$0\n",
        "entity: A\ndescription: upper($0\n",
        "entity: A\n# enum($0\n",
        "name: upper($0\n",
    ],
)
def test_where_nothing_is_open(text: str) -> None:
    assert shown(text) is None


def test_without_a_release_nothing_is_said_of_what_it_refuses() -> None:
    for step in ("validate: coalesce($0\n", "call: mail($0\n"):
        source, offset = split_cursor(f"{STEP}{step}")
        found = signature_help(Document(URI, source), offset, shows_generated=False)
        assert found is not None
        assert "SpecQL" not in found.documentation
