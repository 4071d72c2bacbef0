"""Markdown → the protocol's MarkupContent."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types

from specql_lsp.features.markdown import to_plaintext


def markup(markdown: str, formats: Iterable[str]) -> types.MarkupContent:
    """A text in the first of the client's formats that we can write; plain text where it names none."""
    for kind in formats:
        if kind == types.MarkupKind.Markdown:
            return types.MarkupContent(types.MarkupKind.Markdown, markdown)
        if kind == types.MarkupKind.PlainText:
            break
    return types.MarkupContent(types.MarkupKind.PlainText, to_plaintext(markdown))


def markup_json(markdown: str, formats: Iterable[str]) -> dict[str, str]:
    """As ``markup``, as JSON."""
    content = markup(markdown, formats)
    return {"kind": content.kind.value, "value": content.value}
