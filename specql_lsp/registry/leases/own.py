"""A folder's own leases among those that a registry has. Immutable data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from specql_lsp.registry.leases.model import HeldLease
from specql_lsp.registry.leases.store import holder_name
from specql_lsp.registry.model import LeasedCode


class OwnLeases(NamedTuple):
    """The leases of a folder among all that are known."""

    token: str
    usable: tuple[str, ...]
    """The codes that may be given out now, if PostgreSQL is away."""
    given: tuple[HeldLease, ...]
    """Those that entities got and PostgreSQL does not know of yet."""

    def among(self, leased: Mapping[str, LeasedCode]) -> dict[str, LeasedCode]:
        """The leases of a registry, the folder's own marked as such, with the entities that have got codes."""
        found = {
            code: lease._replace(is_own=True) if lease.token == self.token else lease for code, lease in leased.items()
        }
        for each in self.given:
            lease = found.get(each.table_code)
            if lease is None or lease.is_own:
                ends = lease.expires_at if lease is not None else each.ends
                holder = lease.holder if lease is not None else holder_name()
                found[each.table_code] = LeasedCode(
                    each.table_code, holder, ends, self.token, is_own=True, entity=each.entity
                )
        return found
