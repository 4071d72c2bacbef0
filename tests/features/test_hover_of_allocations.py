"""The line of a hover that says who allocated a code, and when."""

from __future__ import annotations

from datetime import timedelta

from specql_lsp.features.hover import hover
from specql_lsp.registry.history import Origin, Origins
from tests.features.completion_support import NOW, analysis, check_hover, document_of, split_cursor

CODE = "entity: Contact\nschema: crm\norganization:\n  table_code: '012$0031'\n"
ENTITY = "entity: Con$0tact\nschema: crm\n"
SINCE = "Registered: **Contact** has `012031` in crm / customer"


def line(text: str, origin: Origin | None, code: str = "012031") -> str:
    """The line about the registration."""
    source, offset = split_cursor(text)
    origins = Origins({code: origin} if origin is not None else {})
    found = hover(analysis(), document_of(source), offset, NOW, origins)
    assert found is not None and found.from_registry
    (line,) = [line for line in found.markdown.split("\n") if line.startswith("Registered: ")]
    return line


def test_who_allocated_it_and_when() -> None:
    origin = Origin(NOW - timedelta(days=3), "crm_writer", "specql-lsp", None)
    for text in (CODE, ENTITY):
        assert line(text, origin) == f"{SINCE}, allocated 3 days ago by role crm_writer, from specql-lsp"


def test_an_author_and_no_program() -> None:
    origin = Origin(NOW - timedelta(minutes=5), "anna", None, "Anna <anna@example.org>")
    assert line(CODE, origin) == f"{SINCE}, allocated 5 min ago by Anna \\<anna@example.org\\> (role anna)"


def test_a_clock_of_the_database_that_is_ahead() -> None:
    origin = Origin(NOW + timedelta(hours=1), "anna", "psql", None)
    assert line(CODE, origin).endswith(", allocated 0 s ago by role anna, from psql")


def test_what_the_history_does_not_know() -> None:
    known = f"{SINCE} since 2025-11-21 15:53"
    assert line(CODE, None) == known
    assert line(CODE, Origin(NOW, "anna", None, None), "012032") == known
    check_hover(CODE, known, absent=["allocated"])


def test_hovers_that_did_not_ask_the_registry_say_so() -> None:
    source, offset = split_cursor("entity: Contact\nfie$0lds: {}\n")
    found = hover(analysis(), document_of(source), offset, NOW)
    assert found is not None and not found.from_registry
