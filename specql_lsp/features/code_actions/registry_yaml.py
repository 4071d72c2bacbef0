"""What SpecQL needs in order to read a registry YAML, added at one place or in the whole file."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.code_actions.registry_repairs import required_actions
from specql_lsp.features.code_actions.request import ActionRequest
from specql_lsp.features.model import CodeAction


def actions(request: ActionRequest) -> Iterator[CodeAction]:
    """The actions for the ``invalid-registry`` findings at the range."""
    yield from required_actions(request.analysis, request.document, request.findings, request.now)
