"""A Kate of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.editors.kate.kate import Kate

Open = Callable[..., Kate]


@pytest.fixture
def open_kate(tmp_path: Path, workspace: Path) -> Iterator[Open]:
    """Opens a file of the workspace in Kate; the keywords are those of ``Kate``, and ``url`` its database."""
    with ExitStack() as stack:

        def run(path: str, *, text: str | None = None, url: str | None = None, **more: Any) -> Kate:
            file = workspace / path
            if text is not None:
                file.write_text(text, encoding="utf-8")
            home = tmp_path / "kate"
            home.mkdir()
            environment = {"SPECQL_DB_URL": url} if url else {}
            return stack.enter_context(Kate(home, file, environment=environment, **more))

        yield run
