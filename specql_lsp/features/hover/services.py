"""Hover of a service and of its operations, as the service registry of the workspace has them."""

from __future__ import annotations

from specql_lsp.features import descriptions
from specql_lsp.features.hover.request import HoverRequest, Text, paragraphs
from specql_lsp.features.markdown import code, escape, link, title
from specql_lsp.index.library import OperationFacts
from specql_lsp.language.release import Release

_MOST_NAMES = 12


def service(request: HoverRequest) -> Text | None:
    """A service by its name; case does not matter."""
    found = request.analysis.index.service(request.symbol.name)
    if found is None:
        return None
    head = " · ".join([f"{title(found.name)} · service", *map(escape, found.kinds), _file(found.uri)])
    operations = f"Operations: {_listed(found.operations)}" if found.operations else ""
    return Text(paragraphs(head, operations, Release.BETA.sentence))


def operation(request: HoverRequest) -> Text | None:
    """An operation of a service."""
    symbol = request.symbol
    owner = request.analysis.index.service(symbol.owner)
    found = owner.operation(symbol.name) if owner is not None else None
    if owner is None or found is None:
        return None
    head = f"{title(found.name)} · operation of {escape(owner.name)} · {_file(owner.uri)}"
    return Text(paragraphs(head, *_facts(found), Release.BETA.sentence))


def _facts(found: OperationFacts) -> list[str]:
    return [
        f"Input: {_listed(found.inputs)}" if found.inputs else "",
        f"Output: {_listed(found.outputs)}" if found.outputs else "",
        f"Timeout {escape(found.timeout or '30')} s · at most {escape(found.max_retries or '3')} retries",
    ]


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(map(code, names[:_MOST_NAMES])) + more


def _file(uri: str) -> str:
    return link(descriptions.file_name(uri), uri)
