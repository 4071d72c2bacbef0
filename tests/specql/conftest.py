"""The tests that ask SpecQL itself: only where they are chosen with ``-m specql``, as ``make test-specql`` does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.specql.reference import Reference

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks the tests of this folder, and leaves them out of every run that does not ask for them."""
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.specql)
    if ours and "specql" not in config.option.markexpr:
        items[:] = [item for item in items if item not in ours]
        config.hook.pytest_deselected(items=ours)


@pytest.fixture(scope="session")
def specql() -> Iterator[Reference]:
    """SpecQL's process, one for the session."""
    reference = Reference()
    yield reference
    reference.close()
