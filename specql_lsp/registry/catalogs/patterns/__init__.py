"""Patterns: those of the workspace's files, SpecQL's own, and the pattern library in PostgreSQL.

An action pattern of the workspace (``stdlib/actions/**``) counts before one of SpecQL's own of the same name. The rows
of ``pattern_library.domain_patterns`` are patterns of another kind: no entity file names them.
"""

from __future__ import annotations

from specql_lsp.index.library import ParameterFacts, PatternFacts
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.language.patterns import PatternParameter, PatternSpec, action_patterns, table_patterns
from specql_lsp.registry.catalogs.model import (
    Catalog,
    CatalogEntry,
    CatalogItem,
    DatabaseSource,
    Entries,
    FileSource,
)
from specql_lsp.registry.catalogs.patterns.library import read_library

_ACTION, _TABLE = "action pattern", "table pattern"


def _of_workspace(index: WorkspaceIndex) -> Entries | None:
    names = index.pattern_names()
    found = (index.pattern(name) for name in names)
    return tuple(_own(pattern) for pattern in found if pattern is not None) if names else None


def _own(pattern: PatternFacts) -> CatalogEntry:
    return CatalogEntry(
        pattern.name,
        _ACTION,
        pattern.description or "",
        items=tuple(_own_parameter(pattern, each) for each in pattern.parameters),
        place=pattern.spot.place(pattern.uri) if pattern.spot is not None else None,
    )


def _own_parameter(pattern: PatternFacts, parameter: ParameterFacts) -> CatalogItem:
    place = parameter.spot.place(pattern.uri) if parameter.spot is not None else None
    detail = _detail(parameter.type or "", parameter.default, required=parameter.required)
    return CatalogItem(parameter.name, detail, parameter.description or "", place)


def _standard(_index: WorkspaceIndex) -> Entries:
    actions = (_spec(spec, _ACTION) for spec in action_patterns().values())
    # Some are known under several names: the full one is the first.
    tables = {spec.description: spec for spec in reversed([*table_patterns().values()])}
    return (*actions, *(_spec(spec, _TABLE) for spec in tables.values()))


def _spec(spec: PatternSpec, kind: str) -> CatalogEntry:
    return CatalogEntry(spec.name, kind, spec.description, items=tuple(map(_spec_parameter, spec.parameters)))


def _spec_parameter(parameter: PatternParameter) -> CatalogItem:
    default = parameter.default
    text = str(default).lower() if isinstance(default, bool) else None if default is None else str(default)
    return CatalogItem(
        parameter.name, _detail(parameter.type, text, required=parameter.required), parameter.description
    )


def _detail(type_: str, default: str | None, *, required: bool) -> str:
    need = "required" if required else f"default {default}" if default else "optional"
    return f"{type_} · {need}" if type_ else need


CATALOG = Catalog(
    name="patterns",
    title="Patterns",
    noun="pattern",
    about="Action patterns of stdlib/actions and of SpecQL itself, and the pattern library in PostgreSQL.",
    sources=(
        FileSource("workspace", "Workspace", _of_workspace),
        FileSource("specql", "SpecQL", _standard),
        DatabaseSource("postgresql", "PostgreSQL (pattern_library)", read_library),
    ),
)
