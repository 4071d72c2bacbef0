"""What ``registry renumber`` did, or would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import click

from specql_lsp.cli.tables import plain
from specql_lsp.cli.views.words import counted, listed
from specql_lsp.features.shared_codes import SharedCode
from specql_lsp.registry.requests import Allocation, Moving


class Renumbered(NamedTuple):
    """An entity that gets another code."""

    entity: str
    shared: SharedCode
    """The code that it had."""
    keeps: str
    """The entity that keeps that code."""
    files: tuple[str, ...]
    """Of the entity."""
    answer: Moving | Allocation
    """What the registry answered."""

    def to_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "entity": self.entity,
            "domain": {"number": self.answer.domain.number, "name": self.answer.domain.name},
            "subdomain": {"number": self.answer.subdomain.number, "name": self.answer.subdomain.name},
            "previousTableCode": self.shared.code,
            "tableCode": self.answer.table_code,
            "keeps": self.keeps,
            "files": list(self.files),
        }


class UndecidedCode(NamedTuple):
    """A shared code that nothing is done about, and a sentence that says why."""

    code: str
    entities: tuple[str, ...]
    files: tuple[str, ...]
    kind: str
    message: str

    @classmethod
    def of(cls, shared: SharedCode, message: str, kind: str = "undecided") -> Self:
        """That of a code with all its entities and their files."""
        files = tuple(facts.uri for owner in shared.owners for facts in owner.files)
        return cls(shared.code, tuple(owner.entity for owner in shared.owners), files, kind, message)

    def to_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "tableCode": self.code,
            "entities": list(self.entities),
            "files": list(self.files),
            "kind": self.kind,
            "message": self.message,
        }


def renumbered(done: Sequence[Renumbered], undecided: Sequence[UndecidedCode], *, dry_run: bool) -> str:
    """A line for each entity that gets another code, what is left to decide, and a sentence that counts."""
    if not done and not undecided:
        return click.style("Every table code is one entity's", fg="green") + ": nothing to do."
    lines = [_line(each) for each in done]
    if done and undecided:
        lines.append("")
    for each in undecided:
        lines.append(click.style(plain(f"{each.code} stays that of {listed(each.entities)}."), fg="yellow"))
        lines.append(plain(f"  {each.message}"))
    verb = "would get another code" if dry_run else "got another code"
    summary = f"{counted(len(done), 'entity', 'entities')} {verb}"
    summary += f", {counted(len(undecided), 'code')} left to decide." if undecided else "."
    return "\n".join([*lines, "", summary + (" Nothing was changed." if dry_run else "")])


def _line(each: Renumbered) -> str:
    answer = each.answer
    code = click.style(plain(answer.table_code), bold=True)
    files = f" ({', '.join(each.files)})" if each.files else ""
    old, place = plain(each.shared.code), plain(f"{answer.domain.name} / {answer.subdomain.name}{files}")
    return f"{plain(each.entity)}: {old} → {code} in {place}. {plain(each.keeps)} keeps {old}."
