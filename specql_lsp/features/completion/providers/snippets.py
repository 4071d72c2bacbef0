"""What begins an entity file and its parts, with placeholders: a new file, blocks, fields, actions, steps.

What a snippet names is the file's own or the workspace's: fields, entities and codes that exist. What SpecQL 0.9.2 does
not accept is not offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from types import MappingProxyType
from typing import TypeAlias

from specql_lsp.features.completion.builder import NOTHING, Proposal, build
from specql_lsp.features.completion.insertion import place_insertion
from specql_lsp.features.completion.providers import table_codes
from specql_lsp.features.completion.providers.library import of_library
from specql_lsp.features.completion.providers.names import name_of_file
from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.snippet import Snippet, choice
from specql_lsp.features.completion.snippet_places import SnippetPlace, empty_file
from specql_lsp.features.model import CompletionKind, CompletionList
from specql_lsp.index.library import is_library_place
from specql_lsp.items.entity import EntityItem
from specql_lsp.language.keys import entity_keys, level_named
from specql_lsp.language.sql import is_accepted_field
from specql_lsp.language.type_syntax import NamedType, parse_field_type
from specql_lsp.language.types import COMMON_TYPES

_TYPES = (COMMON_TYPES[0], f"{COMMON_TYPES[0]}!", *COMMON_TYPES[1:])
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_Keys: TypeAlias = Callable[[Request, SnippetPlace, EntityItem], Mapping[str, Snippet]]
_Entries: TypeAlias = Callable[[SnippetPlace, EntityItem], Iterator[Snippet]]


def in_new_file(request: Request) -> CompletionList:
    """The skeleton of an entity, a pattern or a service registry, where a file that may become one holds nothing."""
    library = is_library_place(request.document.uri)
    place = empty_file(request.document, request.offset) if library or may_become_entity(request) else None
    if place is None:
        return NOTHING
    skeleton = of_library(request.document.uri) if library else _skeleton(request)
    proposal = Proposal(skeleton.label, skeleton.label, CompletionKind.SNIPPET, skeleton.detail, lines=skeleton.lines)
    return build(place.typed, [proposal], place_insertion(place, request.document.text))


def of_keys(request: Request, level: str, place: SnippetPlace) -> Mapping[str, Snippet]:
    """What is written for the keys of a level, by their names, where more than the key itself belongs there."""
    known = level_named(level)
    keys = known.keys if known is not None else ()
    found = {key.name: Snippet(key.name, key.detail, key.snippet) for key in keys if key.snippet}
    maker = _KEYS.get(level) if place.entity is not None else None
    if maker is None or place.entity is None:
        return found
    return {**found, **maker(request, place, place.entity)}


def of_entries(_request: Request, level: str, place: SnippetPlace) -> Iterator[Snippet]:
    """Whole entries of a level whose names users choose, and whole items of a list."""
    maker = _ENTRIES.get(level)
    if maker is None or place.entity is None or (level == "action" and not place.is_item):
        return
    yield from maker(place, place.entity)


# A new file.


def may_become_entity(request: Request) -> bool:
    """Whether an empty file is likely to be meant for an entity: by its name, its folder or the files beside it."""
    uri = request.document.uri
    if uri.startswith("untitled:") or uri.endswith((".specql.yaml", ".specql.yml")):
        return True
    if is_library_place(uri):
        return False
    return "/entities/" in uri or "/stdlib/" in uri or any(True for _ in _schemas_beside(request))


def _schemas_beside(request: Request) -> Iterator[str]:
    folder = request.document.uri.rpartition("/")[0]
    return (facts.schema for facts in request.analysis.index.in_folder(folder))


def _skeleton(request: Request) -> Snippet:
    *_, folder, _file = ["", *request.document.uri.split("/")]
    name = name_of_file(request.document.uri) or "NewEntity"
    lines = (
        f"entity: ${{1:{name}}}",
        f"schema: ${{2:{_schema(request, folder)}}}",
        "description: ${3:What it is}",
        "",
        "fields:",
        f"  ${{4:name}}: {choice(5, _TYPES)}$0",
    )
    return Snippet("entity", "an entity with a field", lines)


def _schema(request: Request, folder: str) -> str:
    snapshot = request.analysis.snapshot
    beside = [schema for schema in _schemas_beside(request) if _NAME.fullmatch(schema)]
    usual = sorted(set(beside), key=lambda schema: (-beside.count(schema), schema))
    candidates = [schema for schema in (*usual, folder) if _NAME.fullmatch(schema)]
    known = (schema for schema in candidates if snapshot is not None and snapshot.domain_named(schema) is not None)
    by_folder = folder if request.document.uri.rsplit("/", 3)[-3:-2] == ["entities"] else "common"
    return next(known, usual[0] if usual else by_folder if _NAME.fullmatch(by_folder) else "common")


# The keys of a file.


def _blocks(request: Request, place: SnippetPlace, entity: EntityItem) -> Mapping[str, Snippet]:
    field = _expression_field(entity)
    keys = entity_keys().levels["entity file"].by_name
    found = {
        "fields": Snippet("fields", keys["fields"].detail, ("fields:", f"  ${{1:name}}: {choice(2, _TYPES)}$0")),
        "actions": Snippet("actions", keys["actions"].detail, ("actions:", *_indented("- ", _action(entity, field)))),
        "patterns": Snippet("patterns", keys["patterns"].detail, ("patterns:", "  - type: $0")),
    }
    translatable = next(iter(_text_fields(entity)), None)
    if translatable is not None:
        lines = ("translations:", "  enabled: true", f"  fields: [${{1:{translatable}}}]$0")
        found["translations"] = Snippet("translations", keys["translations"].detail, lines)
    if field is not None:
        lines = ("identifier:", "  components:", f"    - ${{1:{translatable or field}}}$0")
        found["identifier"] = Snippet("identifier", keys["identifier"].detail, lines)
    code = None if "organization" in place.keys else table_codes.next_code(request)
    if code is not None:
        found["organization"] = Snippet(
            f"organization: {code}",
            "the entity's code, or the next one to be allocated",
            ("organization:", f"  table_code: '${{1:{code}}}'$0"),
            name="organization",
        )
    return found


def _of_entity(_request: Request, _place: SnippetPlace, _entity: EntityItem) -> Mapping[str, Snippet]:
    detail = entity_keys().levels["entity"].by_name["fields"].detail
    return {"fields": Snippet("fields", detail, ("fields:", f"  ${{1:name}}: {choice(2, _TYPES)}$0"))}


def _indented(dash: str, lines: tuple[str, ...]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"  {dash if number == 0 else ' ' * len(dash)}{line}"


# Fields.


def _fields(place: SnippetPlace, entity: EntityItem) -> Iterator[Snippet]:
    def name(wanted: str) -> str:
        return _unused(wanted, place.keys)

    yield Snippet("field", "a field", (f"${{1:{name('name')}}}: {choice(2, _TYPES)}$0",))
    attributes = (
        f"${{1:{name('name')}}}:",
        f"  type: {choice(2, tuple(kind for kind in _TYPES if not kind.endswith('!')))}",
        f"  nullable: {choice(3, ('false', 'true'))}",
        "  description: ${4:What it holds}$0",
    )
    yield Snippet("field with attributes", "type, nullable, description", attributes, name="field")
    target = _own_name(entity)
    if target is not None:
        yield Snippet("ref", "a reference to an entity", (f"${{1:{name('parent')}}}: ref(${{2:{target}}})$0",))
    enumeration = f"${{1:{name('status')}}}: enum(${{2:open, closed}}) = ${{3:open}}$0"
    yield Snippet("enum", "one of several values", (enumeration,))
    yield Snippet("list", "several values", (f"${{1:{name('tags')}}}: list(${{2:text}})$0",))


def _unused(wanted: str, keys: frozenset[str]) -> str:
    """The name, with a number where a field has it: of two fields of one name the later would be the only one."""
    return next(name for n in count(1) if (name := wanted if n == 1 else f"{wanted}_{n}") not in keys)


# Actions and their steps.


def _actions(_place: SnippetPlace, entity: EntityItem) -> Iterator[Snippet]:
    yield Snippet("action", "an action that checks and updates", _action(entity, _expression_field(entity)))


def _action(entity: EntityItem, field: str | None) -> tuple[str, ...]:
    condition = f"{field} is not null" if field else "true = true"
    lines = ["name: ${1:close}", "steps:", f"  - validate: ${{2:{condition}}}", "    error: ${3:not_allowed}"]
    name = _own_name(entity)
    if field and name:
        lines.append(f"  - update: ${{4:{name}}} SET ${{5:{field} = {field}}}$0")
    return tuple(lines)


def _steps(_request: Request, _place: SnippetPlace, entity: EntityItem) -> Mapping[str, Snippet]:
    field, name = _expression_field(entity), _own_name(entity)
    condition = f"{field} is not null" if field else "true = true"
    lines: dict[str, tuple[str, ...]] = {
        "validate": (f"validate: ${{1:{condition}}}", "error: ${2:not_allowed}$0"),
        "if": (f"if: ${{1:{condition}}}", "then:", "  - reject: ${2:not_allowed}$0"),
    }
    if name:
        lines["insert"] = (f"insert: ${{1:{name}}}$0",)
        if field:
            lines["update"] = (f"update: ${{1:{name}}} SET ${{2:{field} = {field}}}$0",)
            lines["delete"] = (f"delete: ${{1:{name}}} WHERE ${{2:{field} is null}}$0",)
            lines["find"] = (f"find: ${{1:{name}}} WHERE ${{2:{condition}}}$0",)
    keys = entity_keys().levels["step"].by_name
    return {kind: Snippet(kind, keys[kind].detail, own) for kind, own in lines.items()}


def _own_name(entity: EntityItem) -> str | None:
    return entity.name.value if entity.name and _NAME.fullmatch(entity.name.value) else None


def _expression_field(entity: EntityItem) -> str | None:
    """A field that SpecQL accepts in an expression."""
    return next((field.name for field in entity.fields if is_accepted_field(field.name)), None)


def _text_fields(entity: EntityItem) -> Iterator[str]:
    """The fields of type text: no others can be translated."""
    for field in entity.fields:
        if field.type is None or not _NAME.fullmatch(field.name):
            continue
        parsed = parse_field_type(field.type.value)
        not_read = parsed.ignored_marks or parsed.extra or (parsed.not_null and field.type is not field.entry.value)
        if isinstance(parsed.type, NamedType) and parsed.type.name.text == "text" and not not_read:
            yield field.name


_KEYS: Mapping[str, _Keys] = MappingProxyType({"entity file": _blocks, "entity": _of_entity, "step": _steps})
"""By level."""
_ENTRIES: Mapping[str, _Entries] = MappingProxyType({"fields": _fields, "action": _actions})
"""By level."""
