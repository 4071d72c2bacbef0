"""A Neovim of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.editors.neovim.neovim import Neovim

Start = Callable[..., Neovim]
QUICK = "vim.lsp.config('specql', { settings = { specql = { registry = { refreshSeconds = 1 } } } })\n"
"""Lua for a registry that is read anew every second: these databases tell of no change."""


@pytest.fixture
def start(tmp_path: Path, workspace: Path) -> Iterator[Start]:
    """Starts a Neovim in the workspace; the keywords are those of ``Neovim``, and ``url`` its database."""
    with ExitStack() as stack:

        def run(*, url: str | None = None, folder: Path = workspace, **more: Any) -> Neovim:
            environment = {**({"SPECQL_DB_URL": url} if url else {}), **more.pop("environment", {})}
            home = tmp_path / f"neovim-{len(list(tmp_path.glob('neovim-*')))}"
            return stack.enter_context(Neovim(home, folder, environment=environment, **more))

        yield run


@pytest.fixture
def neovim(start: Start) -> Neovim:
    """A Neovim on the workspace, whose registry is the YAML."""
    return start()


@pytest.fixture
def neovim_postgresql(start: Start, workspace_url: str) -> Neovim:
    """A Neovim on the workspace, whose registry is PostgreSQL."""
    return start(url=workspace_url, init=QUICK)
