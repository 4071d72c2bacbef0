"""Proposals → the protocol's CompletionList, as JSON.

lsprotocol's objects take three times as long: 1.3 ms instead of 0.4 for a list of 100 items.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lsprotocol import types

from specql_lsp.features.model import CompletionItem, CompletionList, DocumentationKey
from specql_lsp.lsp.answers import Json
from specql_lsp.lsp.convert.locations import range_json
from specql_lsp.lsp.positions import Positions


def completion_list(
    answer: CompletionList,
    positions: Positions,
    *,
    label_details: bool,
    item_defaults: bool,
    snippets: bool,
    data: Callable[[DocumentationKey], Any],
) -> Json:
    """Proposals as the protocol's CompletionList; without label details the detail says it all.

    Args:
        answer: the proposals.
        positions: of the document.
        label_details: whether the client shows label details.
        item_defaults: whether it takes the replaced range once for all items (LSP 3.17, "itemDefaults").
        snippets: whether it expands snippets; else it gets their text as it is.
        data: what ``completionItem/resolve`` will need of an item.
    """
    spans = {item.replace for item in answer.items}
    shared = len(spans) == 1 and item_defaults
    ranges = {span: range_json(positions.range(span)) for span in spans}
    items = [
        _completion_item(item, None if shared else ranges[item.replace], label_details, snippets, data)
        for item in answer.items
    ]
    body: dict[str, Any] = {"isIncomplete": answer.incomplete, "items": items}
    if shared:
        body["itemDefaults"] = {"editRange": next(iter(ranges.values()))}
    return Json(body)


def _completion_item(
    item: CompletionItem,
    range_: dict[str, Any] | None,
    label_details: bool,  # noqa: FBT001 - called once for each of a hundred items
    snippets: bool,  # noqa: FBT001
    data: Callable[[DocumentationKey], Any],
) -> dict[str, Any]:
    body: dict[str, Any] = {"label": item.label, "kind": item.kind.value}
    new_text = item.new_text
    if snippets and item.snippet:
        new_text = item.snippet
        body["insertTextFormat"] = types.InsertTextFormat.Snippet.value
    if range_ is None:
        if new_text != item.label:
            body["textEditText"] = new_text
    else:
        body["textEdit"] = {"range": range_, "newText": new_text}
    detail = item.detail
    if item.description:
        if label_details:
            body["labelDetails"] = {"description": item.description}
        else:
            detail = f"{detail} · {item.description}" if detail else item.description
    if detail:
        body["detail"] = detail
    if item.preselect:
        body["preselect"] = True
    if item.sort_text:
        body["sortText"] = item.sort_text
    if item.filter_text and item.filter_text != item.label:
        body["filterText"] = item.filter_text
    if item.documentation is not None:
        body["data"] = data(item.documentation)
    return body
