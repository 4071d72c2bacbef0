"""Allocates around codes that others have leased.

A source does not know the leases beforehand: the database refuses a leased code and says which codes are leased, and
then the allocation is decided once more. So an allocation costs nothing more as long as nothing is leased.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from specql_lsp.language.table_code import normalize
from specql_lsp.registry.leases.model import LeasedCodeRefused
from specql_lsp.registry.refusals import Refused
from specql_lsp.registry.requests import Allocation, AllocationRequest

_Result = TypeVar("_Result")

_ATTEMPTS = 8
"""How often leases may appear between two attempts."""


def avoiding_leases(
    attempt: Callable[[frozenset[str]], _Result], requests: Sequence[AllocationRequest] = ()
) -> _Result:
    """What an attempt gives that takes no leased code.

    Args:
        attempt: is given codes not to take, in upper case; raises ``LeasedCodeRefused`` where it takes a leased one.
        requests: those whose ``table_code`` is not to be avoided: a leased one is refused.
    """
    asked = {normalize(request.table_code) for request in requests if request.table_code is not None}
    leased: frozenset[str] = frozenset()
    for _ in range(_ATTEMPTS - 1):
        try:
            return attempt(leased)
        except LeasedCodeRefused as refused:
            if not asked.isdisjoint(refused.codes) or refused.codes <= leased:
                raise
            leased |= refused.codes
    return attempt(leased)


def avoiding_all_leases(
    attempt: Callable[[Sequence[AllocationRequest]], tuple[Allocation | Refused, ...]],
    requests: Sequence[AllocationRequest],
) -> tuple[Allocation | Refused, ...]:
    """The same for many: a request for a leased code is refused alone.

    Args:
        attempt: allocates for some requests; raises ``LeasedCodeRefused``.
        requests: all.
    """
    refusals: dict[int, Refused] = {}

    def allocate(leased: frozenset[str]) -> tuple[Allocation | Refused, ...]:
        for position, request in enumerate(requests):
            code = normalize(request.table_code) if request.table_code is not None else None
            if code is not None and code in leased:
                message = f"The code {code} is leased to another folder or machine. Take another code."
                refusals[position] = LeasedCodeRefused(message, leased)
        left = [position for position in range(len(requests)) if position not in refusals]
        answers = attempt([replace(requests[each], used=requests[each].used | leased) for each in left])
        found: dict[int, Allocation | Refused] = {**refusals, **dict(zip(left, answers, strict=True))}
        return tuple(found[position] for position in range(len(requests)))

    return avoiding_leases(allocate)
