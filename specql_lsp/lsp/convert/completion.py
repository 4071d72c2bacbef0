"""Proposals → the protocol's CompletionList, as the text of its JSON.

Of a list of 100 items lsprotocol's objects take 1.3 ms, dictionaries and their encoding 0.4, the text 0.15: it is asked
for with each keystroke.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

from lsprotocol import types

from specql_lsp.features.model import CompletionItem, CompletionKind, CompletionList, DocumentationKey
from specql_lsp.lsp.answers import JsonText
from specql_lsp.lsp.positions import Positions

_DETAIL_IN_ROW = (CompletionKind.TYPE, CompletionKind.FIELD)
"""Their detail is short, and what one chooses by: a type's column, a field's type.

VS Code shows the detail of the chosen row only, but the description of each.
"""
_SNIPPET = f',"insertTextFormat":{types.InsertTextFormat.Snippet.value}'
_DEPRECATED = f',"tags":[{types.CompletionItemTag.Deprecated.value}]'
_OPEN_LIST = ',"command":{"title":"Suggest","command":"editor.action.triggerSuggest"}'


class ItemSupport(NamedTuple):
    """What the client can do with an item.

    Attributes:
        label_details: whether it shows label details; without them the detail says it all.
        snippets: whether it expands snippets; else it gets their text as it is.
        deprecated: whether it shows which items are deprecated.
        opens_lists: whether it has VS Code's command that opens the list of what is typed next.
    """

    label_details: bool = False
    snippets: bool = False
    deprecated: bool = False
    opens_lists: bool = False


def completion_list(
    answer: CompletionList,
    positions: Positions,
    support: ItemSupport,
    *,
    item_defaults: bool,
    folder: int | None,
) -> JsonText:
    """Proposals as the protocol's CompletionList.

    Args:
        answer: the proposals.
        positions: of the document.
        support: what the client can do with an item.
        item_defaults: whether it takes the replaced range once for all items (LSP 3.17, "itemDefaults").
        folder: the number of the folder whose analysis documents the items; None without one.
    """
    spans = {item.replace for item in answer.items}
    shared = len(spans) == 1 and item_defaults
    ranges = {span: json.dumps(positions.json_range(span)) for span in spans}
    number = "null" if folder is None else str(folder)
    items = ",".join([_item(i, None if shared else ranges[i.replace], support, number) for i in answer.items])
    defaults = f',"itemDefaults":{{"editRange":{ranges.popitem()[1]}}}' if shared else ""
    incomplete = "true" if answer.incomplete else "false"
    return JsonText(f'{{"isIncomplete":{incomplete},"items":[{items}]{defaults}}}')


def _item(item: CompletionItem, range_: str | None, support: ItemSupport, folder: str) -> str:
    label, kind, detail, description = item.label, item.kind, item.detail, item.description
    text = f'{{"label":{quoted(label)},"kind":{kind._value_}'
    new_text = item.new_text
    if item.snippet and support.snippets:
        new_text = item.snippet
        text += _SNIPPET
    if range_ is not None:
        text += f',"textEdit":{{"range":{range_},"newText":{quoted(new_text)}}}'
    elif new_text != label:
        text += f',"textEditText":{quoted(new_text)}'
    if support.label_details:
        in_row = description or (detail if kind in _DETAIL_IN_ROW else "")
        if item.signature:
            more = f',"description":{quoted(in_row)}' if in_row else ""
            text += f',"labelDetails":{{"detail":{quoted(item.signature)}{more}}}'
        elif in_row:
            text += f',"labelDetails":{{"description":{quoted(in_row)}}}'
    elif description:
        detail = f"{detail} · {description}" if detail else description
    if detail:
        text += f',"detail":{quoted(detail)}'
    if item.preselect:
        text += ',"preselect":true'
    if item.sort_text:
        text += f',"sortText":{quoted(item.sort_text)}'
    if item.filter_text and item.filter_text != label:
        text += f',"filterText":{quoted(item.filter_text)}'
    if item.not_read and support.deprecated:
        text += _DEPRECATED
    if item.command is not None:
        call = {"title": label, "command": item.command.command, "arguments": [dict(item.command.arguments)]}
        text += f',"command":{json.dumps(call)}'
    elif item.asks_again and support.opens_lists:
        text += _OPEN_LIST
    if item.documentation is not None:
        text += f',"data":[{folder},{_key(item.documentation)}]'
    return text + "}"


def _key(key: DocumentationKey) -> str:
    """What ``completionItem/resolve`` needs of an item (``handlers/completion_item_resolve.py`` reads it)."""
    return ",".join([quoted(key.kind), *[f"[{quoted(name)},{quoted(value)}]" for name, value in key.values.items()]])
