"""Finding entity files, and the index of what they define."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.config import FilesSettings
from specql_lsp.index.summary import FileSummary, summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.workspace.discovery import (
    MAX_FILE_BYTES,
    FileFilter,
    RecentDocuments,
    entity_paths,
    glob_pattern,
    read_entity_documents,
    read_text,
)
from specql_lsp.workspace.documents import Document


def summary(uri: str, text: str) -> FileSummary:
    found = summarize(Document(uri, text))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("glob", "matching", "others"),
    [
        ("**/*.yaml", ["a.yaml", "b/c/a.yaml"], ["a.yml", "a.yaml/b"]),
        ("*.yaml", ["a.yaml"], ["b/a.yaml"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "b/a"]),
        ("**/node_modules/**", ["node_modules/x", "a/node_modules/b/c"], ["node_modules"]),
        ("{a,b}/?.y{a,}ml", ["a/x.yaml", "b/x.yml"], ["c/x.yml", "a/xx.yml"]),
        ("[a-c].yaml", ["b.yaml"], ["d.yaml", "/.yaml"]),
        ("[!a].yaml", ["b.yaml"], ["a.yaml"]),
        ("a+(b).yaml", ["a+(b).yaml"], ["aab.yaml"]),
        ("[z-a]", ["[z-a]"], ["z"]),
        ("{{a}", ["{{a}"], ["a"]),
        ("[a", ["[a"], ["a"]),
    ],
)
def test_globs(glob: str, matching: list[str], others: list[str]) -> None:
    pattern = glob_pattern(glob)
    assert [path for path in (*matching, *others) if pattern.fullmatch(path)] == matching


@given(st.text("ab*?{},[]!^-\\/.()+|", max_size=12), st.text("ab/-.", max_size=8))
def test_any_glob_is_a_pattern(glob: str, path: str) -> None:
    glob_pattern(glob).fullmatch(path)


def test_which_files_are_looked_at(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "c.txt", "x/y.yaml", ".git/z.yaml", "x/node_modules/z.yaml", "build/z.yaml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    found = [path.relative_to(tmp_path).as_posix() for path in entity_paths(tmp_path, FilesSettings())]
    assert found == ["a.yml", "b.yaml", "x/y.yaml"]
    assert not FileFilter(FilesSettings(include=())).matches("a.yaml")


@pytest.mark.parametrize(
    ("data", "is_entity"),
    [
        (b"entity: A\n", True),
        (b"\xef\xbb\xbfentity: A\n", True),
        (b"schema: crm\r\n'entity': A\r\n", True),
        (b"{entity: A, schema: crm}\n", True),
        (b'{"schema":"crm","entity":"A"}', True),
        (b"--- {entity: A}\n", True),
        (b"  entity: A\n  schema: crm\n", True),
        (b"? entity\n: A\n", True),
        (b"!!map\n!!str entity: A\n", True),
        (b"<<: {entity: A, schema: crm}\nfields: {}\n", True),
        (b"schema: crm\rentity: A\r", True),
        (b"x:\n  entity: A\n", False),
        (b"identity: A\nmy-entity: B\n", False),
        (b"services: {}\n", False),
        (b"entity: \xff\n", False),
        (b"", False),
        (b"entity: A\n" + b"#" * MAX_FILE_BYTES, False),
    ],
)
def test_what_is_an_entity_file(data: bytes, is_entity: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    document = read_entity_documents([(path, "file:///a.yaml")])[0]
    assert (document is not None) == is_entity
    if document is not None:
        assert not document.text.startswith("\ufeff")


@pytest.mark.parametrize(
    "text",
    [
        "{entity: Contact, schema: crm}\n",
        "# first\n\n---\n{schema: crm,\n entity: Contact}\n",
        "%YAML 1.1\n--- # a\n{entity: Contact}\n",
        "--- {entity: Contact}\n",
        "\ufeff{entity: Contact}\n",
        "  entity: Contact\n  schema: crm\n",
        "? entity\n: Contact\n",
        "!!map {entity: Contact}\n",
        "&all\nentity : Contact\n",
    ],
)
def test_an_entity_file_is_one_however_its_keys_are_written(text: str, tmp_path: Path) -> None:
    """The editor's text of it is one, too."""
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    document = read_entity_documents([(path, "file:///a.yaml")])[0]
    assert document is not None
    assert [facts.name for facts in summary("file:///a.yaml", text.removeprefix("\ufeff")).entities] == ["Contact"]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    assert read_entity_documents([(tmp_path / "none.yaml", "u")])[0] is None
    assert read_text(tmp_path / "none.yaml") is None
    assert read_text(tmp_path) is None


def test_the_index() -> None:
    index = WorkspaceIndex()
    one = summary("file:///1", "entity: Contact\nschema: crm\norganization: {table_code: '01203a'}\n")
    two = summary("file:///2", "entity: {name: contact, schema: crm}\norganization: {table_code: 01203A}\n")
    [first], [second] = one.entities, two.entities
    assert (first.code, second.code, second.name, second.schema) == ("01203A", "01203A", "contact", "crm")
    index = index.put("file:///2", two).put("file:///1", one)
    assert [f.uri for f in index.named("CONTACT")] == ["file:///1", "file:///2"]
    assert [f.uri for f in index.using_code("01203A")] == ["file:///1", "file:///2"]
    assert (len(index), index.names_text, list(index.codes())) == (2, "\ncontact\n", ["01203A"])
    before, index = index, index.put("file:///1", summary("file:///1", "entity: Person\n"))
    assert [f.uri for f in before.using_code("01203A")] == ["file:///1", "file:///2"]
    assert [f.uri for f in index.using_code("01203A")] == ["file:///2"]
    index = index.put("file:///2", None)
    assert index.put("file:///2", None) is index
    assert (index.names_text, list(index.codes()), index.get("file:///2")) == ("\nperson\n", [], None)


@pytest.mark.parametrize(
    "text", ["entity:\n", "entity: ~\n", "entity: {schema: crm}\n", "a: 1\n", "", "[]", "entity: [A]\n"]
)
def test_what_has_no_facts(text: str) -> None:
    found = summarize(Document("file:///a", text))
    assert found is None or found.entities == ()


def test_a_thousand_files(tmp_path: Path) -> None:
    text = "entity: E{0}\nschema: crm\norganization:\n  table_code: '{0:06X}'\nfields:\n" + "  f: text!\n" * 20
    for number in range(1000):
        (tmp_path / f"{number}.yaml").write_text(text.format(number))
    paths = [(path, path.as_uri()) for path in entity_paths(tmp_path, FilesSettings())]
    index = WorkspaceIndex()
    for uri, document in RecentDocuments().read(paths):
        assert document is not None
        index = index.put(uri, summarize(document))
    assert len(index) == len(index.codes()) == 1000


def test_a_file_is_parsed_again_only_when_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("entity: A\n")
    recent = RecentDocuments()
    first = recent.read([(path, "u")])[0][1]
    assert recent.read([(path, "u")])[0][1] is first
    path.write_text("entity: Ab\n")
    changed = recent.read([(path, "u")])[0][1]
    assert changed is not None
    assert changed.text == "entity: Ab\n"
    recent.forget([path])
    assert recent.read([(path, "u")])[0][1] is not changed
    path.unlink()
    assert recent.read([(path, "u")])[0][1] is None
