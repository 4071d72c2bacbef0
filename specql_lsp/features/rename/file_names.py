"""Files that are named after their entity, in one of the ways that people name them."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from specql_lsp.features.new_files import file_name
from specql_lsp.language.names import is_entity_name

_EXTENSION = re.compile(r"\.ya?ml\Z", re.IGNORECASE)


def _snake(entity: str) -> str:
    return _EXTENSION.sub("", unquote(file_name(entity)))


_STYLES: tuple[Callable[[str], str], ...] = (
    _snake,
    lambda entity: entity,
    lambda entity: _snake(entity).replace("_", "-"),
    str.lower,
)
"""An entity's name → its file's without extension: ``sales_order``, ``SalesOrder``, ``sales-order``, ``salesorder``."""


def follows(uri: str, entity: str) -> bool:
    """Whether a file is named after an entity."""
    return _style(uri, entity) is not None


def followed(uri: str, old: str, new: str) -> str | None:
    """The URI of a file that follows its entity's name; None where it is named in another way, or keeps its name."""
    style = _style(uri, old)
    if style is None:
        return None
    folder, _, name = uri.rpartition("/")
    extension = _EXTENSION.search(name)
    renamed = f"{folder}/{quote(style(new), safe='')}{extension[0] if extension else ''}"
    return renamed if renamed != uri else None


def entity_named(old_uri: str, new_uri: str, entity: str) -> str | None:
    """The name that an entity gets when its file does; None where the file was not named after it, or says no name.

    Args:
        old_uri: the file.
        new_uri: the file with its new name.
        entity: the entity's name.
    """
    style, stem = _style(old_uri, entity), _stem(new_uri)
    if style is None or stem is None or stem == _stem(old_uri):
        return None
    if style is _STYLES[0] or style is _STYLES[2]:
        words = [word for word in re.split(r"[_-]", stem) if word]
        # A name that is written in lower case stays so: there is nothing that says where words begin.
        name = stem.replace("-", "_") if entity == entity.lower() else "".join(w[:1].upper() + w[1:] for w in words)
    else:
        name = stem
    return name if is_entity_name(name) and name != entity else None


def _style(uri: str, entity: str) -> Callable[[str], str] | None:
    stem = _stem(uri)
    return next((style for style in _STYLES if stem is not None and style(entity) == stem), None)


def _stem(uri: str) -> str | None:
    name = unquote(uri.rpartition("/")[2])
    return _EXTENSION.sub("", name) if _EXTENSION.search(name) else None
