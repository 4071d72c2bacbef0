"""Patterns of tables and of actions, and their parameters."""

from __future__ import annotations

from typing import NamedTuple

from specql_lsp.features.completion.builder import Proposal, build
from specql_lsp.features.completion.insertion import key_insertion, value_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.surroundings import keys_around, keys_beside
from specql_lsp.features.markdown import shortened
from specql_lsp.features.model import CompletionKind, CompletionList, DocumentationKey
from specql_lsp.index.library import PatternFacts
from specql_lsp.language import patterns as known
from specql_lsp.language.patterns import PatternSpec

_DETAIL_LENGTH = 60


def table_patterns(request: Request) -> CompletionList:
    """The patterns that SpecQL 0.9.2 knows, each under its full name, then under its short ones."""
    proposals = [_pattern(spec.name, spec.description) for spec in known.table_patterns().values()]
    return build(request.context.prefix, proposals, value_insertion(request))


def action_patterns(request: Request) -> CompletionList:
    """The patterns of actions by their path: the workspace's own, then the standard ones."""
    index = request.analysis.index
    own = {name: (index.pattern(name), name) for name in index.pattern_names()}
    proposals = [_pattern(name, (facts.description if facts else None) or "") for facts, name in own.values()]
    standard = (spec for spec in known.action_patterns().values() if spec.name not in own)
    proposals.extend(_pattern(spec.name, spec.description) for spec in standard)
    return build(request.context.prefix, proposals, value_insertion(request))


def parameters(request: Request) -> CompletionList:
    """The parameters that the pattern at the cursor does not have yet, required ones first."""
    around = keys_around(request)
    if request.context.path[:1] == ("patterns",):
        found = _of_spec(known.table_patterns().get(around.get("type") or ""))
    else:
        name = (around.get("pattern") or "").removeprefix("actions/")
        own = request.analysis.index.pattern(name)
        found = _of_spec(known.action_patterns().get(name)) if own is None else _of_workspace(own)
    there = keys_beside(request)
    missing = sorted((each for each in found if each.name not in there), key=lambda each: not each.is_required)
    in_flow = request.context.in_flow
    return build(
        request.context.prefix, [_parameter(each, in_flow=in_flow) for each in missing], key_insertion(request)
    )


class _Parameter(NamedTuple):
    pattern: str
    name: str
    type: str
    is_required: bool


def _of_spec(spec: PatternSpec | None) -> list[_Parameter]:
    parameters = spec.parameters if spec is not None else ()
    return [_Parameter(spec.name if spec else "", each.name, each.type, each.required) for each in parameters]


def _of_workspace(pattern: PatternFacts) -> list[_Parameter]:
    return [_Parameter(pattern.name, each.name, each.type or "", each.required) for each in pattern.parameters]


def _pattern(name: str, description: str) -> Proposal:
    detail = shortened(description, _DETAIL_LENGTH)
    return Proposal(
        name, name, CompletionKind.MODULE, detail, documentation=DocumentationKey("pattern", {"name": name})
    )


def _parameter(parameter: _Parameter, *, in_flow: bool) -> Proposal:
    return Proposal(
        parameter.name,
        parameter.name,
        CompletionKind.PROPERTY,
        parameter.type,
        "required" if parameter.is_required else "",
        documentation=DocumentationKey("pattern", {"name": parameter.pattern, "parameter": parameter.name}),
        value_follows=in_flow or not parameter.type.startswith(("object", "array")),
    )
