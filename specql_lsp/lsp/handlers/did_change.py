"""``textDocument/didChange``."""

from __future__ import annotations

import logging
from typing import Any

from lsprotocol import types

from specql_lsp.lsp.positions import Encoding, Positions
from specql_lsp.lsp.session import Session
from specql_lsp.lsp.structuring import LARGEST_INTEGER, read_position
from specql_lsp.syntax.text import LineIndex
from specql_lsp.workspace.documents import Document
from specql_lsp.workspace.uris import canonical

logger = logging.getLogger(__name__)


def did_change(session: Session, params: Any) -> None:
    """Applies changes, as JSON, in their order: each to the text that the one before left (LSP 3.17, "didChange").

    Where they cannot be applied, the document's text is not known any more, until it comes as a whole.
    """
    identifier = params.get("textDocument") if isinstance(params, dict) else None
    uri = identifier.get("uri") if isinstance(identifier, dict) else None
    if not isinstance(uri, str):
        logger.error("A change of a document is ignored: it does not say of which.")
        return
    key = canonical(uri)
    if key not in session.open:
        session.document_changes.reject(uri)
        return
    version = _version(identifier)
    try:
        lines = changed(session.open.get(key), version, params.get("contentChanges"), session.client.encoding)
    except UnfitChangeError as error:
        session.document_changes.lose(uri, str(error))
        return
    known = session.open.get(key)
    if version is None:
        version = known.version if known is not None and known.version is not None else 0
    session.document_changes.put(uri, lines, version)


class UnfitChangeError(ValueError):
    """A change cannot be applied to the text that is known; the message says why, as the end of a sentence."""


def changed(known: Document | None, version: int | None, changes: Any, encoding: Encoding) -> LineIndex:
    """The text after some changes, as the index of its lines.

    Args:
        known: the document before them; None where its text is not known.
        version: the one that the client gives the new text; None where it gives none.
        changes: the notification's ``contentChanges``, as JSON.
        encoding: the unit in which the client counts characters.

    Raises:
        UnfitChangeError: they cannot be applied.
    """
    if not isinstance(changes, list) or not all(_is_change(change) for change in changes):
        raise UnfitChangeError("it is not what the protocol says")
    whole = [index for index, change in enumerate(changes) if change.get("range") is None]
    if whole:  # what came before it does not matter
        lines = LineIndex(changes[whole[-1]]["text"])
        changes = changes[whole[-1] + 1 :]
    elif known is None:
        raise UnfitChangeError("the text before it is not known")
    elif version is not None and known.version is not None and version < known.version:
        raise UnfitChangeError(f"its version {version} is older than {known.version}")
    else:
        lines = known.lines
    for change in changes:
        span = Positions(lines, encoding).span(_range(change["range"]))
        lines = lines.edited(span.start, span.end, change["text"])
    return lines


def _version(identifier: Any) -> int | None:
    version = identifier.get("version")
    return int(version) if isinstance(version, int | float) and abs(version) <= LARGEST_INTEGER else None


def _is_change(change: Any) -> bool:
    return isinstance(change, dict) and isinstance(change.get("text"), str)


def _range(value: Any) -> types.Range:
    try:
        range_ = types.Range(read_position(value["start"]), read_position(value["end"]))
    except (ValueError, LookupError, TypeError):
        raise UnfitChangeError("its range is not what the protocol says") from None
    start, end = range_.start, range_.end
    if (end.line, end.character) < (start.line, start.character):
        raise UnfitChangeError("its range ends before it begins")
    return range_
