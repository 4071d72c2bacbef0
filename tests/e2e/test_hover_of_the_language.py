"""Hover of the language through the process, as clients with other abilities get it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.failure_support import RawClient

CLIENTS = Path(__file__).parents[1] / "lsp" / "clients"
TEXT = """\
entity: Voucher
schema: crm
fields:
  größe_🙂: email!
  owner: ref(Contact)
actions:
  - name: close
    steps:
      - validate: owner IS NOT NULL
"""
BY_POSITION = {
    (3, 4): ("größe_🙂", ["```sql\ngröße_🙂 TEXT NOT NULL\nCHECK (größe_🙂 ~* '"]),
    (3, 14): ("email", ["Valid email address", "`user@example.com`"]),
    (4, 3): (
        "owner",
        ["```sql\nfk_owner INTEGER\nREFERENCES crm.tb_contact(pk_contact)\n```", "Refers to **Contact**"],
    ),
    (4, 14): ("Contact", ["`012031`"]),
    (5, 2): ("actions", ["**actions**"]),
    (8, 10): ("validate", ["SELECT owner INTO v_current_owner"]),
    (8, 19): ("owner", ["```sql\nfk_owner INTEGER\n"]),
    (8, 25): ("IS NOT", ["operator"]),
}


@pytest.mark.parametrize("name", ["vscode", "neovim", "emacs"])
def test_what_clients_are_shown(workspace: Path, name: str) -> None:
    declared = json.loads((CLIENTS / f"{name}.json").read_text(encoding="utf-8"))["capabilities"]
    uri = (workspace / "entities/crm/voucher.yaml").as_uri()
    with RawClient() as client:
        options = {"registry": {"backend": "yaml"}}
        answer = client.initialize(workspace, capabilities=declared, initializationOptions=options)
        encoding = answer["result"]["capabilities"].get("positionEncoding", "utf-16")
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": TEXT}
        client.notify("textDocument/didOpen", {"textDocument": document})
        for (line, column), (under, expected) in BY_POSITION.items():
            text = TEXT.split("\n")[line]
            position = {"line": line, "character": units(text[:column], encoding)}
            question = {"textDocument": {"uri": uri}, "position": position}
            found = client.answer("textDocument/hover", question)["result"]
            assert covered(text, found["range"], encoding) == under
            contents = found["contents"]
            is_plain = name == "emacs"
            assert contents["kind"] == ("plaintext" if is_plain else "markdown")
            for part in expected:
                assert (plain(part) if is_plain else part) in contents["value"]
            assert not is_plain or "`" not in contents["value"]


def units(text: str, encoding: str) -> int:
    """How many of the encoding's units a text has."""
    widths = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
    return len(text.encode(f"{encoding}-le" if encoding != "utf-8" else encoding)) // widths[encoding]


def covered(line: str, place: dict[str, Any], encoding: str) -> str:
    """The text of a range on one line."""
    ends = [
        next(at for at in range(len(line) + 1) if units(line[:at], encoding) == place[end]["character"])
        for end in ("start", "end")
    ]
    return line[slice(*ends)]


def plain(markdown: str) -> str:
    """A part of a hover without its marks."""
    return (
        markdown.replace("```sql\n", "")
        .replace("```yaml\n", "")
        .replace("\n```", "")
        .replace("`", "")
        .replace("**", "")
    )
