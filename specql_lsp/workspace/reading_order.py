"""The order in which a folder's files are read first: what defines a name before what uses it.

A file that is checked before what it names is known is read and checked a second time. Names are looked for in the
bytes, which takes a thirtieth of the time of a check. What is overlooked, or taken for a name and is none, costs such a
second check and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from specql_lsp.index.library import is_library_place
from specql_lsp.regular_files import ENTITY_FILE_BYTES, read_regular
from specql_lsp.workspace.uris import uri_of

# Each begins with a text, for which ``re`` looks several times as quickly as for anything else.
_DEFINED = re.compile(rb"entity['\"]?[ \t]*:\s*(?:name[ \t]*:[ \t]*)?['\"]?(\w+)")
_BEFORE_KEY = frozenset({b"", b"'", b'"', b"\xef\xbb\xbf", b"\xef\xbb\xbf'", b'\xef\xbb\xbf"'})
"""What may be before the key of an entity on its line."""
_USED = tuple(
    re.compile(before + rb"\s*['\"]?(?:\w+\.)?(\w+)")
    for before in (rb"ref\(", rb"insert:", rb"update:", rb"delete:", rb"find:")
)


class FileNames(NamedTuple):
    """The names in a file, in lower case."""

    defined: tuple[bytes, ...]
    """None of a file that has several links, of which the first one in the files' own order is to be read first."""
    used: frozenset[bytes]
    is_library: bool
    """Whether it may define patterns or services, which any file may name."""


_NO_NAMES = FileNames((), frozenset(), is_library=False)


def names_in_files(paths: Iterable[Path]) -> list[FileNames]:
    """The names in each of some files; none where a file cannot be read."""
    return [_names_in_file(path) for path in paths]


def _names_in_file(path: Path) -> FileNames:
    try:
        content, status = read_regular(path, ENTITY_FILE_BYTES)
    except (OSError, ValueError):
        return _NO_NAMES
    found = names_in(content, is_library=is_library_place(uri_of(path)))
    return found._replace(defined=()) if status.st_nlink > 1 else found


def names_in(content: bytes, *, is_library: bool = False) -> FileNames:
    """The names in a file's content."""
    lowered = content.lower()
    defined = tuple(
        match[1]
        for match in _DEFINED.finditer(lowered)
        if lowered[lowered.rfind(b"\n", 0, match.start()) + 1 : match.start()] in _BEFORE_KEY
    )
    if not defined:
        return FileNames((), frozenset(), is_library)
    return FileNames(defined, frozenset(name for used in _USED for name in used.findall(lowered)), is_library)


def reading_order(files: Sequence[FileNames]) -> list[int]:
    """The numbers of files in the order in which to read them: theirs, except that what a file names is before it.

    Where files name each other, the one that comes first in their own order is read last of them.
    """
    defining: dict[bytes, list[int]] = {}
    for number, file in enumerate(files):
        for name in file.defined:
            defining.setdefault(name, []).append(number)
    ordered = [number for number, file in enumerate(files) if file.is_library]
    seen = set(ordered)
    for first in range(len(files)):
        if first in seen:
            continue
        seen.add(first)
        pending = [(first, _named(files[first], defining))]
        while pending:
            number, named = pending[-1]
            while named and named[-1] in seen:
                named.pop()
            if named:
                following = named.pop()
                seen.add(following)
                pending.append((following, _named(files[following], defining)))
            else:
                ordered.append(number)
                pending.pop()
    return ordered


def _named(file: FileNames, defining: dict[bytes, list[int]]) -> list[int]:
    """The files that define what a file uses, the last one first."""
    return sorted({number for name in file.used for number in defining.get(name, ())}, reverse=True)
