"""Whether the content of a file is SpecQL's: it defines an entity, or patterns or services for those that do.

There is one answer: its syntax tree has them. The bytes are searched only to leave out files that cannot have any.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from specql_lsp.index.library import is_library_place
from specql_lsp.regular_files import ENTITY_FILE_BYTES
from specql_lsp.workspace.documents import Document, work_out

_ENTITY_KEY = re.compile(rb"entity['\"]?(?:\s++|#[^\r\n]*+)*+:")
"""Begins with a text, so that a file without it costs almost nothing."""
_NAME_CHARACTER = re.compile(rb"[\w-]")
_ENTITY_LINE = re.compile(rb"^['\"]?entity['\"]?[ \t]*:[^\r\n]*\n?", re.MULTILINE)
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"))
_SHORT_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
"""Looked for after the others, which begin with one of them."""
_BEGINNING_BYTES = 128 * 1024


def specql_document(uri: str, content: bytes) -> Document | None:
    """The document of a file that is SpecQL's; None for any other, which is hardly ever parsed.

    Raises:
        UnicodeDecodeError: it may be SpecQL's and is not UTF-8.
    """
    document = _candidate(uri, content)
    return document if document is not None and _is_specql(document) else None


def specql_documents(files: Iterable[tuple[str, bytes | None]]) -> list[Document | None]:
    """The documents of those of several files that are SpecQL's, with their summaries worked out.

    Args:
        files: the URI and the content of each; None for what could not be read.

    Returns:
        None for a file that could not be read, is not SpecQL's, or may be and is not UTF-8.
    """
    candidates = [_readable_candidate(uri, content) for uri, content in files]
    work_out([document for document in candidates if document is not None])
    return [document if document is not None and _is_specql(document) else None for document in candidates]


def _readable_candidate(uri: str, content: bytes | None) -> Document | None:
    try:
        return _candidate(uri, content) if content is not None else None
    except UnicodeDecodeError:
        return None


def _candidate(uri: str, content: bytes) -> Document | None:
    """The document of a file whose tree is to be asked whether it is SpecQL's."""
    return Document(uri, content.decode("utf-8-sig")) if _may_be_specql(uri, content) else None


def is_specql(uri: str, content: bytes) -> bool:
    """Whether a file is SpecQL's that cannot be read as it is: not UTF-8, or larger than ``ENTITY_FILE_BYTES``.

    Of a larger one the beginning is read, and of the rest the lines that begin with the key ``entity``.
    """
    content = _in_utf8(content)
    if not _may_be_specql(uri, content):
        return False
    if len(content) > ENTITY_FILE_BYTES:
        end = content.rfind(b"\n", 0, _BEGINNING_BYTES) + 1 or _BEGINNING_BYTES
        content = content[:end] + b"".join(match[0] for match in _ENTITY_LINE.finditer(content, end))
    return _is_specql(Document(uri, content.decode("utf-8-sig", "replace")))


def _is_specql(document: Document) -> bool:
    return bool(document.entities) or document.library_kind is not None


def _may_be_specql(uri: str, content: bytes) -> bool:
    """Whether the tree is to be asked.

    The key ``entity`` may be in braces, indented, tagged, or merged from another mapping. One of escapes, or that is an
    alias, is not found.
    """
    if is_library_place(uri):
        return True
    found = _ENTITY_KEY.finditer(content)
    return any(_NAME_CHARACTER.match(content, max(each.start() - 1, 0), each.start()) is None for each in found)


def _in_utf8(content: bytes) -> bytes:
    """The content of a file in UTF-16 or UTF-32 with its mark, as Windows writes it, in UTF-8; any other as it is."""
    for mark, encoding in (*_MARKS, *_SHORT_MARKS):
        if content.startswith(mark):
            return content.decode(encoding, "replace").encode("utf-8", "replace")
    return content
