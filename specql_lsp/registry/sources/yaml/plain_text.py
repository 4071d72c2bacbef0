"""Reads a registry in the form in which SpecQL and people write it, line by line, without a syntax tree.

The form: block style below ``domains``, every value on the line of its key, no anchors, tags, escapes or merge keys.
Such a text takes a tenth of the time that its tree takes. Any other text is left to the tree (``lowering``).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from specql_lsp.items.registry_file import read_registry
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import SEQUENCE_KEYS, number_key, rules_of
from specql_lsp.syntax.line_patterns import KEY, ODD, ODD_ASCII, VALUE
from specql_lsp.syntax.parsing.parse import parse

if TYPE_CHECKING:
    from re import Pattern

    from specql_lsp.items.registry_file import RegistryFile
    from specql_lsp.syntax.tree import SyntaxTree

_Value: TypeAlias = "str | list[str] | _Mapping"
"""A scalar as it is written, quotes included; "" where there is none."""
_Mapping: TypeAlias = dict[str, _Value]

_NULLS = frozenset({"", "null", "Null", "NULL"})
_FLAGS = {"true": True, "false": False}
_ITEM = r"(?:'[^']*'|\"[^\"]*\"|[A-Za-z0-9_][A-Za-z0-9_.-]*)"
"""A text in a flow collection."""
_PORTION = 50_000
"""How many code points are searched at once: other threads wait for one search to end."""
_MOST_LEVELS = 12
_MOST_DIGITS = 18


class _OtherFormError(Exception):
    """The text has another form."""


def read_plain(text: str) -> Snapshot | None:
    """The registry in a text of the plain form: what ``lowering.snapshot_of`` makes of its tree. None for any other."""
    import re

    text = text.replace("\r\n", "\n")
    if "\r" in text or re.search(ODD_ASCII if text.isascii() else ODD, text) is not None:
        return None
    heads = [match.span() for match in _head().finditer(text)]
    if len(heads) != 1:
        return None
    ((head, start),) = heads
    end = _end(text, start)
    try:
        domains = [_domain(number, body) for number, body in _rows_of(text, start, end).items()]
    except _OtherFormError:
        return None
    tree = parse(text[:start] + text[end:])
    rest = read_registry(tree)
    if not domains or not _is_rest(tree, rest, head):
        return None
    domains.sort(key=lambda domain: number_key(domain.number))
    return Snapshot(domains, rules_of(rest, tree))


def _is_rest(tree: SyntaxTree, rest: RegistryFile, head: int) -> bool:
    """Whether a text without the content of ``domains``, whose key is at ``head``, is understood as such."""
    entry = rest.domains_entry
    if tree.problems or tree.broken or tree.document_count != 1 or entry is None:
        return False
    return entry.key.span.start == head and entry.value is None and rest.root is tree.root


@cache
def _head() -> Pattern[str]:
    import re

    return re.compile(r"^domains: *(?:(?<= )#[^\n]*)?\n", re.MULTILINE)


@cache
def _next() -> Pattern[str]:
    import re

    return re.compile(r"^[^ \n#]", re.MULTILINE)


@cache
def _row() -> Pattern[str]:
    """A line: its indentation; a key and its value, or an item; or, last, something else."""
    import re

    comment = r"(?:(?:(?<= )|(?<=\n)|\A)#[^\n]*+)?"
    return re.compile(rf"( *+)(?:({KEY}):(?: ++({VALUE}))?|- ({KEY}))? *+{comment}\n|([^\n]++)\n")


@cache
def _item() -> Pattern[str]:
    import re

    return re.compile(rf"{_ITEM}")


@cache
def _pair() -> Pattern[str]:
    import re

    return re.compile(rf"({_ITEM}): ({_ITEM})")


def _end(text: str, start: int) -> int:
    """Where the content ends that begins at ``start``: at the next line that is not indented."""
    following = _next().search(text, start)
    return following.start() if following is not None else len(text)


def _portions(text: str, start: int, end: int) -> Iterator[str]:
    """The lines of a part of a text, some at a time, each with its line break."""
    while end - start > _PORTION:
        cut = text.rfind("\n", start, start + _PORTION) + 1
        if not cut:
            raise _OtherFormError
        yield text[start:cut]
        start = cut
    last = text[start:end]
    yield last if last.endswith("\n") or not last else f"{last}\n"


def _rows_of(text: str, start: int, end: int) -> _Mapping:
    """The mapping in a part of a text, whose lines are all indented."""
    top: _Mapping = {}
    current, indent, name = top, -1, ""
    outer: list[tuple[_Mapping, int]] = []
    dash = -1
    for portion in _portions(text, start, end):
        for spaces, key, value, item, other in _row().findall(portion):
            if not key and not item:
                if other:
                    raise _OtherFormError
                continue
            at = len(spaces)
            if item:
                items = current.get(name)
                if items == "" and at >= indent:
                    current[name], dash = [item], at
                elif isinstance(items, list) and at == dash:
                    items.append(item)
                else:
                    raise _OtherFormError
                continue
            if at > indent:
                if indent >= 0:
                    if current[name] != "" or len(outer) > _MOST_LEVELS:
                        raise _OtherFormError
                    outer.append((current, indent))
                    inner: _Mapping = {}
                    current[name] = current = inner
                indent = at
            while at < indent:
                if not outer:
                    raise _OtherFormError
                current, indent = outer.pop()
            name = _content(key)
            if at != indent or name in current:
                raise _OtherFormError
            dash = -1
            current[name] = _flow(value) if value and value[0] in "[{" else value.rstrip(" ")
    return top


def _flow(value: str) -> _Value:
    """A flow collection of texts."""
    if value[0] == "[":
        return _item().findall(value)
    pairs = [(_content(key), text) for key, text in _pair().findall(value)]
    found: _Mapping = dict(pairs)
    if len(found) < len(pairs):
        raise _OtherFormError
    return found


def _domain(number: str, body: _Value) -> Domain:
    body = _mapping(body)
    aliases = body.get("aliases", "")
    flag = body.get("multi_tenant", "false")
    if isinstance(aliases, dict) or not isinstance(flag, str) or flag not in _FLAGS:
        raise _OtherFormError
    names = [aliases] if isinstance(aliases, str) else aliases
    subdomains = [_subdomain(key, value) for key, value in _mapping(body.get("subdomains", "")).items()]
    subdomains.sort(key=lambda subdomain: number_key(subdomain.number))
    return Domain(
        number,
        _text(body.get("name", "")) or "",
        _text(body.get("description", "")),
        _FLAGS[flag],
        tuple(_content(name) for name in names if name not in _NULLS),
        tuple(subdomains),
    )


def _subdomain(number: str, body: _Value) -> Subdomain:
    body = _mapping(body)
    return Subdomain(
        number,
        _text(body.get("name", "")) or "",
        _text(body.get("description", "")),
        _integer(body.get("next_entity_sequence", "")),
        tuple([_entity(name, value) for name, value in _mapping(body.get("entities", "")).items()]),
    )


def _entity(name: str, body: _Value) -> Entity:
    if isinstance(body, str):
        return Entity(name, _code(body))
    if isinstance(body, list) or any(key in body for key in SEQUENCE_KEYS):
        raise _OtherFormError
    return Entity(
        name,
        _code(body.get("table_code", "")),
        None,
        _text(body.get("entity_code", "")),
        _text(body.get("assigned_at", "")),
    )


def _mapping(value: _Value) -> _Mapping:
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value in _NULLS:
        return {}
    raise _OtherFormError


def _content(written: str) -> str:
    """The text of a scalar that is not null."""
    return written[1:-1] if written[0] in "'\"" else written


def _text(value: _Value) -> str | None:
    if not isinstance(value, str):
        raise _OtherFormError
    return None if value in _NULLS else _content(value) or None


def _code(value: _Value) -> str:
    return (_text(value) or "").strip()


def _integer(value: _Value) -> int | None:
    text = _text(value)
    if text is None:
        return None
    if text != value or not text.isascii() or not text.isdecimal() or text[0] == "0" or len(text) > _MOST_DIGITS:
        raise _OtherFormError  # it is quoted, or YAML 1.1 has a notation of its own for it
    return int(text)
