"""Snippets of an entity file, by position: a new file, its blocks, fields, actions and steps.

What a snippet names is the file's own or the workspace's: fields, entities and codes that exist. What SpecQL 0.9.2 does
not accept is not offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from types import MappingProxyType
from typing import TypeAlias

from specql_lsp.features.completion.builder import NOTHING, select
from specql_lsp.features.completion.providers import table_codes
from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.snippet import Snippet, choice
from specql_lsp.features.completion.snippet_places import SnippetPlace, empty_file, item_place, key_place
from specql_lsp.features.model import CompletionItem, CompletionKind, CompletionList
from specql_lsp.items.entity import EntityItem
from specql_lsp.language.keys import entity_keys
from specql_lsp.language.sql import is_accepted_field
from specql_lsp.language.type_syntax import NamedType, parse_field_type
from specql_lsp.language.types import COMMON_TYPES
from specql_lsp.syntax import nodes
from specql_lsp.syntax.cursor import ITEM, CursorKind

_TYPES = (COMMON_TYPES[0], f"{COMMON_TYPES[0]}!", *COMMON_TYPES[1:])
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_Maker: TypeAlias = Callable[[Request, SnippetPlace, EntityItem], Iterator[Snippet]]


def in_new_file(request: Request) -> CompletionList:
    """The skeleton of an entity, where a file that may become one holds nothing yet."""
    place = empty_file(request.document, request.offset) if _may_become_entity(request) else None
    return _offered(request, place, [_skeleton(request)]) if place else NOTHING


def complete(request: Request) -> CompletionList:
    """The snippets that may begin at the cursor."""
    context, value, level = request.context, request.place.value, request.place.level
    if context.kind is CursorKind.KEY:
        if level is not None and level.name in _IN_MAPPINGS:
            return _of(request, key_place(request), _IN_MAPPINGS[level.name])
        level_of_items = value.items.level if value is not None and value.items is not None else ""
    else:
        level_of_items = level.name if level is not None and context.path[-1:] == (ITEM,) else ""
    maker = _IN_LISTS.get(level_of_items)
    return _of(request, item_place(request), maker) if maker is not None else NOTHING


def _of(request: Request, place: SnippetPlace | None, snippets: _Maker) -> CompletionList:
    if place is None or place.entity is None:
        return NOTHING
    return _offered(request, place, list(snippets(request, place, place.entity)))


def _offered(request: Request, place: SnippetPlace, snippets: list[Snippet]) -> CompletionList:
    chosen, _ = select(place.typed, snippets, lambda snippet: snippet.compared)
    dash = "- " if place.needs_dash else ""
    column = place.column + len(dash)
    line_break = "\r\n" if "\r\n" in request.document.text else "\n"
    return CompletionList(
        tuple(
            CompletionItem(
                label=snippet.label,
                kind=CompletionKind.SNIPPET,
                replace=place.replace,
                new_text=dash + snippet.plain(column).replace("\n", line_break),
                detail=snippet.detail,
                filter_text=snippet.compared,
                # Behind what the registry offers, which knows more of this file.
                sort_text=f"9{rank:02d}",
                # A client that expands snippets gives each line the indentation of the first.
                snippet=dash + snippet.text(column - place.indentation),
            )
            for rank, snippet in enumerate(chosen)
        )
    )


# A new file.


def _may_become_entity(request: Request) -> bool:
    """Whether an empty file is likely to be meant for an entity: by its name, or by the files beside it."""
    uri = request.document.uri
    if uri.startswith("untitled:") or uri.endswith((".specql.yaml", ".specql.yml")):
        return True
    return any(True for _ in _schemas_beside(request))


def _schemas_beside(request: Request) -> Iterator[str]:
    folder = request.document.uri.rpartition("/")[0]
    return (facts.schema for facts in request.analysis.index.in_folder(folder))


def _skeleton(request: Request) -> Snippet:
    *_, folder, file = ["", *request.document.uri.split("/")]
    words = re.findall(r"[A-Za-z0-9]+", re.sub(r"(\.specql)?\.ya?ml\Z", "", file))
    name = "".join(word[:1].upper() + word[1:] for word in words)
    if not _NAME.fullmatch(name) or request.document.uri.startswith("untitled:"):
        name = "NewEntity"
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
    return next(known, usual[0] if usual else "common")


# The blocks of a file.


def _blocks(request: Request, place: SnippetPlace, entity: EntityItem) -> Iterator[Snippet]:
    field = _expression_field(entity)
    keys = entity_keys().levels["entity file"].by_name
    blocks = {
        "fields": Snippet("fields", keys["fields"].detail, ("fields:", f"  ${{1:name}}: {choice(2, _TYPES)}$0")),
        "actions": Snippet("actions", keys["actions"].detail, ("actions:", *_indented("- ", _action(entity, field)))),
        "table_views": Snippet("table_views", keys["table_views"].detail, keys["table_views"].snippet),
    }
    translatable = next(iter(_text_fields(entity)), None)
    if translatable is not None:
        blocks["translations"] = Snippet(
            "translations",
            keys["translations"].detail,
            ("translations:", "  enabled: true", f"  fields: [${{1:{translatable}}}]$0"),
        )
    code = None if "organization" in place.keys else table_codes.next_code(request)
    if code is not None:
        blocks["organization"] = Snippet(
            f"organization: {code}",
            "the entity's code, or the next one to be allocated",
            ("organization:", f"  table_code: '${{1:{code}}}'$0"),
            name="organization",
        )
    in_name = entity.root.value("entity")
    nested = isinstance(in_name, nodes.Mapping) and in_name.entry("fields") is not None
    for key, snippet in blocks.items():
        if key not in place.keys and not (nested and key == "fields"):
            yield snippet


def _indented(dash: str, lines: tuple[str, ...]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"  {dash if number == 0 else ' ' * len(dash)}{line}"


# Fields.


def _fields(_request: Request, place: SnippetPlace, entity: EntityItem) -> Iterator[Snippet]:
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


def _actions(_request: Request, _place: SnippetPlace, entity: EntityItem) -> Iterator[Snippet]:
    yield Snippet("action", "an action that checks and updates", _action(entity, _expression_field(entity)))


def _action(entity: EntityItem, field: str | None) -> tuple[str, ...]:
    condition = f"{field} is not null" if field else "true = true"
    lines = ["name: ${1:close}", "steps:", f"  - validate: ${{2:{condition}}}", "    error: ${3:not_allowed}"]
    name = _own_name(entity)
    if field and name:
        lines.append(f"  - update: ${{4:{name}}} SET ${{5:{field} = {field}}}$0")
    return tuple(lines)


def _steps(_request: Request, _place: SnippetPlace, entity: EntityItem) -> Iterator[Snippet]:
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
    for kind in (*lines, "call", "notify", "reject", "refresh_table_view"):
        yield Snippet(kind, keys[kind].detail, lines.get(kind, keys[kind].snippet))


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


_IN_MAPPINGS: Mapping[str, _Maker] = MappingProxyType({"entity file": _blocks, "fields": _fields})
"""The snippets that are keys, by the level of their mapping."""
_IN_LISTS: Mapping[str, _Maker] = MappingProxyType({"action": _actions, "step": _steps})
"""The snippets that are items, by the level of an item."""
