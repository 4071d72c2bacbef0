"""The tests that ask SpecQL itself. ``tests/conftest.py`` leaves them out where they are not chosen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.specql.reference import Reference

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.specql)


@pytest.fixture(scope="session")
def specql() -> Iterator[Reference]:
    """SpecQL's process, one for the session."""
    reference = Reference()
    yield reference
    reference.close()
