"""The steps that make the schema ``specql_registry_lsp``: a file of ``queries/upgrades`` and a row here for each.

A step is SQL that is safe to run again, also after the steps that follow it, and keeps all data. It ends by recording
its number in ``tb_version``. A step that was released is never changed; what has to change is a further step.
"""

from __future__ import annotations

from typing import NamedTuple

SPECQL_SCHEMA = "specql_registry"
SCHEMA = "specql_registry_lsp"


class Step(NamedTuple):
    """A step."""

    number: int
    """From 1, without gaps."""
    name: str
    """What it is about, as in the file's name: ``001_NAME.sql``."""
    makes: tuple[str, ...]
    """What is there after it, as ``install_inventory.sql`` words it."""

    @property
    def query(self) -> str:
        """The name of its query file."""
        return f"upgrades/{self.number:03}_{self.name}"


STEPS = (
    Step(
        1,
        "events",
        (
            f"schema {SCHEMA}",
            f"table {SCHEMA}.tb_version",
            f"table {SCHEMA}.tb_event",
            f"index {SCHEMA}.idx_event_transaction",
            f"index {SCHEMA}.idx_event_entity",
            f"index {SCHEMA}.idx_event_update",
            f"sequence {SCHEMA}.sq_unrecorded",
        ),
    ),
    Step(2, "horizon", (f"table {SCHEMA}.tb_horizon",)),
    Step(3, "leases", (f"table {SCHEMA}.tb_lease", f"index {SCHEMA}.tb_lease_pkey")),
    Step(4, "lease_events", ()),
)
LATEST = STEPS[-1].number
"""The version of the schema that this release installs."""
