"""Whether a file is SpecQL's has one answer, whether it can be read as it is or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from specql_lsp.regular_files import ENTITY_FILE_BYTES
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.specql_files import is_specql, specql_document
from tests.cli.support import run

URI = "file:///a.yaml"

ENTITIES = [
    "entity: Contact\nschema: crm\n",
    "schema: crm\n'entity': Contact\n",
    "# first\n\n---\n{schema: crm,\n entity: Contact}\n",
    '{"schema":"crm","entity":"Contact"}\n',
    "%YAML 1.1\n--- # a\n{entity: Contact}\n",
    "--- {entity: Contact}\n",
    "  entity: Contact\n  schema: crm\n",
    "? entity\n: Contact\n",
    "? entity # the name: below\n# and\n\n: Contact\n",
    "!!map\n!!str entity: Contact\n",
    "&all\nentity : Contact\n",
    "<<: {entity: Contact, schema: crm}\nfields: {}\n",
    "base: &base\n  entity: Contact\n<<: *base\n",
    "kind: other\n---\nentity: Contact\n",
]
OTHERS = [
    "",
    "x:\n  entity: Contact\n",
    "- entity: Contact\n",
    "identity: A\nmy-entity: B\n",
    "services:\n  - the entity: x\n",
    "# entity: Contact\nname: x\n",
    "|\n entity: Contact\n",
]
STYLES: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR": lambda text: text.replace("\n", "\r"),
    "a mark": lambda text: "\ufeff" + text,
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
@pytest.mark.parametrize(("text", "is_entity"), [*((e, True) for e in ENTITIES), *((o, False) for o in OTHERS)])
def test_the_tree_decides(text: str, is_entity: bool, style: Callable[[str], str]) -> None:
    """Of a file of any encoding and size, as an editor's text of it does."""
    written = style(text)
    assert bool(Document(URI, written.removeprefix("\ufeff")).entities) is is_entity
    read = specql_document(URI, written.encode())
    assert (read is not None) is is_entity
    assert is_specql(URI, written.encode() + b"\n# caf\xe9\n") is is_entity
    for encoding in ("utf-16", "utf-32"):
        assert is_specql(URI, written.removeprefix("\ufeff").encode(encoding)) is is_entity
    assert is_specql(URI, written.encode() + b"\n# long" * (ENTITY_FILE_BYTES // 7)) is is_entity


def test_an_entity_after_the_bound() -> None:
    head = b"fields:\n" + b"  # long\n" * (ENTITY_FILE_BYTES // 9 + 1)
    assert is_specql(URI, head + b"entity: Contact\n")
    assert not is_specql(URI, head + b"  entity: Contact\n")


def test_patterns_and_services_of_another_encoding() -> None:
    pattern = "pattern: audit_trail\ndescription: caf\u00e9\nsteps: []\n".encode("latin-1")
    assert is_specql("file:///stdlib/actions/audit.yaml", pattern)
    assert not is_specql(URI, pattern)


@pytest.mark.parametrize(
    "content",
    [
        b"\n \n#\n" * 100_000 + b"kind: entity\n",
        b" \t" * 1_000_000 + b"# entity",
        b"entity" + b" #:" * 500_000,
        b"entity" + b" \n" * 500_000 + b"x",
        b"entity" * 300_000,
    ],
)
def test_a_long_text_that_is_none_is_left_quickly(content: bytes) -> None:
    """Work that grows faster than the text would never end here."""
    assert not is_specql(URI, content)


@pytest.mark.parametrize(
    "text", ["{schema: crm, entity: Caf\u00e9}\n", "  entity: Caf\u00e9\n", "!!map {entity: Caf\u00e9}\n"]
)
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-32"])
def test_an_entity_file_of_another_encoding_is_named(text: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_bytes(text.encode(encoding))
    (tmp_path / "other.yaml").write_bytes("x: {entity: Caf\u00e9}\n".encode(encoding))
    checked = run(tmp_path, "check")
    assert checked.returncode == 1
    lines = [line for line in checked.stdout.splitlines() if "yaml-syntax" in line]
    assert len(lines) == 1 and lines[0].startswith("odd.yaml:1:1: error [yaml-syntax] The file is not UTF-8 text")
    formatted = run(tmp_path, "format", "--check")
    assert formatted.returncode == 2
    assert formatted.stderr == "specql-lsp: odd.yaml is not formatted: it is not UTF-8 text.\n"
