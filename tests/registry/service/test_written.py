"""``RegistryService.written``: a fence behind the writes, for what needs to know whose they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.requests import AllocationRequest
from tests.registry.service.support import running
from tests.support.patience import FOREVER, PATIENCE


def test_it_is_done_behind_every_write_that_was_asked_for_before(workspace: Path, url: str) -> None:
    with running(workspace, url, refresh_seconds=FOREVER) as watched:
        writes = [watched.service.allocate(AllocationRequest(f"Thing{n}", "crm", "customer")) for n in range(5)]
        watched.service.written().result(PATIENCE)
        assert all(write.done() for write in writes)


def test_it_is_refused_at_the_end(workspace: Path, url: str) -> None:
    with running(workspace, url) as watched:
        pass
    with pytest.raises(Refused):
        watched.service.written().result(PATIENCE)
