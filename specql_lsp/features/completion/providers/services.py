"""Services that the workspace's service registry has, their operations and what these take."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.completion.builder import NOTHING, Proposal, build
from specql_lsp.features.completion.insertion import key_insertion, value_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.surroundings import Keys, keys_around, keys_beside
from specql_lsp.features.descriptions import file_name
from specql_lsp.features.model import CompletionKind, CompletionList
from specql_lsp.index.library import OperationFacts, ServiceFacts


def services(request: Request) -> CompletionList:
    """The services."""
    return build(request.context.prefix, _services(request), value_insertion(request))


def operations(request: Request) -> CompletionList:
    """The operations of the service that the step names; of all services where it names none."""
    named = _service(request, keys_beside(request))
    found = [named] if named is not None else _all(request)
    proposals = [
        Proposal(name, name, CompletionKind.FUNCTION, f"an operation of {service.name}")
        for service in found
        for name in service.operations
    ]
    return build(request.context.prefix, proposals, value_insertion(request))


def inputs(request: Request) -> CompletionList:
    """What the operation takes, as keys of ``input``."""
    around = keys_around(request)
    service = _service(request, around)
    operation = service.operation(around.get("operation") or "") if service is not None else None
    if operation is None:
        return NOTHING
    return build(request.context.prefix, _inputs(operation, keys_beside(request)), key_insertion(request))


def _services(request: Request) -> Iterator[Proposal]:
    for service in _all(request):
        yield Proposal(
            service.name, service.name, CompletionKind.MODULE, ", ".join(service.kinds), file_name(service.uri)
        )


def _inputs(operation: OperationFacts, there: Keys) -> Iterator[Proposal]:
    for name in operation.inputs:
        if name not in there:
            yield Proposal(name, name, CompletionKind.PROPERTY, f"input of {operation.name}", value_follows=True)


def _all(request: Request) -> list[ServiceFacts]:
    index = request.analysis.index
    return [service for name in index.service_names() if (service := index.service(name)) is not None]


def _service(request: Request, keys: Keys) -> ServiceFacts | None:
    return request.analysis.index.service(keys.get("service") or "")
