"""Notes when a registry begins to be answered by less than its first choice, and when that is over."""

from __future__ import annotations

import logging

from specql_lsp.logs import fields
from specql_lsp.registry.metrics.recorder import Metrics
from specql_lsp.registry.model import RegistryState, Source

logger = logging.getLogger(__name__)


class Fallbacks:
    """Counts and logs each change once.

    Args:
        wanted: the source of the first choice; None where the YAML is all that is wanted.
        metrics: where fallbacks are counted.
    """

    def __init__(self, wanted: Source | None, metrics: Metrics) -> None:
        self._wanted = wanted
        self._metrics = metrics
        self._fallen = False

    def note(self, state: RegistryState) -> None:
        """Takes in the state that is published now."""
        provenance = state.provenance
        fallen = self._wanted is not None and (provenance.source is not self._wanted or provenance.stale)
        if fallen and not self._fallen:
            self._metrics.fallback(provenance.reason)
            answers = "nothing" if state.snapshot is None else provenance.source.label
            logged = fields(event="fallback", source=provenance.source.value, reason=provenance.reason)
            logger.warning("The registry falls back to %s.", answers, extra=logged)
        elif self._fallen and not fallen:
            # As loud as the fallback: whoever reads of its begin wants to read of its end.
            logged = fields(event="recovered", source=provenance.source.value, server=provenance.server)
            logger.warning("The registry answers from %s again.", provenance.source.label, extra=logged)
        self._fallen = fallen
