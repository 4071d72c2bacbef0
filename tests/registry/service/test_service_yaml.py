"""The registry service while the YAML changes, or what reads it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.service.service import RegistryService
from specql_lsp.registry.state import RegistryState, Source
from tests.registry.service.support import COMPANY, running
from tests.registry.yaml_texts import SMALL
from tests.support.patience import FOREVER, PATIENCE, until
from tests.support.postgres import PASSWORD


def test_a_broken_yaml_on_the_disk(workspace: Path, url: str) -> None:
    path = workspace / "registry" / "domain_registry.yaml"
    with running(workspace, url, refresh_seconds=FOREVER) as watched:
        path.write_text(SMALL + "broken: [\n")
        watched.service.yaml_changed()
        watched.wait_until(lambda state: state.discrepancies is None)
        assert watched.summary() == (Source.POSTGRESQL, True, False)
        assert watched.state.yaml is None
        assert watched.state.snapshot is not None
        assert watched.state.snapshot.rules.reserved_codes == {"012032"}  # broken does not mean free
        path.write_text(SMALL.replace("name: crm", "name: crm2"))
        watched.service.yaml_changed()
        watched.wait_until(lambda state: state.discrepancies)


def test_a_broken_yaml_and_no_postgresql(workspace: Path) -> None:
    path = workspace / "registry" / "domain_registry.yaml"
    path.write_text("domains: [\n")
    with running(workspace, "postgresql://127.0.0.1:1/x") as watched:
        assert watched.summary() == (Source.NONE, False, False)
        assert "is not valid YAML" in watched.reason
        path.write_text(SMALL)
        watched.service.refresh().result(PATIENCE)
        assert watched.summary() == (Source.YAML, False, False)
        path.write_text("domains: [\n")
        watched.service.refresh().result(PATIENCE)
        assert watched.summary() == (Source.YAML, False, True)
        assert watched.state.snapshot is not None


def test_typing_in_the_unsaved_yaml_keeps_the_last_good_one(workspace: Path, url: str) -> None:
    buffer: list[str | None] = [None]
    with running(workspace, url, overlay=lambda: buffer[0]) as watched:
        good = watched.state.yaml
        buffer[0] = SMALL + "broken: [\n"
        watched.service.yaml_changed()
        watched.wait_until(lambda state: state.discrepancies is None)
        assert watched.state.yaml is good
        buffer[0] = SMALL.replace("012031", "012034")
        watched.service.yaml_changed()
        watched.wait_until(lambda state: state.discrepancies)
        assert watched.state.discrepancies is not None
        assert [d.attribute for d in watched.state.discrepancies] == ["table_code"]


def test_keystrokes_are_read_together(workspace: Path, url: str) -> None:
    reads: list[None] = []

    def overlay() -> str:
        reads.append(None)
        return SMALL

    with running(workspace, url, overlay=overlay) as watched:
        before = len(reads)
        for _ in range(50):
            watched.service.yaml_changed()
        until(lambda: len(reads) > before, "a reading")
        watched.service.refresh().result(PATIENCE)  # the worker has done what it was given before
        assert len(reads) - before <= 5


def test_a_failing_reader_does_not_end_the_service(workspace: Path, url: str, caplog: pytest.LogCaptureFixture) -> None:
    fails = [True]

    def overlay() -> str | None:
        if fails[0]:
            raise RuntimeError(PASSWORD)
        return None

    with running(workspace, url, overlay=overlay) as watched:
        assert watched.summary() == (Source.POSTGRESQL, True, False)
        assert watched.state.discrepancies is None
        fails[0] = False
        watched.service.refresh().result(PATIENCE)
        assert watched.state.discrepancies == ()
    assert "RuntimeError" in caplog.text
    assert PASSWORD not in caplog.text


def test_a_failing_listener_does_not_end_the_service(
    workspace: Path, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_state: RegistryState) -> None:
        raise RuntimeError(PASSWORD)

    service = RegistryService(RegistrySettings(database_url=url), workspace, on_change=fail)
    service.start()
    try:
        assert service.refresh().result(PATIENCE).provenance.writable
        assert service.allocate(COMPANY).result(PATIENCE).created
    finally:
        service.close()
    assert "RuntimeError" in caplog.text
    assert PASSWORD not in caplog.text
