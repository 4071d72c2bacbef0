"""Logs and counts when a registry begins to be answered by a fallback, and when its primary source answers again."""

from __future__ import annotations

import logging

from specql_lsp.logs import fields
from specql_lsp.registry.metrics.recorder import Metrics
from specql_lsp.registry.state import RegistryState, Source

logger = logging.getLogger(__name__)


class FallbackLog:
    """Logs and counts each change once.

    Args:
        wanted: the primary source; None if the settings ask for the YAML only.
        metrics: where fallbacks are counted.
    """

    def __init__(self, wanted: Source | None, metrics: Metrics) -> None:
        self._wanted = wanted
        self._metrics = metrics
        self._has_fallen_back = False

    def note(self, state: RegistryState) -> None:
        """Takes the state that is published now."""
        provenance = state.provenance
        falls_back = self._wanted is not None and (provenance.source is not self._wanted or provenance.stale)
        if falls_back and not self._has_fallen_back:
            self._metrics.fallback(provenance.reason)
            answers = "nothing" if state.snapshot is None else provenance.source.label
            logged = fields(event="fallback", source=provenance.source.value, reason=provenance.reason)
            logger.warning("The registry falls back to %s.", answers, extra=logged)
        elif self._has_fallen_back and not falls_back:
            # A warning, like the fallback: a log that shows its beginning must show its end.
            logged = fields(event="recovered", source=provenance.source.value, server=provenance.server)
            logger.warning("The registry answers from %s again.", provenance.source.label, extra=logged)
        self._has_fallen_back = falls_back
