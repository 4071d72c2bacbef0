"""The source that a registry would best answer from, by its settings."""

from __future__ import annotations

from specql_lsp.config import CONFIG_FILE, Backend, RegistrySettings
from specql_lsp.registry.model import Source
from specql_lsp.registry.sources.base import WritableSource

NO_URL = "No database URL is set; set registry.databaseUrl or SPECQL_DB_URL to allocate from PostgreSQL."
BACKEND_IS_YAML = "The setting registry.backend is yaml, so PostgreSQL is not asked."
URL_DEMANDED = (
    "No database URL is set, although registry.backend is postgresql; set registry.databaseUrl or SPECQL_DB_URL."
)
WITHHELD = f"{CONFIG_FILE} names a database; it is used once you trust this workspace."
"""In a workspace that is not trusted, where no other layer of the settings names a database."""


def first_choice(settings: RegistrySettings) -> tuple[Source | None, str]:
    """The writable source of the settings; or None, and the sentence why there is only the YAML."""
    if settings.backend is Backend.IN_MEMORY:
        return Source.IN_MEMORY, ""
    if settings.backend is Backend.YAML:
        return None, BACKEND_IS_YAML if settings.database_url or settings.url_origin.withheld else NO_URL
    if settings.database_url:
        return Source.POSTGRESQL, ""
    if settings.url_origin.withheld:
        return None, WITHHELD
    return None, URL_DEMANDED if settings.backend is Backend.POSTGRESQL else NO_URL


def write_obstacle(source: WritableSource) -> str | None:
    """Why a source that could be read cannot be written; None where it can."""
    obstacle = getattr(source, "write_obstacle", None)
    return obstacle if isinstance(obstacle, str) else None
