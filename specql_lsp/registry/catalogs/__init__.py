"""Catalogs: the registries beside that of domains, each a list of named things from a primary source and fallbacks.

A catalog is a folder here with an object ``CATALOG`` (``model.Catalog``) in its ``__init__.py``, and its name in
``CATALOG_NAMES``. The command line (``specql-lsp NAME list|show``), the command ``specql.listCatalogs`` and the views
of the editors are made of that.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specql_lsp.registry.catalogs.model import Catalog

CATALOG_NAMES = ("patterns", "services")
"""The catalogs, in the order in which views show them: each a folder of this package, imported when it is used."""


def catalog(name: str) -> Catalog:
    """The catalog of a name in ``CATALOG_NAMES``."""
    assert name in CATALOG_NAMES, name  # noqa: S101 - it becomes the name of a module
    found: Catalog = import_module(f"{__name__}.{name}").CATALOG
    return found
