"""What belongs into pattern files and the service registry: names, types of parameters, skeletons of new files."""

from __future__ import annotations

from specql_lsp.features.completion.builder import Proposal, build
from specql_lsp.features.completion.insertion import value_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.snippet import Snippet, choice
from specql_lsp.features.model import CompletionKind, CompletionList
from specql_lsp.index.library import is_service_registry, pattern_path
from specql_lsp.language.keys import service_keys

_NEW_PATTERN = "group/pattern"


def pattern_name(request: Request) -> CompletionList:
    """The name that a pattern has by the place of its file."""
    name = pattern_path(request.document.uri)
    proposals = [Proposal(name, name, CompletionKind.MODULE, "by the place of the file")] if name else []
    return build(request.context.prefix, proposals, value_insertion(request))


def parameter_types(request: Request) -> CompletionList:
    """The types that a parameter can have."""
    from specql_lsp.language.tables.library import PARAMETER_TYPES, UNCHECKED_TYPES

    proposals = [Proposal(name, name, CompletionKind.ENUM_MEMBER) for name in PARAMETER_TYPES]
    proposals += [Proposal(name, name, CompletionKind.ENUM_MEMBER, "any value") for name in UNCHECKED_TYPES]
    return build(request.context.prefix, proposals, value_insertion(request))


def of_library(uri: str) -> Snippet:
    """The skeleton of a pattern, or of a service registry."""
    if is_service_registry(uri):
        key = service_keys().levels["service registry"].by_name["services"]
        return Snippet("services", "a service registry", key.snippet)
    lines = (
        f"pattern: ${{1:{pattern_path(uri) or _NEW_PATTERN}}}",
        "version: ${2:1.0}",
        "description: ${3:What an action of it does}",
        "parameters:",
        "  - name: ${4:to_state}",
        "    type: ${5:string}",
        f"    required: {choice(6, ('true', 'false'))}",
        "template: |",
        "  steps:",
        "    - validate: ${7:true = true}",
        "      error: ${8:not_allowed}$0",
    )
    return Snippet("pattern", "an action pattern with a parameter", lines)
