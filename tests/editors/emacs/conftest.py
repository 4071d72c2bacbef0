"""An Emacs of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.editors.emacs.emacs import Emacs

Start = Callable[..., Emacs]


@pytest.fixture
def start(tmp_path: Path, workspace: Path) -> Iterator[Start]:
    """Starts an Emacs in the workspace; the keywords are those of ``Emacs``."""
    with ExitStack() as stack:

        def run(*, folder: Path = workspace, **more: Any) -> Emacs:
            home = tmp_path / f"emacs-{len(list(tmp_path.glob('emacs-*')))}"
            return stack.enter_context(Emacs(home, folder, **more))

        yield run
