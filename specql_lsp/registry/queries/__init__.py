"""The registry's SQL, one statement or one exchange a file. ``query`` reads them; nothing here talks to a database.

What belongs to a catalog is in that catalog's folder: its name has that folder before it (``catalogs/patterns/rows``).
"""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def query(name: str) -> bytes:
    """The text of ``NAME.sql``, without comments, as psycopg takes it (bytes mark it as ours, not a user's).

    Args:
        name: may begin with a folder, as ``upgrades/001_events``; what begins with ``catalogs/`` is in that package.
    """
    return without_comments(script(name)).encode()


def without_comments(sql: str) -> str:
    """SQL without the lines that are comments."""
    return "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--")).strip()


def script(name: str) -> str:
    """The text of ``NAME.sql`` as it was written, for a person to read."""
    folder = resources.files("specql_lsp.registry") if name.startswith("catalogs/") else resources.files(__name__)
    return folder.joinpath(f"{name}.sql").read_text(encoding="utf-8")
