"""A field's type: the types, ``enum``, ``list`` and ``ref`` with their arguments, then the mark and the default."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from specql_lsp.features.completion.builder import NOTHING, Proposal, build
from specql_lsp.features.completion.insertion import word_insertion
from specql_lsp.features.completion.providers import choices, references
from specql_lsp.features.completion.request import Request
from specql_lsp.features.model import CompletionKind, CompletionList, DocumentationKey
from specql_lsp.language.keys import Meaning
from specql_lsp.language.likely_types import all_types, likely_types, words_of
from specql_lsp.language.type_syntax import EnumType, FieldType, open_reference, parse_field_type
from specql_lsp.language.types import CONSTRUCTORS, TypeTier, type_named

_TYPE_TO_BE = re.compile(r"(?:.*[\s(])?(?P<word>\w*)\Z", re.DOTALL)
_OPEN_LIST = re.compile(r"\s*(?:list\s*\(\s*)+\w*\Z")
_ARGUMENTS = {"enum": "(a, b)", "list": "(type)", "ref": "(Entity)"}
_LINES = {"enum": "enum(${1:open, closed})$0", "list": "list(${1:text})$0", "ref": "ref($1)$0"}
_ONE_VALUE = "enum(${1:open})$0"
_COLUMNS = {
    "enum": "TEXT, one of several values",
    "list": "JSONB, several values",
    "ref": "INTEGER, a reference to an entity",
}


def complete(request: Request) -> CompletionList:
    """What can be typed of a type at the cursor."""
    context = request.context
    if context.closed and request.offset >= context.replace.end:
        return NOTHING  # behind the closing quote
    if open_reference(context.prefix) is not None:
        return references.complete(request)
    written = parse_field_type(context.prefix)
    if written.equals is not None:
        return _default(request, written)
    inside = next((e for e in written.expressions() if isinstance(e, EnumType) and not e.closed), None)
    if inside is not None:
        return NOTHING  # the values are for the user to name
    match = _TYPE_TO_BE.match(context.prefix)
    word = match["word"] if match is not None else ""
    before = context.prefix[: len(context.prefix) - len(word)]
    if before.strip() and not _OPEN_LIST.match(context.prefix):
        return _behind_type(request, written, word)
    if context.prefix.rstrip()[-1:] in {"!", "?", ")"}:
        return NOTHING
    return _types(request, word, in_list=bool(before.strip()))


def _types(request: Request, word: str, *, in_list: bool) -> CompletionList:
    marks = request.place.meaning is Meaning.FIELD_TYPE and not in_list
    insertion = word_insertion(request, word)
    behind = request.document.text[insertion.span.end : insertion.span.end + 2]
    field = request.place.name(Meaning.FIELD) or ""
    if behind.startswith("("):
        proposals = _with_arguments(field, behind[1:])
    else:
        proposals = _proposals(field, references.fitting(request, field), marks=marks)
    if request.context.in_flow and not request.context.quote:
        # A comma would end the value there.
        proposals = (each._replace(lines=(_ONE_VALUE,)) if each.text == "enum" else each for each in proposals)
    return build(word, proposals, insertion)


def _with_arguments(field: str, first: str) -> Iterator[Proposal]:
    """What can be before arguments that are there: an entity's name begins with a capital, a value does not."""
    names = sorted(CONSTRUCTORS, key=lambda name: name != ("ref" if first.isupper() else "enum"))
    yield from (_type(field, name, has_arguments=True) for name in names)


def _proposals(field: str, fitting: list[str], *, marks: bool) -> Iterator[Proposal]:
    likely = [name for name in likely_types(field) if name in all_types()]
    targets = [_reference(field, name) for name in fitting]
    if targets and _speaks_of_entity(field, fitting[0], likely):
        yield from targets
        targets = []
        likely = ["ref", *likely]
    order = dict.fromkeys((*likely, *all_types()))
    for rank, name in enumerate(order):
        yield _type(field, name, has_arguments=False)
        if rank == 0 and likely:
            if marks and name not in CONSTRUCTORS:
                yield _marked(name)
            yield from targets
    if marks:
        yield from (_marked(name) for name in order if name not in CONSTRUCTORS and not (likely and name == likely[0]))


def _speaks_of_entity(field: str, entity: str, likely: list[str]) -> bool:
    """Whether a field's name says more of an entity than of a type: it is the entity's, or no scalar type fits."""
    spec = type_named(likely[0]) if likely else None
    has_its_name = "".join(words_of(field)) == "".join(words_of(entity))
    return has_its_name or not likely or (spec is not None and spec.tier is TypeTier.COMPOSITE)


def _type(field: str, name: str, *, has_arguments: bool) -> Proposal:
    made = _of_table(name, has_arguments=has_arguments)
    return made._replace(detail=f"fk_{field} INTEGER") if name == "ref" and field else made


@lru_cache(maxsize=512)
def _of_table(name: str, *, has_arguments: bool) -> Proposal:
    """A type with its column, or ``enum``, ``list`` or ``ref`` with arguments; made once."""
    spec = type_named(name)
    if spec is None:
        return Proposal(
            name,
            name,
            CompletionKind.TYPE,
            _COLUMNS[name],
            documentation=_documentation(name),
            signature="" if has_arguments else _ARGUMENTS[name],
            lines=() if has_arguments else (_LINES[name],),
            asks_again=name == "ref",
        )
    kind = CompletionKind.CLASS if spec.tier is TypeTier.COMPOSITE else CompletionKind.TYPE
    checked = " with CHECK" if spec.pattern or spec.checks else ""
    description = f"as {spec.alias_of}" if spec.alias_of else spec.tier.value if spec.tier is TypeTier.COMPOSITE else ""
    return Proposal(name, name, kind, spec.postgres + checked, description, documentation=_documentation(name))


@lru_cache(maxsize=512)
def _marked(name: str) -> Proposal:
    """A type with the mark that makes its column NOT NULL."""
    spec = type_named(name)
    postgres = spec.postgres if spec is not None else ""
    text = f"{name}!"
    return Proposal(text, text, CompletionKind.TYPE, f"{postgres} NOT NULL", documentation=_documentation(name))


def _reference(field: str, target: str) -> Proposal:
    text = f"ref({target})"
    key = DocumentationKey("entity", {"name": target})
    return Proposal(text, text, CompletionKind.CLASS, f"fk_{field} INTEGER", documentation=key)


def _documentation(name: str) -> DocumentationKey:
    return DocumentationKey("type", {"name": name})


# Behind the type.


def _behind_type(request: Request, written: FieldType, word: str) -> CompletionList:
    """The default, where the type is complete and a blank follows it."""
    is_typed = bool(word) or not request.context.prefix.endswith(" ")
    if written.type is None or written.ends_open or written.not_null or is_typed or written.extra:
        return NOTHING
    if request.place.meaning is not Meaning.FIELD_TYPE:
        return NOTHING
    values = choices.values_of(written.type)
    proposals = [Proposal(f"= {value}", f"= {value}", CompletionKind.ENUM_MEMBER, "the default") for value in values]
    return build("", proposals, word_insertion(request, ""))


def _default(request: Request, written: FieldType) -> CompletionList:
    if written.type is None or request.place.meaning is not Meaning.FIELD_TYPE:
        return NOTHING
    typed = written.default.text if written.default is not None else ""
    behind = written.equals.end if written.equals is not None else 0
    insertion = word_insertion(request, typed)
    if request.context.prefix[behind:] == "":
        insertion = replace(insertion, head=insertion.head + " ")
    proposals = [Proposal(value, value, CompletionKind.ENUM_MEMBER) for value in choices.values_of(written.type)]
    return build(typed, proposals, insertion)
