"""Mappings as PyYAML reads them: with what ``<<`` merges into them, and with what aliases refer to.

Source: ``flatten_mapping`` of PyYAML's safe constructor, version 6.0.4. A mapping's own keys are stronger than merged
ones. Of mappings that are merged together the last one is stronger; for keys of one character, which it takes for keys
that it has merged already, the first one. Up to version 6.0.3 the first one of a list is stronger for all keys.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from collections.abc import Mapping as Table

from specql_lsp.syntax.nodes import TEXT_TAGS, Alias, Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.pyyaml.implicit_types import ImplicitType, implicit_type, value_of

MERGE_KEY = "<<"


def is_merge(entry: Entry) -> bool:
    """Whether an entry merges other mappings into its own: its key is a plain ``<<``, or has the tag of one."""
    key = entry.key
    if not isinstance(key, Scalar):
        return False
    return key.tag == "!!merge" or (key.value == MERGE_KEY and key.is_plain and key.tag is None)


def may_merge(text: str) -> bool:
    """Whether a text has a merge key anywhere; also where it only has the signs of one."""
    return MERGE_KEY in text or "!!merge" in text


def key_value(scalar: Scalar) -> Hashable:
    """What PyYAML makes of a scalar as a key: two keys of a mapping are the same where these are equal.

    As in Python, ``1``, ``1.0`` and ``true`` are equal. What PyYAML refuses is the text itself. Of keys with a tag that
    makes no text of them, those with the same tag and text are equal.
    """
    if scalar.tag not in TEXT_TAGS:
        return scalar.tag, scalar.value
    if not scalar.is_plain or scalar.tag is not None:
        return scalar.value
    kind = implicit_type(scalar.value)
    if kind is ImplicitType.STRING:
        return scalar.value
    try:
        return value_of(scalar.value, kind)
    except ValueError:
        return scalar.value


def resolved(node: Node | None, anchors: Table[str, Node]) -> Node | None:
    """The node itself, or what an alias refers to; None for an alias without an anchor."""
    seen: set[str] = set()
    while isinstance(node, Alias):
        if node.name in seen:
            return None
        seen.add(node.name)
        node = anchors.get(node.name)
    return node


class Merging:
    """The mappings of one document as they are read; each is worked out once.

    Args:
        anchors: the nodes with an anchor.
        may_merge: whether the document's text has a merge key anywhere.
    """

    __slots__ = ("_anchors", "_is_plain", "_known", "_merged", "_read")

    def __init__(self, anchors: Table[str, Node], *, may_merge: bool) -> None:
        self._anchors = anchors
        self._is_plain = not anchors and not may_merge
        self._known: dict[int, tuple[Mapping, tuple[Entry, ...]]] = {}
        self._merged: dict[int, list[Mapping]] = {}
        """What mappings merge that are being read."""
        self._read: dict[int, tuple[Mapping, Mapping]] = {}

    def read(self, mapping: Mapping) -> Mapping:
        """The mapping with merged entries before its own, without those that another one replaces.

        An alias of a scalar, as a key or as a value, is that scalar with the alias's span; an alias of a collection
        stays. Merged entries keep their spans, which are where they are written.
        """
        if self._is_plain or not any(map(_is_indirect, mapping.entries)):
            return mapping
        known = self._read.get(id(mapping))
        if known is None:
            entries = self._flattened(mapping)
            own = sum(not is_merge(entry) for entry in mapping.entries)
            known = self._read[id(mapping)] = (mapping, self._entries(mapping, entries[: len(entries) - own]))
        return known[1]

    def _entries(self, mapping: Mapping, merged: tuple[Entry, ...]) -> Mapping:
        own = [self._entry(entry) for entry in mapping.entries if not is_merge(entry)]
        replaced = {key_value(entry.key) for entry in own if isinstance(entry.key, Scalar)}
        kept: dict[Hashable, Entry] = {}
        for entry in map(self._entry, merged):
            key = key_value(entry.key) if isinstance(entry.key, Scalar) else None
            if key not in replaced:
                kept.pop(key, None)
                kept[key] = entry
        return mapping._replace(content=(*kept.values(), *own))

    def _flattened(self, mapping: Mapping) -> tuple[Entry, ...]:
        """The entries as ``flatten_mapping`` leaves them: merged ones, among them those that others replace, then own.

        Each mapping is read when all that it merges are, however long the chain is.
        """
        pending = [mapping]
        while pending:
            node = pending[-1]
            known = self._known.get(id(node))
            if known is None:
                # Its own entries, for a mapping that merges itself.
                self._known[id(node)] = (node, tuple(entry for entry in node.entries if not is_merge(entry)))
                merged = [each for entry in node.entries if is_merge(entry) for each in self._targets(entry.value)]
                if merged:
                    self._merged[id(node)] = merged
                    pending += [each for each in reversed(merged) if id(each) not in self._known]
                    continue
            targets = self._merged.pop(id(node), None)
            if targets is not None:
                self._known[id(node)] = (node, self._with_merged(targets, self._known[id(node)][1]))
            pending.pop()
        return self._known[id(mapping)][1]

    def _with_merged(self, targets: list[Mapping], own: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """What is merged, and then a mapping's own entries.

        PyYAML tells whether a pair has been merged already by the identity of its key's text.
        """
        merged: dict[Hashable, Entry] = {}
        for target in targets:
            for each in self._known[id(target)][1]:
                merged.setdefault(self._identity(each.key), each)
        return (*merged.values(), *own)

    def _identity(self, key: Node) -> Hashable:
        """What keys have in common whose texts are one object to Python: those of one character of Latin-1 are."""
        found = resolved(key, self._anchors)
        if isinstance(found, Scalar) and len(found.value) <= 1 and found.value <= "\xff":
            return found.value
        return id(found)

    def _targets(self, node: Node | None) -> Iterator[Mapping]:
        node = resolved(node, self._anchors)
        for each in node.items if isinstance(node, Sequence) else (node,):
            found = resolved(each, self._anchors)
            if isinstance(found, Mapping):
                yield found

    def _entry(self, entry: Entry) -> Entry:
        if isinstance(entry.key, Alias) or isinstance(entry.value, Alias):
            key = self._scalar(entry.key)
            return Entry(entry.span, key if key is not None else entry.key, self._scalar(entry.value))
        return entry

    def _scalar(self, node: Node | None) -> Node | None:
        """The scalar that an alias refers to, at the alias's place; any other node itself."""
        if isinstance(node, Alias):
            found = resolved(node, self._anchors)
            if isinstance(found, Scalar):
                return found._replace(span=node.span)
        return node


def _is_indirect(entry: Entry) -> bool:
    return isinstance(entry.key, Alias) or isinstance(entry.value, Alias) or is_merge(entry)
