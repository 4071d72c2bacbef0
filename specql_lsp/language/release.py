"""Which release of SpecQL reads a construct.

Messages name SpecQL 0.9.2: what is said about SpecQL is what that release does.
"""

from __future__ import annotations

from enum import Enum

REFERENCE = "SpecQL 0.9.2"
"""The newest public release, as messages name it."""


class Release(Enum):
    """The newest line of releases that reads a construct."""

    REFERENCE = "0.9.2"
    """Read by SpecQL 0.9.2."""
    BETA = "beta line"
    """Read by the beta line (``specql-generator`` 0.5.0b0) and not by 0.9.2."""
    NONE = "none"
    """In real files or in SpecQL's documentation, and read by no known release."""

    @property
    def sentence(self) -> str:
        """One sentence for documentation; empty for what 0.9.2 reads."""
        match self:
            case Release.REFERENCE:
                return ""
            case Release.BETA:
                return f"{REFERENCE} does not read it; the beta line (specql-generator 0.5.0b0) does."
            case Release.NONE:
                return f"{REFERENCE} does not read it."
