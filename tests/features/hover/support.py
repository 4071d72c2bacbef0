"""Hovers in tests: a workspace in one text, a marked place in one of its files, and what is said there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from specql_lsp.config import LanguageSettings
from specql_lsp.features.hover import hover
from specql_lsp.features.markdown import to_plaintext
from specql_lsp.features.model import Hover
from tests.features.workspace_snippets import Workspace

NOW = datetime(2026, 1, 1, 12, 0, 12, tzinfo=UTC)
PROVENANCE = "\n\n---\nPostgreSQL"


def hover_in(it: Workspace, path: str, marked: str, *, registry: bool = True, release: str = "0.9.2") -> Hover | None:
    """The hover at the ``¦`` in a part of a file, which the file has once."""
    document = it.document(path)
    part = marked.replace("¦", "")
    assert document.text.count(part) == 1, part
    analysis = it.analysis(registry=registry)
    analysis = replace(analysis, settings=replace(analysis.settings, language=LanguageSettings(release)))
    return hover(analysis, document, document.text.index(part) + marked.index("¦"), NOW)


def check(it: Workspace, path: str, marked: str, under: str, *expected: str, absent: Iterable[str] = ()) -> str:
    """The hover is one of the text ``under`` it, says all of ``expected`` and nothing of ``absent``; gives its text."""
    found = hover_in(it, path, marked)
    assert found is not None, marked
    assert it.document(path).text[slice(*found.span)] == under
    for part in expected:
        assert part in found.markdown, f"{part!r} is not in\n{found.markdown}"
    for part in absent:
        assert part not in found.markdown, f"{part!r} is in\n{found.markdown}"
    assert "```" not in to_plaintext(found.markdown)
    return found.markdown


def column(markdown: str) -> list[str]:
    """The lines of the first block of SQL."""
    block = re.search(r"^```sql\n(.*?)\n```$", markdown, re.DOTALL | re.MULTILINE)
    assert block is not None, markdown
    return block[1].split("\n")
