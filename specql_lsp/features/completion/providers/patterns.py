"""Patterns of tables and of actions, and their parameters."""

from __future__ import annotations

from collections.abc import Iterable

from specql_lsp.features.completion.builder import NOTHING, Proposal, build
from specql_lsp.features.completion.insertion import key_insertion, value_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.surroundings import keys_around, keys_beside
from specql_lsp.features.markdown import shortened
from specql_lsp.features.model import CompletionKind, CompletionList, DocumentationKey
from specql_lsp.language import patterns as known
from specql_lsp.language.patterns import PatternParameter, PatternSpec

_DETAIL_LENGTH = 60


def table_patterns(request: Request) -> CompletionList:
    """The patterns that SpecQL 0.9.2 knows, each under its full name, then under its short ones."""
    return _patterns(request, known.table_patterns().values())


def action_patterns(request: Request) -> CompletionList:
    """The patterns of actions by their path."""
    return _patterns(request, known.action_patterns().values())


def parameters(request: Request) -> CompletionList:
    """The parameters that the pattern at the cursor does not have yet, required ones first."""
    around = keys_around(request)
    spec = known.table_patterns().get(around.get("type") or "") if "type" in around else None
    spec = spec or known.action_patterns().get((around.get("pattern") or "").removeprefix("actions/"))
    if spec is None:
        return NOTHING
    there = keys_beside(request)
    missing = [parameter for parameter in spec.parameters if parameter.name not in there]
    in_flow = request.context.in_flow
    proposals = [
        _parameter(spec, each, in_flow=in_flow) for each in sorted(missing, key=lambda each: not each.required)
    ]
    return build(request.context.prefix, proposals, key_insertion(request))


def _patterns(request: Request, specs: Iterable[PatternSpec]) -> CompletionList:
    proposals = [
        Proposal(
            spec.name,
            spec.name,
            CompletionKind.MODULE,
            shortened(spec.description, _DETAIL_LENGTH),
            documentation=DocumentationKey("pattern", {"name": spec.name}),
        )
        for spec in specs
    ]
    return build(request.context.prefix, proposals, value_insertion(request))


def _parameter(spec: PatternSpec, parameter: PatternParameter, *, in_flow: bool) -> Proposal:
    is_nested = parameter.type.startswith(("object", "array"))
    return Proposal(
        parameter.name,
        parameter.name,
        CompletionKind.PROPERTY,
        parameter.type,
        "required" if parameter.required else "",
        documentation=DocumentationKey("pattern", {"name": spec.name, "parameter": parameter.name}),
        value_follows=in_flow or not is_nested,
    )
