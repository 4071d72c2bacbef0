"""Keys that are missing in their mapping, from the language's tables, each with what belongs to it in a block.

Required keys come first, then those that real files use most; keys that SpecQL 0.9.2 does not read come last, marked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

from specql_lsp.features.completion.builder import NOTHING, Proposal, build
from specql_lsp.features.completion.insertion import Insertion, goes_on_below, key_insertion, place_insertion
from specql_lsp.features.completion.providers import snippets
from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.snippet import Snippet
from specql_lsp.features.completion.snippet_places import SnippetPlace, item_place, key_place
from specql_lsp.features.completion.surroundings import action_around, items_above, keys_beside
from specql_lsp.features.model import CompletionKind, CompletionList, DocumentationKey
from specql_lsp.language.keys import KeySpec, Level, Meaning, entity_keys, level_named
from specql_lsp.language.likely_steps import likely_kinds
from specql_lsp.language.release import REFERENCE, Release
from specql_lsp.language.steps import step_kinds
from specql_lsp.syntax import nodes
from specql_lsp.syntax.cursor import ITEM, CursorKind

_Place: TypeAlias = Callable[[Request], SnippetPlace | None]

_STEP = "step"
_OF_ENTITY = ("fields", "schema", "actions")
_FREE = frozenset(
    {
        *(Meaning.TEXT, Meaning.NUMBER, Meaning.ANY, Meaning.NOTHING, Meaning.VARIABLE, Meaning.AGENT),
        *(Meaning.DECLARATION, Meaning.ASSIGNMENT, Meaning.QUERY, Meaning.ACTION),
    }
)
"""What no list can be offered for."""
_BY_RELEASE = {Release.REFERENCE: 0, Release.BETA: 1, Release.NONE: 2}
_MARKS = {Release.REFERENCE: "", Release.BETA: "beta line", Release.NONE: f"not read by {REFERENCE}"}


def complete(request: Request) -> CompletionList:
    """The keys that the mapping at the cursor does not have yet, or those that a new item of a list may begin with."""
    context, value, level = request.context, request.place.value, request.place.level
    if context.kind is CursorKind.KEY and level is not None:
        return _missing(request, level, key_place)
    if context.kind is CursorKind.VALUE:
        begins_item = context.path[-1:] == (ITEM,) and not context.in_flow
        return _missing(request, level, item_place) if level is not None and begins_item else NOTHING
    items = value.items if value is not None else None
    level = level_named(items.level) if items is not None and items.level else None
    place = item_place(request) if level is not None else None
    return _missing(request, level, lambda _: place) if level is not None and place is not None else NOTHING


def is_like_entity(request: Request) -> bool:
    """Whether a file that has no entity yet has other keys of one, and none that an entity has not."""
    there = keys_beside(request)
    return (
        not there.keys().isdisjoint(_OF_ENTITY) and there.keys() <= entity_keys().levels["entity file"].by_name.keys()
    )


def missing_keys(level: Level, there: Iterable[str]) -> list[KeySpec]:
    """The keys of a level that are not there, in the order in which they are offered."""
    known = set(there)
    found = [key for key in level.keys if known.isdisjoint((key.name, *key.older))]
    outdated = {older for key in level.keys if key.name in known for older in key.older}
    found = [key for key in found if key.name not in outdated]
    if level.name == _STEP:
        found = _of_step(found, known)
    else:
        found = [key for key in found if not key.beside or not known.isdisjoint(key.beside)]
    return sorted(found, key=lambda key: (not key.required, _BY_RELEASE[key.release]))


def _of_step(keys: list[KeySpec], there: set[str]) -> list[KeySpec]:
    """What a step of its kind can have; every kind where it has none yet."""
    if there.isdisjoint(step_kinds()):
        return [key for key in keys if not key.beside]
    return [key for key in keys if not there.isdisjoint(key.beside)]


def _missing(request: Request, level: Level, place_of: _Place) -> CompletionList:
    keys = missing_keys(level, {*keys_beside(request), *_merged_keys(request)}) if level.keys else []
    if level.name == _STEP and keys and not keys[0].beside:
        keys = _likely_first(request, keys)
    # Deeper lines below become the value of a key that is written here.
    place = None if goes_on_below(request) else place_of(request)
    insertion = place_insertion(place, request.document.text) if place is not None else key_insertion(request)
    proposals = _proposals(request, level, keys, place, insertion)
    return build(request.context.prefix, proposals, insertion)


def _likely_first(request: Request, kinds: list[KeySpec]) -> list[KeySpec]:
    """The kinds of steps in the order in which they are likely here, those that SpecQL reads before others."""
    entity = request.document.entity
    has_views = entity is not None and entity.root.entry("table_views") is not None
    branch = next((name for name in reversed(request.context.path) if name != ITEM), "steps")
    action = action_around(request).get("name")
    likely = likely_kinds(action, items_above(request), branch=branch, has_views=has_views)
    rank = {name: number for number, name in enumerate(likely)}
    return sorted(kinds, key=lambda kind: (_BY_RELEASE[kind.release], rank.get(kind.name, len(rank))))


def _proposals(
    request: Request, level: Level, keys: list[KeySpec], place: SnippetPlace | None, insertion: Insertion
) -> Iterator[Proposal]:
    # An item of a list that begins with a key of several lines has what is required nowhere yet; a step is whole.
    are_whole = place is not None and (level.name == _STEP or not place.is_item)
    of_keys = snippets.of_keys(request, level.name, place) if place is not None and are_whole else {}
    entries = list(snippets.of_entries(request, level.name, place)) if place is not None else []
    proposals = [
        _proposal(
            level,
            key,
            of_keys.get(key.name),
            is_block=place is not None,
            has_value=not insertion.tail,
            in_flow=request.context.in_flow,
        )
        for key in keys
    ]
    if not request.analysis.settings.language.release:  # nothing is to be said of what a release does not read
        proposals = [each._replace(description="", not_read=False) if each.not_read else each for each in proposals]
    required = sum(key.required for key in keys)
    yield from proposals[:required]
    for entry in entries:
        kind = CompletionKind.SNIPPET
        yield Proposal(entry.label, entry.label, kind, entry.detail, compared=entry.compared, lines=entry.lines)
    yield from proposals[required:]


def _proposal(
    level: Level, key: KeySpec, snippet: Snippet | None, *, is_block: bool, has_value: bool, in_flow: bool
) -> Proposal:
    made = _of_table(level.name, key.name, is_block=is_block, has_value=has_value, in_flow=in_flow)
    if snippet is None:
        return made
    asks_again = snippet.lines[-1].endswith(" $0")
    return made._replace(label=snippet.label, kind=CompletionKind.SNIPPET, lines=snippet.lines, asks_again=asks_again)


@lru_cache(maxsize=1024)
def _of_table(level: str, name: str, *, is_block: bool, has_value: bool, in_flow: bool) -> Proposal:
    """A key as the table has it, without what the file adds; made once for each place that it can have."""
    known = level_named(level)
    assert known is not None  # noqa: S101 - it is where the key is from
    key = known.by_name[name]
    value = key.value
    takes_scalar = value.meaning is not Meaning.NOTHING
    lines: tuple[str, ...] = ()
    asks_again = not has_value and value.meaning not in _FREE
    if is_block:
        if value.level and not takes_scalar:
            lines, asks_again = (f"{key.name}:", "  $0"), True
        elif value.items is not None and not takes_scalar:
            lines, asks_again = (f"{key.name}:", "  - $0"), value.items.meaning not in _FREE or bool(value.items.level)
    return Proposal(
        name,
        name,
        CompletionKind.PROPERTY,
        key.detail,
        "required" if key.required else _MARKS[key.release],
        documentation=DocumentationKey("key", {"level": level, "name": name}),
        value_follows=takes_scalar or in_flow,
        lines=lines,
        asks_again=asks_again,
        not_read=key.release is Release.NONE,
    )


def _merged_keys(request: Request) -> Iterator[str]:
    """The keys that the mapping at the cursor has through ``<<``, where its way from the root has no list."""
    entity, path = request.document.entity, request.context.path
    mapping: nodes.Mapping | None = entity.root if entity is not None else None
    if ITEM in path or mapping is None:
        return
    tree = request.document.tree
    mapping = tree.mapping(mapping)
    for name in path:
        mapping = tree.mapping(mapping.value(name)) if mapping is not None else None
    for entry in mapping.entries if mapping is not None else ():
        if entry.name is not None and not entry.key.span.contains(request.offset):
            yield entry.name
