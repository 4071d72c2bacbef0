"""The registry file's keys: free numbers for a new domain or subdomain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from specql_lsp.features.completion.builder import NOTHING, Proposal, build, with_prefix
from specql_lsp.features.completion.insertion import key_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.model import CompletionKind, CompletionList
from specql_lsp.language.keys import Meaning
from specql_lsp.language.table_code import is_hexadecimal
from specql_lsp.syntax import yaml11
from specql_lsp.syntax.nodes import Scalar, ScalarStyle

_DOMAIN_NUMBERS = "123456789ABCDEF0"
"""In the order in which they are offered: registries usually begin with 1."""
_FEW = 8
_USUAL_WIDTH = 2


def domains(request: Request) -> CompletionList:
    """The domain numbers that the file does not use."""
    registry = request.document.registry
    if registry is None:
        return NOTHING
    siblings = _others((domain.number for domain in registry.domains), request.offset)
    used = {number.value.upper() for number in siblings}
    return _numbers(request, [n for n in _DOMAIN_NUMBERS if n not in used], siblings, "domain")


def subdomains(request: Request) -> CompletionList:
    """A few numbers that the domain does not use: the next one, those behind it, then the gaps."""
    registry, number = request.document.registry, request.place.name(Meaning.DOMAIN_NUMBER)
    domain = registry.domain(number) if registry is not None and number is not None else None
    if domain is None:
        return NOTHING
    siblings = _others((subdomain.number for subdomain in domain.subdomains), request.offset)
    width = max((len(s.value) for s in siblings if is_hexadecimal(s.value)), default=_USUAL_WIDTH)
    used = {int(s.value, 16) for s in siblings if is_hexadecimal(s.value)}
    highest = max(used, default=0)
    limit = 16**width
    behind = [n for n in range(highest + 1, min(highest + 1 + _FEW, limit)) if n not in used]
    gaps = [n for n in range(1, min(highest, limit)) if n not in used][:_FEW]
    return _numbers(request, [f"{n:0{width}X}" for n in (*behind, *gaps)], siblings, "subdomain")


def _others(numbers: Iterable[Scalar], offset: int) -> list[Scalar]:
    return [number for number in numbers if not number.span.contains(offset)]


def _numbers(request: Request, numbers: Sequence[str], siblings: Sequence[Scalar], what: str) -> CompletionList:
    proposals = [
        Proposal(
            number,
            number,
            CompletionKind.ENUM_MEMBER,
            detail=f"next free {what} number" if rank == 0 else f"free {what} number",
            preselect=rank == 0,
        )
        for rank, number in enumerate(numbers)
    ]
    insertion = key_insertion(
        request, must_quote=lambda number: _must_quote(number, siblings), preferred_quote=_quote_of(siblings)
    )
    typed = request.context.prefix
    return build(typed, with_prefix(typed, proposals), insertion)


def _quote_of(siblings: Sequence[Scalar]) -> str:
    return '"' if siblings and all(s.style is ScalarStyle.DOUBLE_QUOTED for s in siblings) else "'"


def _must_quote(number: str, siblings: Sequence[Scalar]) -> bool:
    """Whether a number gets quotes: always where YAML 1.1 reads no text, which SpecQL would not find."""
    return yaml11.needs_quotes(number) or not siblings or any(not s.is_plain for s in siblings)
