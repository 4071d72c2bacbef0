"""Files are read in an order in which most names are defined before they are used."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

from specql_lsp.config import Settings
from specql_lsp.features.diagnostics import found_in_each, shown
from specql_lsp.features.model import Finding
from specql_lsp.workspace.changes import FilesRead, FolderOpened, FolderRead
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.host import AnalysisHost
from specql_lsp.workspace.reading_order import FileNames, names_in, names_in_files, reading_order
from tests.support.effort import SEED, times

PLAIN = """\
entity: Contact
schema: crm
fields:
  company: ref(Company)!
  owner: ref( sales.Owner )
  type:
    type: ref(ContactType)
actions:
  - name: qualify
    steps:
      - update: Contact SET status = 'qualified'
      - insert: "audit.Entry"
      - if: x
        then:
          - delete: Draft
"""


def file(defined: str = "", used: str = "", *, is_library: bool = False) -> FileNames:
    return FileNames(
        tuple(map(str.encode, defined.split())), frozenset(map(str.encode, used.split())), is_library=is_library
    )


def test_names_are_found_in_the_text() -> None:
    assert names_in(PLAIN.encode()) == file("contact", "company owner contacttype contact entry draft")


@pytest.mark.parametrize(
    "text",
    ["entity: Contact\n", "\ufeffentity: 'Contact'\n", "# x\r\n'entity' : Contact\r\n", "entity:\n  name: Contact\n"],
)
def test_the_name_of_an_entity_in_every_form(text: str) -> None:
    assert names_in(text.encode()).defined == (b"contact",)


def test_a_text_without_an_entity_has_no_names() -> None:
    assert names_in(b"kind: Deployment\nx: ref(Company)\n") == file()


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_what_is_used_is_read_first(order: tuple[int, ...]) -> None:
    files = [file("a", "b c"), file("b", "d"), file("c", "d c"), file("d", "unknown")]
    found = [order[number] for number in reading_order([files[number] for number in order])]
    assert sorted(found) == [0, 1, 2, 3]
    assert found.index(3) < min(found.index(1), found.index(2))
    assert found[-1] == 0


def test_files_that_use_nothing_keep_their_order() -> None:
    assert reading_order([file(name) for name in ("c", "a", "b")]) == [0, 1, 2]
    assert reading_order([]) == []


def test_files_that_use_each_other_are_all_read() -> None:
    assert reading_order([file("a", "b"), file("b", "c"), file("c", "a"), file("d", "d")]) == [2, 1, 0, 3]


def test_all_files_that_define_a_name_are_read_first_in_their_order() -> None:
    assert reading_order([file("a", "b"), file("b"), file("b", "a"), file("b")]) == [1, 2, 3, 0]


def test_patterns_and_services_are_read_first() -> None:
    assert reading_order([file("a", "b"), file(is_library=True), file("b"), file(is_library=True)]) == [1, 3, 2, 0]


def test_a_long_chain_is_no_deep_call() -> None:
    files = [file(f"n{number}", f"n{number + 1}") for number in range(20_000)]
    assert reading_order(files) == list(range(19_999, -1, -1))


def test_any_files_are_read_once_and_in_order_where_there_is_one() -> None:
    numbers = Random(SEED)
    for _ in range(times(200)):
        count = numbers.randint(1, 12)
        uses = [[numbers.randrange(count) for _ in range(numbers.randint(0, 3))] for _ in range(count)]
        files = [file(f"n{number}", " ".join(f"n{used}" for used in used_by)) for number, used_by in enumerate(uses)]
        order = reading_order(files)
        assert sorted(order) == list(range(count))
        for number, used_by in enumerate(uses):
            for used in used_by:
                assert order.index(used) <= order.index(number) or number in reached(uses, used), (uses, order)


def reached(uses: list[list[int]], start: int) -> set[int]:
    """The files that a file uses, directly or not."""
    found: set[int] = set()
    pending = [start]
    while pending:
        for used in uses[pending.pop()]:
            if used not in found:
                found.add(used)
                pending.append(used)
    return found


def test_files_are_read_from_the_disk(tmp_path: Path) -> None:
    def paths() -> Iterator[Path]:
        for name, content in (("a.yaml", b"entity: A\nfields:\n  b: ref(B)\n"), ("b.yaml", b"\xff\nentity: B\n")):
            (tmp_path / name).write_bytes(content)
            yield tmp_path / name
        yield tmp_path / "missing.yaml"
        yield tmp_path

    assert names_in_files(paths()) == [file("a", "b"), file("b"), file(), file()]


def test_a_file_with_several_links_stays_where_it_is(tmp_path: Path) -> None:
    """Of its links the first one counts, so that none may be read before it."""
    first, second, other = tmp_path / "1.yaml", tmp_path / "2.yaml", tmp_path / "3.yaml"
    first.write_text("entity: A\nfields:\n  b: ref(B)\n")
    os.link(first, second)
    other.write_text("entity: B\nfields:\n  a: ref(A)\n")
    order = reading_order(names_in_files([first, second, other]))
    assert order.index(0) < order.index(1)


def stale_after_reading(numbers: Iterable[int]) -> int:
    """How many files have to be checked a second time that are read one after the other in an order."""
    folder, path = "file:///w", Path("/w")
    host: AnalysisHost[Finding] = AnalysisHost(found_in_each, shown)
    host.apply(FolderOpened(folder, path, Settings()))
    for number in numbers:
        uri = f"{folder}/{number}.yaml"
        host.apply(FilesRead(folder, {uri: Document(uri, CHAIN[number])}))
        check = host.prepare(uri)
        assert check is not None
        host.finish(check.run())
    host.apply(FolderRead(folder))
    return len(host.stale(folder))


CHAIN = [f"entity: E{number}\nschema: crm\nfields:\n  next: ref(E{number + 1})\n" for number in range(30)]


def test_files_in_reading_order_are_checked_once() -> None:
    order = reading_order([names_in(text.encode()) for text in CHAIN])
    assert stale_after_reading(order) == 0
    assert stale_after_reading(range(30)) == 29, "in the order of their names nearly all are checked again"
