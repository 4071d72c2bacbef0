"""The services that ``call_service`` can call: those of the workspace's ``registry/service_registry.yaml``."""

from __future__ import annotations

from specql_lsp.index.library import OperationFacts, ServiceFacts
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.catalogs.model import Catalog, CatalogEntry, CatalogItem, Entries, FileSource


def _read(index: WorkspaceIndex) -> Entries | None:
    names = index.service_names()
    found = (index.service(name) for name in names)
    return tuple(_entry(service) for service in found if service is not None) if names else None


def _entry(service: ServiceFacts) -> CatalogEntry:
    return CatalogEntry(
        service.name,
        "service",
        detail=" · ".join(service.kinds),
        items=tuple(_item(service, operation) for operation in service.details),
        place=service.spot.place(service.uri) if service.spot is not None else None,
    )


def _item(service: ServiceFacts, operation: OperationFacts) -> CatalogItem:
    taken, given = ", ".join(operation.inputs), ", ".join(operation.outputs)
    detail = f"({taken})" + (f" → {given}" if given else "")
    limits = f"timeout {operation.timeout or '30'} s, at most {operation.max_retries or '3'} retries"
    return CatalogItem(operation.name, detail, limits, operation.spot.place(service.uri))


CATALOG = Catalog(
    name="services",
    title="Services",
    noun="service",
    about="The services of registry/service_registry.yaml, which steps with call_service can call.",
    sources=(FileSource("workspace", "Workspace", _read),),
    folds_case=True,
)
