"""From proposals to the answer: filters them by the typed text, ranks them and cuts the list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from itertools import chain, islice
from typing import NamedTuple, TypeVar

from specql_lsp.features.completion.insertion import Insertion
from specql_lsp.features.model import CommandCall, CompletionItem, CompletionKind, CompletionList, DocumentationKey

LIMIT = 100
"""The longest list that is answered; further items come as the user types on."""

NOTHING = CompletionList()
UNAVAILABLE = CompletionList(incomplete=True)
"""No registry has been read yet: there is nothing to offer now, and the client asks again."""


class Proposal(NamedTuple):
    """One candidate of a provider; ``text`` is the value or key itself, without quotes."""

    label: str
    text: str
    kind: CompletionKind
    detail: str = ""
    description: str = ""
    preselect: bool = False
    documentation: DocumentationKey | None = None
    compared: str = ""
    """What the typed text is compared with where that is not ``text``."""
    value_follows: bool = False
    """For a key: whether a scalar is to be typed behind its colon, so that a space is put there."""
    signature: str = ""
    """What is shown right behind the label: the arguments of a function or of a type."""
    lines: tuple[str, ...] = ()
    """What is written instead of ``text``: lines with the placeholders of snippets, from the proposal's column on."""
    asks_again: bool = False
    """Whether there is a list for what is typed next."""
    not_read: bool = False
    """Whether SpecQL reads no such thing: the item is marked."""
    command: CommandCall | None = None
    """What the client calls when the item is accepted."""


_Candidate = TypeVar("_Candidate")


class Quality(IntEnum):
    """How a name matches the typed text; lower is better."""

    PREFIX = 0
    SUBSTRING = 1
    SUBSEQUENCE = 2


class Matcher:
    """Compares names with the typed text; case does not matter."""

    def __init__(self, typed: str) -> None:
        self.typed = typed.lower()
        self.letters = re.compile("".join(f"[^{re.escape(c)}]*{re.escape(c)}" for c in self.typed))

    def quality(self, name: str) -> Quality | None:
        """How ``name`` matches; None if the typed letters are not in it in their order."""
        name = name.lower()
        if name.startswith(self.typed):
            return Quality.PREFIX
        if self.typed in name:
            return Quality.SUBSTRING
        return Quality.SUBSEQUENCE if self.letters.match(name) else None


def select(
    typed: str, candidates: Iterable[_Candidate], name: Callable[[_Candidate], str]
) -> tuple[list[_Candidate], bool]:
    """The candidates that match, best first and in the provider's order, and whether some were cut."""
    if not typed:  # everything matches alike
        first = list(islice(candidates, LIMIT + 1))
        return first[:LIMIT], len(first) > LIMIT
    quality_of = Matcher(typed).quality
    matching: tuple[list[_Candidate], ...] = tuple([] for _ in Quality)
    best = matching[Quality.PREFIX]
    for candidate in candidates:
        quality = quality_of(name(candidate))
        if quality is not None:
            matching[quality].append(candidate)
            if len(best) > LIMIT:
                break  # none is better than these
    ranked = list(chain.from_iterable(matching))
    return ranked[:LIMIT], len(ranked) > LIMIT


def build(
    typed: str, proposals: Iterable[Proposal], insertion: Insertion, *, incomplete: bool = False
) -> CompletionList:
    """The answer: the proposals that match ``typed``.

    Args:
        typed: the text before the cursor.
        proposals: in the order of their rank.
        insertion: where and how the accepted text is written.
        incomplete: whether more proposals come up as the user types on.
    """
    chosen, cut = select(typed, proposals, lambda proposal: proposal.compared or proposal.text)
    return CompletionList(items_of(chosen, insertion), incomplete or cut)


def merged(*lists: CompletionList) -> CompletionList:
    """The items of several lists, those of the first one first."""
    filled = [each for each in lists if each.items]
    incomplete = any(each.incomplete for each in lists)
    if len(filled) == 1 or not filled:
        return CompletionList(filled[0].items if filled else (), incomplete)
    items = [item for each in filled for item in each.items][:LIMIT]
    ranked = zip(_RANKS, items, strict=False)
    return CompletionList(tuple([item._replace(sort_text=rank) for rank, item in ranked]), incomplete)


def with_prefix(typed: str, proposals: Iterable[Proposal]) -> Iterator[Proposal]:
    """The proposals whose text begins with ``typed``, for digits, where a subsequence means nothing."""
    if not typed:
        return iter(proposals)
    typed = typed.upper()
    return (proposal for proposal in proposals if proposal.text.upper().startswith(typed))


def items_of(proposals: Sequence[Proposal], insertion: Insertion) -> tuple[CompletionItem, ...]:
    """The items of proposals that are chosen and ranked; at most ``LIMIT``."""
    return tuple([_item(rank, each, insertion) for rank, each in zip(_RANKS, proposals, strict=False)])


_RANKS = tuple(f"{rank:03d}" for rank in range(LIMIT))
"""By which a client sorts."""


def _item(rank: str, proposal: Proposal, insertion: Insertion) -> CompletionItem:
    snippet = ""
    if proposal.lines:
        new_text, snippet = insertion.of_lines(proposal.lines)
    else:
        new_text = insertion.new_text(proposal.text)
        if proposal.value_follows and insertion.tail:
            new_text += " "
    # Not by their names, which would take as long as everything else here: there are 100 of them with each keystroke.
    return CompletionItem(
        proposal.label,
        proposal.kind,
        insertion.span,
        new_text,
        proposal.detail,
        proposal.description,
        insertion.filter_text(proposal.compared or proposal.text),
        rank,
        proposal.preselect,
        proposal.documentation,
        snippet,
        proposal.signature,
        proposal.asks_again,
        proposal.not_read,
        proposal.command,
    )
