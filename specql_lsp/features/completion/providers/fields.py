"""Fields of an entity, where a field's name is a value or a key of its own: translations, identifiers, table views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from specql_lsp.features.completion.builder import Proposal, build
from specql_lsp.features.completion.insertion import key_insertion, value_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.surroundings import listed_beside
from specql_lsp.features.model import CompletionKind, CompletionList, DocumentationKey
from specql_lsp.language.keys import Meaning
from specql_lsp.language.type_syntax import NamedType, parse_field_type
from specql_lsp.semantics.resolve import resolve_entity, site_of
from specql_lsp.syntax.cursor import ITEM


class KnownField(NamedTuple):
    """A field as far as completion knows it; ``type`` as written."""

    name: str
    type: str | None


def complete(request: Request) -> CompletionList:
    """The fields that can be named at the cursor; those that the list has are left out."""
    return build(request.context.prefix, _offered(request), value_insertion(request))


def as_keys(request: Request) -> CompletionList:
    """The fields as keys of the mapping at the cursor."""
    return build(request.context.prefix, _offered(request), key_insertion(request))


def of_own_entity(request: Request) -> tuple[KnownField, ...]:
    """The fields of the file's entity."""
    entity = request.document.entity
    fields = entity.fields if entity is not None else ()
    return tuple(
        KnownField(field.name, field.type_text) for field in fields if not field.key.span.contains(request.offset)
    )


def of_entity(request: Request, name: str, schema: str | None = None) -> tuple[KnownField, ...]:
    """The fields of an entity of the workspace, or of the file itself; none where it is not known."""
    own = request.document.entity
    if own is not None and own.name is not None and own.name.value.lower() == name.lower():
        return of_own_entity(request)
    files = resolve_entity(request.analysis, site_of(request.document), name, schema).files
    return tuple(KnownField(field.name, field.type) for field in files[0].fields) if files else ()


def proposal(field: KnownField, owner: str = "") -> Proposal:
    """A field with its type."""
    key = DocumentationKey("field", {"name": field.name, "type": field.type or ""})
    return Proposal(field.name, field.name, CompletionKind.FIELD, field.type or "text", owner, documentation=key)


def is_text(field: KnownField) -> bool:
    """Whether a field is of the type ``text``, the only one that can be translated."""
    written = parse_field_type(field.type or "")
    return isinstance(written.type, NamedType) and written.type.name.text == "text" and not written.extra


def _offered(request: Request) -> Iterator[Proposal]:
    names = request.context.path
    if names[:1] == ("translations",):
        fields = [field for field in of_own_entity(request) if is_text(field)]
    elif (relation := request.place.name(Meaning.ENTITY_REFERENCE)) is not None:
        fields = list(of_entity(request, relation))
    else:
        fields = list(of_own_entity(request))
    listed = listed_beside(request) if names[-1:] == (ITEM,) else frozenset()
    yield from (proposal(field) for field in fields if field.name not in listed)
    if request.place.name(Meaning.ENTITY_REFERENCE) is not None and not listed:
        yield Proposal("*", "*", CompletionKind.VALUE, "all fields")
