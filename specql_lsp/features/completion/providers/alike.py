"""Keys in parts of a file that no table describes: those that the same part has elsewhere in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from specql_lsp.features.completion.builder import NOTHING, Proposal, build
from specql_lsp.features.completion.insertion import key_insertion
from specql_lsp.features.completion.providers import services
from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.surroundings import keys_beside
from specql_lsp.features.model import CompletionKind, CompletionList
from specql_lsp.syntax.cursor import ITEM
from specql_lsp.syntax.nodes import Mapping, Node, Sequence

_LONGEST_TEXT = 100_000
"""Of a longer text, in characters, nothing is looked for: it would have to be gone through as a whole."""


def complete(request: Request) -> CompletionList:
    """The keys of mappings with the same key around them, those that are there most often first."""
    path, entity = request.context.path, request.document.entity
    names = [name for name in path if name != ITEM]
    if entity is None or not names or len(request.document.text) > _LONGEST_TEXT:
        return NOTHING
    if names[-1] == "input" and "call_service" in names:
        return services.inputs(request)
    depth = len(path) - 1 - max(index for index, name in enumerate(path) if name != ITEM)
    there = keys_beside(request)
    counted: Counter[str] = Counter()
    for mapping in _alike(entity.root.value(names[0]), names[0], names[-1], depth):
        counted.update(
            entry.name
            for entry in mapping.entries
            if entry.name is not None and not entry.key.span.contains(request.offset)
        )
    proposals = [
        Proposal(name, name, CompletionKind.PROPERTY, "as elsewhere in this file", value_follows=True)
        for name, _ in counted.most_common()
        if name not in there
    ]
    return build(request.context.prefix, proposals, key_insertion(request))


def _alike(node: Node | None, key: str, wanted: str, depth: int) -> Iterator[Mapping]:
    """The mappings beneath ``node``, the value of ``key``, that are the value of ``wanted``, so many lists between."""
    pending: list[tuple[Node | None, str, int]] = [(node, key, 0)]
    while pending:
        node, key, lists = pending.pop()
        if isinstance(node, Mapping):
            if key == wanted and lists == depth:
                yield node
            pending.extend((entry.value, entry.name or "", 0) for entry in reversed(node.entries))
        elif isinstance(node, Sequence):
            pending.extend((item, key, lists + 1) for item in reversed(node.items))
