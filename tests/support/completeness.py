"""What a test needs and a machine may lack: skipped there, unless everything has to be tested, as in CI."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

COMPLETE_VARIABLE = "SPECQL_TEST_COMPLETE"
"""The environment variable that, when set, lets no test be skipped because something is not installed."""


def missing(what: str) -> NoReturn:
    """Skips the test that needs ``what``, or fails it where everything has to be tested."""
    sentence = f"{what} is not installed; `make system-packages` installs it on Debian 12."
    if os.environ.get(COMPLETE_VARIABLE):
        pytest.fail(sentence)
    pytest.skip(sentence)
