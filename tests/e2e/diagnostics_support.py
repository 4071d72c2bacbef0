"""What the tests of published diagnostics share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from lsprotocol import types

from tests.e2e.editor import Editor

ERROR, WARNING, HINT = (
    types.DiagnosticSeverity.Error,
    types.DiagnosticSeverity.Warning,
    types.DiagnosticSeverity.Hint,
)
TASK = "entities/projects/task.yaml"
TICKET = "entities/crm/ticket.yaml"
_numbers = itertools.count(1)
Found = tuple[str, types.DiagnosticSeverity, tuple[int, int, int, int]]


def place(range_: types.Range) -> tuple[int, int, int, int]:
    return range_.start.line, range_.start.character, range_.end.line, range_.end.character


def found(diagnostics: list[types.Diagnostic]) -> list[Found]:
    """Code, severity and place of each; every one says that it is ours."""
    assert all(d.source == "specql" for d in diagnostics)
    return sorted((str(d.code), types.DiagnosticSeverity(d.severity or 0), place(d.range)) for d in diagnostics)


@contextmanager
def opened(editor: Editor, text: str, folder: str = "entities/crm") -> Iterator[str]:
    """A buffer that exists for the test only."""
    path = f"{folder}/voucher{next(_numbers)}.yaml"
    editor.open(path, text)
    yield path
    editor.close(path)


def voucher(code: str, *, schema: str = "crm", name: str = "Voucher") -> str:
    return f"entity: {name}\nschema: {schema}\norganization:\n  table_code: {code}\n"


def related(diagnostic: types.Diagnostic, editor: Editor) -> list[tuple[str, tuple[int, int, int, int], str]]:
    root = editor.folders[0].as_uri() + "/"
    return [
        (r.location.uri.removeprefix(root), place(r.location.range), r.message)
        for r in diagnostic.related_information or ()
    ]


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)  # type: ignore[arg-type]
