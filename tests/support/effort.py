"""How hard random tests try, and where they begin.

``SPECQL_TEST_SEED`` is the number from which everything random follows; CI takes that of the day, so that every day
tries something else, and prints it where something failed. ``SPECQL_TEST_EFFORT`` multiplies what they try;
``make test-long`` runs them alone with much of it.
"""

from __future__ import annotations

import os

SEED_VARIABLE = "SPECQL_TEST_SEED"
EFFORT_VARIABLE = "SPECQL_TEST_EFFORT"

SEED = int(os.environ.get(SEED_VARIABLE, "20260901"))
"""The seed of this run."""
EFFORT = float(os.environ.get(EFFORT_VARIABLE, "1"))
"""The factor of this run."""


def times(count: int) -> int:
    """How often to do what is done ``count`` times where nobody asks for more, at least once."""
    return max(1, round(count * EFFORT))
