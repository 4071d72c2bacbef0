"""An entity of a registry YAML under another name: its entry stays where it is, with all that is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from specql_lsp.items.registry_file import EntityNode
from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import RegistryPath
from specql_lsp.registry.short_codes import ShortCodes
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from specql_lsp.registry.yaml_edits.text import RegistryText
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.text import Span


def renames(document: RegistryText, discrepancies: Iterable[Discrepancy]) -> tuple[TextEdit, ...]:
    """The edits for entities that PostgreSQL has under another name with the same code in the same subdomain.

    Args:
        document: the registry YAML.
        discrepancies: what differs; one of such an entity's two names is missing on each side.
    """
    if "*" in document.text:  # an alias may lead here: what is written out in its place is another edit's matter
        return ()
    new: dict[tuple[str, str | None, str], str] = {}
    for each in discrepancies:
        if each.type is DiscrepancyType.MISSING_ENTITY_IN_YAML and each.entity and each.postgresql_value:
            new[each.domain, each.subdomain, codes.normalize(str(each.postgresql_value))] = each.entity
    edits: list[TextEdit] = []
    short_codes = _short_codes(document)
    for each in discrepancies:
        if each.type is DiscrepancyType.MISSING_ENTITY_IN_POSTGRESQL and each.yaml_value:
            name = new.pop((each.domain, each.subdomain, codes.normalize(str(each.yaml_value))), None)
            path = RegistryPath(each.domain, each.subdomain, each.entity)
            if name is not None:
                edits += [TextEdit(span, text) for span, text in _entity_edits(document, path, name, short_codes)]
    return tuple(sorted(edits, key=lambda edit: edit.span))


def registry_entity_edits(document: RegistryText, path: RegistryPath, new: str) -> Iterator[tuple[Span, str]]:
    """Texts for spans of the registry YAML: the entity's name, and its short code where that follows from the name."""
    return _entity_edits(document, path, new, _short_codes(document))


def _short_codes(document: RegistryText) -> ShortCodes | None:
    return ShortCodes(document.registry, document.tree) if document.registry is not None else None


def _entity_edits(
    document: RegistryText, path: RegistryPath, new: str, short_codes: ShortCodes | None
) -> Iterator[tuple[Span, str]]:
    registry = document.registry
    node = registry.entity(path.domain, path.subdomain or "", path.entity or "") if registry is not None else None
    if node is None or short_codes is None:
        return
    yield node.name.text_span, new
    code = _short_code(document, node)
    if code is None:
        return
    following = short_codes.give_renamed(node.name.value, code.value, new)
    if following is not None and following != code.value:
        yield code.text_span, following


def _short_code(document: RegistryText, node: EntityNode) -> Scalar | None:
    value = document.tree.resolve(node.body.value("entity_code")) if node.body is not None else None
    return value if isinstance(value, Scalar) else None
