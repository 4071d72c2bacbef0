"""Entities of the workspace and of the registry, in ``ref(…)`` and wherever else an entity is named.

Those that the field's name speaks of come first, then those of the file's own schema.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from specql_lsp.features.completion.builder import LIMIT, NOTHING, Matcher, Proposal, items_of, select
from specql_lsp.features.completion.insertion import Insertion, key_insertion, reference_insertion, value_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.completion.surroundings import keys_beside, listed_beside
from specql_lsp.features.descriptions import file_name
from specql_lsp.features.model import CompletionKind, CompletionList, DocumentationKey
from specql_lsp.index.summary import EntityFacts
from specql_lsp.items.entity import EntityItem
from specql_lsp.language.keys import Meaning
from specql_lsp.language.likely_types import words_of
from specql_lsp.language.type_syntax import open_reference
from specql_lsp.registry.model import Domain, Registration
from specql_lsp.syntax.cursor import ITEM

_MANY = LIMIT + 1
"""More names than this are not ranked: the list is cut anyway, and typing on narrows it."""
_LONGEST_TYPED = 60


class _Candidate(NamedTuple):
    """An entity by its file or, where it has none, by its registration."""

    name: str
    schema: str
    facts: EntityFacts | None
    registration: Registration | None
    key: tuple[str, str]
    """The schema and the name in lower case."""


def complete(request: Request) -> CompletionList:
    """The entities that the ``ref(`` before the cursor can name; nothing where none is open."""
    context = request.context
    if context.closed and request.offset >= context.replace.end:
        return NOTHING  # behind the closing quote
    reference = open_reference(context.prefix)
    if reference is None:
        return NOTHING
    chosen, cut = _chosen(request, reference.partial, reference.schema, request.place.name(Meaning.FIELD) or "")
    proposals = _proposals(chosen, qualified=reference.schema is not None)
    return CompletionList(items_of(proposals, reference_insertion(request, reference)), cut or _unread(request))


def entities(request: Request) -> CompletionList:
    """Every entity, as a value."""
    listed = listed_beside(request) if request.context.path[-1:] == (ITEM,) else frozenset()
    return _named(request, listed, value_insertion(request))


def of_step(request: Request, typed: str, schema: str | None, insertion: Insertion) -> CompletionList:
    """Every entity, the file's own and those that it refers to first: what most steps are about.

    Args:
        request: the request.
        typed: what is typed of the name.
        schema: the schema before the dot; None where none is typed.
        insertion: writes the name without its schema.
    """
    own = request.document.entity
    first = [] if own is None or schema is not None else [*([own.name.value] if own.name else []), *_referred(own)]
    near = [each for name in dict.fromkeys(first) for each in islice(_candidates_named(request, name), 1)]
    chosen, cut = _chosen(request, typed, schema, "", near)
    return CompletionList(
        items_of(_proposals(chosen, qualified=schema is not None), insertion), cut or _unread(request)
    )


def _referred(entity: EntityItem) -> Iterator[str]:
    return (reference.name for reference in entity.references)


def entity_keys(request: Request) -> CompletionList:
    """Every entity, as the key of a mapping."""
    return _named(request, keys_beside(request), key_insertion(request))


def fitting(request: Request, field: str) -> list[str]:
    """The names of entities that a field's name speaks of, best first: ``billing_country`` of ``Country``."""
    found = _fitting(request, field)
    names = dict.fromkeys(candidate.name for _, candidate in sorted(found, key=lambda each: each[0]))
    return list(names)[:_FITTING]


def _named(request: Request, without: Container[str], insertion: Insertion) -> CompletionList:
    schema, dot, typed = request.context.prefix.rpartition(".")
    chosen, cut = _chosen(request, typed, schema if dot else None, "")
    left = [candidate for candidate in chosen if candidate.name not in without]
    return CompletionList(items_of(_proposals(left, qualified=False), insertion), cut or _unread(request))


def _chosen(
    request: Request, typed: str, schema: str | None, field: str, near: Sequence[_Candidate] = ()
) -> tuple[list[_Candidate], bool]:
    """The entities that can be named, best first, and whether there are more."""
    best = [*near, *(candidate for _, candidate in sorted(_fitting(request, field), key=lambda each: each[0]))]
    candidates: Iterator[_Candidate]
    if schema is not None:
        candidates = _of_schema(request, schema, typed)
    elif typed:
        candidates = iter([*best, *_named_like(request, typed)])
    else:
        candidates = chain(best, _all(request))
    candidates = _each_once(candidates)
    if not typed:
        candidates = islice(candidates, LIMIT + 1)
    return select(typed, candidates, lambda candidate: candidate.name)


def _unread(request: Request) -> bool:
    """Without a registry the files' entities are what is known: the rest may come."""
    return request.analysis.snapshot is None


def _fitting(request: Request, field: str) -> list[tuple[tuple[int, bool, str], _Candidate]]:
    """The entities that a field's name speaks of, each with its rank; lower is better."""
    words = words_of(field)
    if not words:
        return []
    own = request.document.entity
    found: dict[str, int] = {}
    for rank, wanted in enumerate(_spoken_of(words)):
        for name in _known_names(request, wanted):
            found.setdefault(name, rank)
    if (
        own is not None
        and own.name is not None
        and not {"parent", "child", "root", "previous", "next"}.isdisjoint(words)
    ):
        found[own.name.value.lower()] = min(found.get(own.name.value.lower(), _PARENT), _PARENT)
    home = _home(request).lower()
    return [
        ((rank, candidate.key[0] != home, name), candidate)
        for name, rank in found.items()
        for candidate in _candidates_named(request, name)
    ]


_FITTING = 3
_PARENT = 1


def _spoken_of(words: tuple[str, ...]) -> Iterator[str]:
    """What an entity may be named of which a field's name speaks, in lower case, most probable first."""
    for start in range(len(words)):
        rest = words[start:]
        yield from dict.fromkeys(("".join(rest), "_".join(rest)))
        if rest[-1].endswith("s"):
            yield "".join(rest)[:-1]
    for start in range(len(words)):
        if len("".join(words[start:])) >= _SHORTEST:
            yield "".join(words[start:]) + "*"
    for end in range(len(words) - 1, 0, -1):
        yield "".join(words[:end])
    yield from (f"*{word}" for word in (words[-1],) if len(word) > _SHORTEST)


_SHORTEST = 3


def _known_names(request: Request, wanted: str) -> Iterator[str]:
    """The names, in lower case, that are ``wanted``, or that begin or end with it where a ``*`` says so."""
    analysis = request.analysis
    snapshot = analysis.snapshot
    part = wanted.strip("*")
    if part == wanted:
        if analysis.index.named(wanted) or (snapshot is not None and snapshot.by_entity(wanted)):
            yield wanted
        return
    for text in (analysis.index.names_text, snapshot.names_text if snapshot is not None else ""):
        yield from _names_like(text, wanted)


@lru_cache(maxsize=32)
def _names_like(text: str, wanted: str) -> tuple[str, ...]:
    """The first names that begin with ``wanted``, or the first one that ends with it, where its ``*`` says so.

    Kept: a field's name is the same for each keystroke behind it, and to look through all names takes 0.1 ms.
    """
    part = wanted.strip("*")
    if wanted.endswith("*"):
        return tuple(islice(_lines_with(text, f"\n{part}"), _FITTING))
    at = text.find(f"{part}\n")
    return (_line_at(text, at),) if at >= 0 else ()


def _candidates_named(request: Request, name: str) -> Iterator[_Candidate]:
    yield from (_of_file(request, facts) for facts in request.analysis.index.named(name))
    snapshot = request.analysis.snapshot
    yield from (_registered(entry) for entry in (snapshot.by_entity(name) if snapshot is not None else ()))


def _of_file(request: Request, facts: EntityFacts) -> _Candidate:
    snapshot = request.analysis.snapshot
    domain = snapshot.domain_named(facts.schema) if snapshot else None
    schema = domain.name if domain else facts.schema
    return _Candidate(facts.name, schema, facts, None, (schema.lower(), facts.name.lower()))


def _registered(registration: Registration) -> _Candidate:
    name, schema = registration.entity.name, registration.domain.name
    return _Candidate(name, schema, None, registration, (schema.lower(), name.lower()))


def _in_domain(domain: Domain, typed: str = "") -> Iterator[_Candidate]:
    matcher = Matcher(typed)
    for subdomain in domain.subdomains:
        for entity in subdomain.entities:
            if matcher.quality(entity.name) is not None:
                yield _registered(Registration(domain, subdomain, entity))


def _of_schema(request: Request, schema: str, typed: str = "") -> Iterator[_Candidate]:
    """The entities of a schema, or of the domain that it names, whose name has the typed letters in their order."""
    snapshot = request.analysis.snapshot
    domain = snapshot.domain_named(schema) if snapshot else None
    names = {schema.lower()}
    if domain is not None:
        names.update((domain.name.lower(), *(alias.lower() for alias in domain.aliases)))
    files = [facts for name in names for facts in request.analysis.index.in_schema(name)]
    quality = Matcher(typed).quality
    for facts in sorted(files, key=_uri):
        if quality(facts.name) is not None:
            yield _of_file(request, facts)
    if domain is not None:
        yield from _in_domain(domain, typed)


def _uri(facts: EntityFacts) -> str:
    return facts.uri


def _home(request: Request) -> str:
    return request.document.entity.schema if request.document.entity else ""


def _all(request: Request) -> Iterator[_Candidate]:
    """Every entity: those of the file's own schema first, then files', then the registry's."""
    snapshot = request.analysis.snapshot
    yield from _of_schema(request, _home(request))
    for facts in request.analysis.index.all():
        yield _of_file(request, facts)
    for domain in snapshot.domains if snapshot else ():
        yield from _in_domain(domain)


def _named_like(request: Request, typed: str) -> list[_Candidate]:
    """The entities whose name holds the typed letters in their order; those of the file's own schema first."""
    index, snapshot = request.analysis.index, request.analysis.snapshot
    typed = typed.lower()[:_LONGEST_TYPED]
    in_files = _matching(index.names_text, typed, is_name=bool(index.named(typed)))
    in_registry: list[str] = []
    # More files than are shown come before every registration but those of the own schema, which are added below.
    if snapshot is not None and len(in_files) <= LIMIT:
        in_registry = _matching(snapshot.names_text, typed, is_name=bool(snapshot.by_entity(typed)))
    near: list[_Candidate] = []
    if len(in_files) >= _MANY or len(in_registry) >= _MANY:
        # What was cut may be nearer than what was kept.
        near.extend(islice(_of_schema(request, _home(request), typed), _MANY))
    if len(near) < _MANY or not all(candidate.key[1].startswith(typed) for candidate in near):
        near.extend(_of_file(request, facts) for name in in_files for facts in index.named(name))
        if snapshot is not None:
            near.extend(_registered(entry) for name in in_registry for entry in snapshot.by_entity(name))
    domain = request.analysis.domain_of(request.document)
    home = (domain.name if domain else _home(request)).lower()
    return sorted(near, key=lambda c: (c.key[0] != home, c.facts is None, c.key[1]))


def _matching(text: str, typed: str, *, is_name: bool) -> list[str]:
    """The names that begin with ``typed``; where these are few, those that hold it or its letters.

    Args:
        text: names in lower case, a line each, with a line break at both ends. One search through all names at
            once: a loop over ten thousand of them takes longer than an answer may.
        typed: what is typed of a name, in lower case.
        is_name: whether that is one of the names; a name that is typed in full must not be cut.
    """
    found: dict[str, None] = {typed: None} if is_name else {}
    found.update(dict.fromkeys(islice(_lines_with(text, f"\n{typed}"), _MANY)))
    if len(found) <= LIMIT:
        found.update(dict.fromkeys(islice(_lines_with(text, typed), _MANY)))
    if not found:
        # As editors do: letters may be left out behind the first one.
        first, *rest = (re.escape(letter) for letter in typed)
        scattered = re.finditer(rf"\n{first}" + "".join(rf"[^{letter}\n]*{letter}" for letter in rest), text)
        found.update(dict.fromkeys(_line_at(text, m.start() + 1) for m in islice(scattered, LIMIT + 1)))
    return list(found)


def _lines_with(text: str, part: str) -> Iterator[str]:
    """The lines in which ``part`` begins or, where it starts with the line break before, which begin with it."""
    at = text.find(part)
    while at >= 0:
        line = _line_at(text, at + part.startswith("\n"))
        yield line
        at = text.find(part, at + max(len(part.rstrip("\n")), 1))


def _line_at(text: str, at: int) -> str:
    return text[text.rfind("\n", 0, at) + 1 : text.find("\n", at)]


def _each_once(candidates: Iterator[_Candidate]) -> Iterator[_Candidate]:
    """Leaves out a registration whose entity has a file, and what came before."""
    seen: set[tuple[str, str]] = set()
    for candidate in candidates:
        if candidate.key not in seen:
            seen.add(candidate.key)
            yield candidate


def _proposals(candidates: Iterable[_Candidate], *, qualified: bool) -> list[Proposal]:
    """One proposal each; a name that came before gets its schema."""
    names: set[str] = set()
    proposals: list[Proposal] = []
    for candidate in candidates:
        lowered = candidate.key[1]
        repeated = not qualified and lowered in names
        names.add(lowered)
        text = f"{candidate.schema}.{candidate.name}" if repeated else candidate.name
        proposals.append(_proposal(candidate, text))
    return proposals


def _proposal(candidate: _Candidate, text: str) -> Proposal:
    if candidate.facts is not None:
        detail, description = candidate.schema, file_name(candidate.facts.uri)
    elif candidate.registration is not None:
        detail = f"{candidate.schema} / {candidate.registration.subdomain.name}"
        description = f"registered {candidate.registration.entity.table_code}"
    else:
        detail = description = ""
    key = DocumentationKey("entity", {"name": candidate.name, "schema": candidate.schema})
    return Proposal(text, text, CompletionKind.CLASS, detail, description, False, key, candidate.name)  # noqa: FBT003
