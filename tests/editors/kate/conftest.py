"""A Kate of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.editors.kate.kate import Kate

Start = Callable[..., Kate]


@pytest.fixture
def start(tmp_path: Path, workspace: Path) -> Iterator[Start]:
    """Starts a Kate on a file of the workspace, with another text if one is given; the rest are ``Kate``'s keywords."""
    with ExitStack() as stack:

        def run(name: str, *, text: str | None = None, **more: Any) -> Kate:
            if text is not None:
                (workspace / name).write_text(text, encoding="utf-8")
            return stack.enter_context(Kate(tmp_path / "kate", workspace / name, **more))

        yield run
