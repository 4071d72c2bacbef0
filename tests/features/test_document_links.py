"""What a file links to: patterns, the files that it extends or imports, web pages."""

from __future__ import annotations

import pytest

from specql_lsp.features.document_links import document_links
from tests.features.workspace_snippets import FOLDER, at, workspace

MOVE = "stdlib/actions/own/move.yaml"
FILES = """
-- stdlib/geo/country.yaml --
entity: Country
-- stdlib/actions/own/move.yaml --
pattern: own/move
description: As in https://example.org/move.
                   ^^^^^^^^^^^^^^^^^^^^^^^^ page: https://example.org/move
-- registry/domain_registry.yaml --
domains: {}
reserved_codes: []
# https://example.org/r
  ^^^^^^^^^^^^^^^^^^^^^ page: https://example.org/r
"""


def check(text: str) -> None:
    it = workspace(f"-- crm/contact.yaml --\n{text}\n{FILES}")
    for path, document in it.documents.items():
        found = {
            (path, *at(document, *link.span)): link.target.removeprefix(FOLDER)
            for link in document_links(it.analysis(), document)
        }
        assert found == {mark.place: mark.message for mark in it.marks if mark.path == path}


@pytest.mark.parametrize(
    "text",
    [
        f"actions: [{{pattern: own/move}}]\n                    ^^^^^^^^ file: {MOVE}",
        f"actions: [{{pattern: 'actions/own/move'}}]\n                     ^^^^^^^^^^^^^^^^ file: {MOVE}",
        "actions: [{name: a, pattern: own/other}]",
        "extends: Country\n         ^^^^^^^ file: stdlib/geo/country.yaml",
        "extends:\n  from: stdlib/geo/country\n        ^^^^^^^^^^^^^^^^^^ file: stdlib/geo/country.yaml",
        "import: stdlib/geo/country.yaml\n        ^^^^^^^^^^^^^^^^^^^^^^^ file: stdlib/geo/country.yaml",
        "import:\n  - ./stdlib/geo/country\n    ^^^^^^^^^^^^^^^^^^^^ file: stdlib/geo/country.yaml\n  - stdlib/none",
        "extends: Contact",
        "description: (see https://example.org/a_(b)), or not\n                  ^^^^^^^^^^^^^^^^^^^^^^^^^ page: https://example.org/a_(b)",
        "# ä😀 http://example.org/x?y=1#z.\n     ^^^^^^^^^^^^^^^^^^^^^^^^^^ page: http://example.org/x?y=1#z",
        "description: https:// and ftp://example.org",
    ],
)
def test_links(text: str) -> None:
    check(f"entity: Contact\nschema: crm\n{text}")


def test_other_files_have_none() -> None:
    it = workspace("a: https://example.org")
    assert document_links(it.analysis(), it.document()) == ()
