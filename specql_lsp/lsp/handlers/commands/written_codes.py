"""Codes that a command has given to entities, written into their files in one edit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from specql_lsp.features.entity_edits import set_table_code, why_not_written
from specql_lsp.lsp.handlers.commands.support import apply_all
from specql_lsp.lsp.session import Session
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import name_of

_MOST_NAMES = 3


class WrittenCode(NamedTuple):
    """The code that the entity of a file gets."""

    uri: str
    entity: str
    code: str
    previous: str | None
    """The code that the file had when that was decided; None: none."""


async def write_codes(session: Session, verb: str, codes: Sequence[WrittenCode]) -> list[str]:
    """Has the editor write codes into files as they are now.

    Args:
        session: whose client it is.
        verb: the first word of the edit's label, such as ``Allocate``.
        codes: what to write.

    Returns:
        The files, by URI, into which no code was written: the client refused, or by now they have another entity or
        code.
    """
    async with session.edit_order.of(each.uri for each in codes):
        return await _write_codes(session, verb, codes)


async def _write_codes(session: Session, verb: str, codes: Sequence[WrittenCode]) -> list[str]:
    reader = session.reader()

    def edits() -> tuple[dict[str, Document], dict[str, tuple[TextEdit, ...]], list[str]]:
        documents: dict[str, Document] = {}
        changes: dict[str, tuple[TextEdit, ...]] = {}
        left: list[str] = []
        for each in codes:
            document = reader(each.uri)
            if document is None or why_not_written(document, *each[1:]) is not None:
                left.append(each.uri)
                continue
            documents[each.uri] = document
            change = set_table_code(document, each.code)
            if change:
                changes[each.uri] = change
        return documents, changes, left

    documents, changes, left = await session.in_thread(edits)
    label = f"{verb} {len(changes)} codes" if len(changes) != 1 else f"{verb} {_only(codes, changes)}"
    if changes and not await apply_all(session, label, changes, documents):
        left += changes
    return left


def named(uris: Sequence[str]) -> str:
    """The files as a sentence names them: the first few, and how many more."""
    names = ", ".join(name_of(uri) for uri in uris[:_MOST_NAMES])
    return f"{names} and {len(uris) - _MOST_NAMES} more" if len(uris) > _MOST_NAMES else names


def _only(codes: Sequence[WrittenCode], changes: dict[str, tuple[TextEdit, ...]]) -> str:
    return next(each.code for each in codes if each.uri in changes)
