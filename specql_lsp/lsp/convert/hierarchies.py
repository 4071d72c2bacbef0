"""Items of hierarchies as the protocol's CallHierarchyItem and TypeHierarchyItem, which have the same shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from specql_lsp.features.hierarchy import Call, HierarchyItem
from specql_lsp.index.symbols import Place
from specql_lsp.lsp.convert.locations import range_json
from specql_lsp.lsp.convert.workspace_symbols import identity_of
from specql_lsp.lsp.positions import place_range
from specql_lsp.lsp.request_context import RequestContext
from specql_lsp.semantics.identity import Identity
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document


class Subject(NamedTuple):
    """What a further request about an item is about."""

    analysis: Analysis
    document: Document
    identity: Identity


def subject(context: RequestContext, params: Any) -> Subject | None:
    """What the parameters of a request name, by the data of their item; None if it is known no more.

    Args:
        context: the request's.
        params: the parameters as JSON.
    """
    item = params.get("item") if isinstance(params, dict) else None
    identity = identity_of(item.get("data")) if isinstance(item, dict) else None
    if identity is None:
        return None
    if not identity.uri:  # the registry alone has it
        known = (each for each in context.analyses if each.registry_document is not None)
        analysis = next(known, None)
        document = analysis.registry_document if analysis is not None else None
    else:
        analysis = next((each for each in context.analyses if each.index.get(identity.uri) is not None), Analysis())
        document = context.read(identity.uri)
    return Subject(analysis, document, identity) if analysis is not None and document is not None else None


def item_json(context: RequestContext, item: HierarchyItem) -> dict[str, Any]:
    """An item as JSON."""
    return {
        "name": item.name,
        "kind": item.kind.value,
        **({"detail": item.detail} if item.detail else {}),
        "uri": context.client_uri(item.name_place.uri),
        "range": _range(context, item.whole),
        "selectionRange": _range(context, item.name_place),
        "data": list(item.identity),
    }


def items_json(context: RequestContext, items: Iterable[HierarchyItem]) -> list[dict[str, Any]]:
    """Items as JSON."""
    return [item_json(context, item) for item in items]


def calls_json(context: RequestContext, calls: Iterable[Call], item: str) -> list[dict[str, Any]]:
    """Calls as JSON.

    Args:
        context: the request's.
        calls: the calls.
        item: what the protocol calls their item: ``from`` or ``to``.
    """
    return [
        {item: item_json(context, call.item), "fromRanges": [_range(context, each) for each in call.places]}
        for call in calls
    ]


def _range(context: RequestContext, place: Place) -> dict[str, Any]:
    return range_json(place_range(place, context.client.encoding))
