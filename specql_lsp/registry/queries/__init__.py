"""The registry's SQL, one statement or one exchange a file. ``query`` reads them; nothing here talks to a database.

What belongs to a catalog is in that catalog's folder: its name has that folder before it (``catalogs/patterns/rows``).
"""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def query(name: str) -> bytes:
    """The text of ``NAME.sql``, without comments, as psycopg takes it (bytes mark it as ours, not a user's)."""
    return "\n".join(line for line in script(name).splitlines() if not line.lstrip().startswith("--")).strip().encode()


def script(name: str) -> str:
    """The text of ``NAME.sql`` as it was written, for a person to read."""
    folder = resources.files("specql_lsp.registry") if "/" in name else resources.files(__name__)
    return folder.joinpath(f"{name}.sql").read_text(encoding="utf-8")
