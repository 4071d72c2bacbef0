"""Names that the file itself gives or has: its entity's, its actions', the codes of its errors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from specql_lsp.features.completion.builder import Proposal, build
from specql_lsp.features.completion.insertion import value_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.model import CompletionKind, CompletionList
from specql_lsp.items.entity import StepItem
from specql_lsp.syntax.nodes import Scalar

_ENDING = re.compile(r"(\.specql)?\.ya?ml\Z")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def entity(request: Request) -> CompletionList:
    """The entity's name as the file's name says it."""
    name = name_of_file(request.document.uri)
    found = [Proposal(name, name, CompletionKind.CLASS, "by the file's name")] if name else []
    return build(request.context.prefix, found, value_insertion(request))


def actions(request: Request) -> CompletionList:
    """The actions of the file."""
    item = request.document.entity
    own = [action.name.value for action in item.actions if action.name is not None] if item is not None else []
    found = [Proposal(name, name, CompletionKind.FUNCTION, "an action of this file") for name in dict.fromkeys(own)]
    return build(request.context.prefix, found, value_insertion(request))


def errors(request: Request) -> CompletionList:
    """The codes of errors that the file has elsewhere, those that it has most often first."""
    item = request.document.entity
    counted = Counter(
        code.value
        for action in (item.actions if item is not None else ())
        for code in _errors(action.steps)
        if not code.span.contains(request.offset)
    )
    found = [Proposal(code, code, CompletionKind.VALUE, "used in this file") for code, _ in counted.most_common()]
    return build(request.context.prefix, found, value_insertion(request))


def name_of_file(uri: str) -> str:
    """The name that a file's own name makes: ``sales_order.yaml`` → ``SalesOrder``; empty where it makes none."""
    words = re.findall(r"[A-Za-z0-9]+", _ENDING.sub("", uri.rpartition("/")[2]))
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return name if _NAME.fullmatch(name) and not uri.startswith("untitled:") else ""


def _errors(steps: tuple[StepItem, ...]) -> Iterator[Scalar]:
    for step in steps:
        for name in ("error", "reject"):
            value = step.node.body.scalar(name)
            if value is not None and value.value.strip():
                yield value._replace(span=value.span.shifted(step.shift))
        yield from _errors(step.steps)
