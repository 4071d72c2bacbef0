"""Hover of a service and of its operations, as far as the workspace has them."""

from __future__ import annotations

from specql_lsp.features.hover.request import HoverRequest, Text


def service(request: HoverRequest) -> Text | None:
    """A service by its name."""
    return None


def operation(request: HoverRequest) -> Text | None:
    """An operation of a service."""
    return None
