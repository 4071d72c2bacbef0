"""Edits that quote what SpecQL would read as something else than the text that a registry YAML means."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.implicit_typing import is_changed, misreading
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.yaml11 import is_null, quote


def quoted(writer: YamlWriter, registry: RegistryFile) -> tuple[TextEdit, ...]:
    """Quotes what PyYAML, SpecQL's reader, does not read as the text that is written.

    Numbers and names that come out as they are written stay as they are; table codes are quoted in any case.
    """
    # The value of several aliases is quoted once.
    spans = {scalar.span: scalar for scalar in _misread(registry)}
    return tuple(writer.edit(*span, quote(scalar.value)) for span, scalar in sorted(spans.items()))


def _misread(registry: RegistryFile) -> Iterator[Scalar]:
    for _, _, entity in registry.entities():
        if entity.code is not None and not is_null(entity.code) and misreading(entity.code) is not None:
            yield entity.code
    yield from filter(is_changed, _keys(registry))
    # A null is no text that is missing its quotes, but the lack of one.
    for scalar in _values(registry):
        if is_changed(scalar) and not is_null(scalar):
            yield scalar


def _keys(registry: RegistryFile) -> Iterator[Scalar]:
    for domain in registry.domains:
        yield domain.number
        for subdomain in domain.subdomains:
            yield subdomain.number
            yield from (entity.name for entity in subdomain.entities)


def _values(registry: RegistryFile) -> Iterator[Scalar]:
    for domain in registry.domains:
        yield from domain.aliases
        for body in (domain.body, *(subdomain.body for subdomain in domain.subdomains)):
            values = (body.scalar(attribute) for attribute in ("name", "description")) if body is not None else ()
            yield from (scalar for scalar in values if scalar is not None)
