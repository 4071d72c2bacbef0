"""Edits of the registry YAML that make it hold what PostgreSQL holds: for one discrepancy, or for many at once."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from specql_lsp.items.registry_file import EntityNode, RegistryFile
from specql_lsp.registry.consistency.matching import YamlNode
from specql_lsp.registry.model import Domain, Entity, RegistryNode, RegistryPath, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import number_key
from specql_lsp.registry.state import Discrepancy, DiscrepancyType
from specql_lsp.registry.yaml_edits.attributes import AttributeEdits
from specql_lsp.registry.yaml_edits.comparison import RegistrySides, collection_name
from specql_lsp.registry.yaml_edits.new_entities import NewEntities
from specql_lsp.registry.yaml_edits.required import put_keys
from specql_lsp.registry.yaml_edits.style import RegistryStyle
from specql_lsp.registry.yaml_edits.text import RegistryText
from specql_lsp.syntax.editing.copies import copied_mapping, copied_value
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.removal import removals
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.editing.values import ListValue, MapValue, RawScalar, TextScalar, YamlValue
from specql_lsp.syntax.merging import may_merge
from specql_lsp.syntax.nodes import Alias, Entry, Mapping, Node, walk
from specql_lsp.syntax.text import Span

REMOVALS = frozenset(
    {
        DiscrepancyType.MISSING_IN_POSTGRESQL,
        DiscrepancyType.MISSING_SUBDOMAIN_IN_POSTGRESQL,
        DiscrepancyType.MISSING_ENTITY_IN_POSTGRESQL,
    }
)
_ADDITIONS = frozenset(
    {
        DiscrepancyType.MISSING_IN_YAML,
        DiscrepancyType.MISSING_SUBDOMAIN_IN_YAML,
        DiscrepancyType.MISSING_ENTITY_IN_YAML,
    }
)


_MERGED = "It comes from a merge key (<<), and so belongs to another place, too: write it out here, then try again."


def keep_all_of_postgresql(
    document: RegistryText, discrepancies: Iterable[Discrepancy], postgresql: Snapshot, now: datetime
) -> tuple[TextEdit, ...]:
    """The smallest edits after which the YAML holds PostgreSQL's side of discrepancies, as many as go together.

    What is missing and what has other values comes first: while anything of that is left, nothing is removed, so that
    what is new finds its path and its style. Comparing again shows what is left (``resolution`` does). Empty where
    neither side has the node any more, and where the YAML's structure cannot be made out.

    Args:
        document: the registry YAML.
        discrepancies: what differs.
        postgresql: PostgreSQL's registry, from which whole blocks are written.
        now: what ``assigned_at`` says of a new entity whose time of allocation is not known.
    """
    registry = document.registry
    if registry is None or document.tree.broken:
        return ()
    given = list(discrepancies)
    edits = _RegistryEdits(document, registry, postgresql, now)
    put = _joined(edits.putting(d for d in given if d.type not in REMOVALS))
    return put or _joined(edits.removing(d for d in given if d.type in REMOVALS))


def why_not_in_yaml(document: RegistryText, discrepancy: Discrepancy, postgresql: Snapshot) -> str | None:
    """Why the YAML cannot be made to hold PostgreSQL's side; None where nothing is known to be in the way."""
    registry = document.registry
    if registry is None or not may_merge(document.text):
        return None
    path = RegistryPath(discrepancy.domain, discrepancy.subdomain, discrepancy.entity)
    sides = RegistrySides(document.tree, registry, postgresql)
    return _MERGED if sides.is_merged(path, of_node=discrepancy.type not in _ADDITIONS) else None


def with_domains(document: RegistryText) -> tuple[TextEdit, ...]:
    """The edits that give a registry YAML without domains an empty ``domains``; none where it has a mapping there."""
    registry = document.registry
    if registry is None or document.tree.broken:
        return ()
    holder = registry.domains_entry
    if holder is None:
        return _add_domains(YamlWriter(document.tree), registry, MapValue(()))
    if document.tree.mapping(holder.value) is not None:
        return ()
    return YamlWriter(document.tree).set_entries(holder, MapValue(()), in_flow=False)


class _Change(NamedTuple):
    """Edits that are made together or not at all; of those at one offset the lower ``order`` comes first."""

    order: tuple[int, int]
    edits: tuple[TextEdit, ...]


_Puts = dict[RegistryPath, list[tuple[str, YamlValue]]]
"""Keys and values to put into the bodies of nodes."""


class _RegistryEdits:
    def __init__(self, document: RegistryText, registry: RegistryFile, postgresql: Snapshot, now: datetime) -> None:
        self.sides = RegistrySides(document.tree, registry, postgresql)
        self._tree = document.tree
        self.writer = YamlWriter(document.tree)
        self.style = RegistryStyle(registry, self.writer)
        self.attributes = AttributeEdits(document.tree, self.writer, self.style)
        self.new_entities = NewEntities(document.tree, self.sides, now)
        self.thinned: set[RegistryPath] = set()
        self.merges = may_merge(document.text)

    def putting(self, discrepancies: Iterable[Discrepancy]) -> Iterator[_Change]:
        """What is missing in the YAML put in, what has another value changed."""
        aliases: dict[tuple[RegistryPath | None, RegistryPath | None], None] = {}
        children: dict[RegistryPath | None, list[RegistryPath]] = {}
        puts: _Puts = {}
        for discrepancy in discrepancies:
            path = RegistryPath(discrepancy.domain, discrepancy.subdomain, discrepancy.entity)
            alias = self.sides.alias(path, of_node=discrepancy.attribute is not None)
            if alias is not None:
                aliases[alias] = None
            elif self.merges and self.sides.is_merged(path, of_node=discrepancy.attribute is not None):
                continue
            elif discrepancy.type not in _ADDITIONS:
                yield from self._attribute(path, discrepancy, puts)
            elif self.sides.yaml_nodes.lacks(path, self.sides.postgresql_nodes):
                children.setdefault(path.parent, []).append(path)
        yield from (self._written_out(*alias) for alias in aliases)
        for parent, paths in children.items():
            yield from self._add(parent, paths, puts)
        for path, entries in puts.items():
            # A body from which something is removed gets its additions in the next round: they could be adjacent.
            if path not in self.thinned:
                yield from self._put(path, entries)

    def removing(self, discrepancies: Iterable[Discrepancy]) -> Iterator[_Change]:
        """What PostgreSQL lacks taken out of the YAML."""
        aliases: dict[tuple[RegistryPath | None, RegistryPath | None], None] = {}
        doomed: dict[RegistryPath | None, list[Entry]] = {}
        for discrepancy in discrepancies:
            path = RegistryPath(discrepancy.domain, discrepancy.subdomain, discrepancy.entity)
            alias = self.sides.alias(path, of_node=False)
            node = self.sides.yaml_nodes.get(path)
            if alias is not None:
                aliases[alias] = None
            elif node is not None and not (self.merges and self.sides.is_merged(path, of_node=True)):
                doomed.setdefault(path.parent, []).append(node.entry)
        aliases.update(self._sharing([entry.span for found in doomed.values() for entry in found]))
        yield from (self._written_out(*alias) for alias in aliases)
        if aliases and self._tree.anchors:  # what is written out is to be a copy of what there is now
            return
        needed = list(self._needed([entry.span for found in doomed.values() for entry in found]))
        if needed:  # the rest goes in the next round
            yield from needed
            return
        for parent, found in doomed.items():
            siblings = self.sides.collection(parent)
            # An earlier entry with the same key would be read instead, so it is removed, too. A key that is no text,
            # as one with a tag, has no name.
            spans, names = {entry.span for entry in found}, {entry.name for entry in found} - {None}
            written = siblings.entries if siblings is not None else ()
            entries = [entry for entry in written if entry.span in spans or entry.name in names]
            if siblings is not None and entries:
                yield _Change((0, 0), removals(self.writer, siblings, entries, self.sides.holder(parent)))

    # Aliases

    def _written_out(self, parent: RegistryPath | None, child: RegistryPath | None) -> _Change:
        """An alias replaced by a copy of what it refers to; by what PostgreSQL has at its path where that is gone."""
        node = self.sides.yaml_nodes.get(child) if child is not None else None
        registered = self.sides.postgresql_nodes.get(child) if child is not None else None
        if node is None or registered is None:
            holder = self.sides.holder(parent)
            assert holder is not None  # noqa: S101 - its value is the alias
            copy = self._copy(holder)
            if copy is not None:
                return _Change((0, 0), self.writer.set_entries(holder, copy, in_flow=self.sides.is_in_flow(parent)))
            entries = self._entries(self.sides.children_in_postgresql(parent), ())
            edits = self.writer.set_entries(holder, entries, in_flow=self.sides.is_in_flow(parent))
            return _Change((0, 0), edits)
        siblings = self.sides.collection(parent)
        in_flow = siblings is not None and siblings.flow
        written = self._copy(node.entry) or self._block(registered)
        return _Change((0, 0), self.writer.set_entries(node.entry, written, in_flow=in_flow))

    def _copy(self, entry: Entry) -> MapValue | None:
        """What the alias refers to that is the value of an entry: also what of it only the YAML contains."""
        found = self._tree.written_mapping(entry.value)
        copy = copied_mapping(self._tree, found) if found is not None else None
        return copy if copy is not None and copy.entries else None

    def _sharing(
        self, doomed: Sequence[Span]
    ) -> Iterator[tuple[tuple[RegistryPath | None, RegistryPath | None], None]]:
        """The aliases through which what is to be removed is at other places, too, where PostgreSQL has it."""
        spans = frozenset(doomed) if self._tree.anchors else frozenset()
        for path, node in self.sides.yaml_nodes.items() if spans else ():
            if node.entry.span in spans and self.sides.postgresql_nodes.get(path) is not None:
                alias = self.sides.alias(path, of_node=False)
                if alias is not None:
                    yield alias, None

    def _needed(self, doomed: Sequence[Span]) -> Iterator[_Change]:
        """Aliases replaced by copies of what they refer to, where that is to be removed."""
        gone = [name for name, node in self._tree.anchors.items() if _within(node.span, doomed)]
        for mapping, entry in _entries_of(self._tree.root) if gone else ():
            if isinstance(entry.value, Alias) and entry.value.name in gone and not _within(entry.span, doomed):
                copy = self._copy(entry)
                value = copied_value(self._tree, self._tree.anchors[entry.value.name], entry.value)
                if copy is not None:
                    yield _Change((0, 0), self.writer.set_entries(entry, copy, in_flow=mapping.flow))
                elif isinstance(value, TextScalar | RawScalar):
                    yield _Change((0, 0), self.writer.set_scalar(entry, value, in_flow=mapping.flow))
                elif isinstance(value, ListValue):
                    yield _Change((0, 0), self.writer.set_flow(entry, value, in_flow=mapping.flow))

    # Putting in

    def _add(self, parent: RegistryPath | None, paths: Sequence[RegistryPath], puts: _Puts) -> Iterator[_Change]:
        """Adds what PostgreSQL has at paths under one parent of the YAML."""
        keys = {path.entity or path.subdomain or path.domain for path in paths}
        nodes = [registered for registered in self.sides.children_in_postgresql(parent) if registered[0] in keys]
        siblings = self.sides.children_in_yaml(parent)
        holder, mapping = self.sides.holder(parent), self.sides.collection(parent)
        own = self.sides.own_children(parent) if self.merges else siblings
        order = -_depth(parent)
        if holder is None:
            entries = self._entries(nodes, siblings)
            if parent is None:
                yield _Change((order, 0), _add_domains(self.writer, self.sides.registry, entries))
            else:
                puts.setdefault(parent, []).append((collection_name(parent), entries))
        elif mapping is None or not mapping.entries:
            in_flow = self.sides.is_in_flow(parent)
            yield _Change((order, 0), self.writer.set_entries(holder, self._entries(nodes, siblings), in_flow=in_flow))
        else:
            for index, registered in enumerate(nodes):
                after = _after(own, registered)
                key, value = self._key(registered, siblings), self._block(registered)
                yield _Change((order, index), self.writer.add(mapping, key, value, after=after, holder=holder))

    def _attribute(self, path: RegistryPath, discrepancy: Discrepancy, puts: _Puts) -> Iterator[_Change]:
        node, attribute, value = self.sides.yaml_nodes.get(path), discrepancy.attribute, discrepancy.postgresql_value
        if node is None or attribute is None:
            return
        edits: tuple[TextEdit, ...] | None = None
        own = self.sides.written_body(node)
        if own is not None:
            edits = self.attributes.changed(node.entry, own, attribute, value)
        elif isinstance(node, EntityNode) and attribute == "table_code":
            # Nothing is there, or a code alone, which SpecQL cannot read.
            known = self.sides.postgresql_nodes.get(path)
            entity = known if isinstance(known, Entity) else Entity(node.name.value, str(value or ""))
            edits = self.writer.set_entries(node.entry, self._block(entity), in_flow=self._stands_in_flow(path))
        written = self.attributes.written(attribute, value)
        if edits is not None:
            if written is None:
                self.thinned.add(path)
            yield _Change((-_depth(path), 0), edits)
        elif written is not None:
            puts.setdefault(path, []).append((attribute, written))

    def _put(self, path: RegistryPath, entries: Sequence[tuple[str, YamlValue]]) -> Iterator[_Change]:
        """Puts new entries into a node's body, each at its usual position; makes the body if need be."""
        node = self.sides.yaml_nodes.get(path)
        if node is None:
            return
        order = -_depth(path) + 1
        own = self.sides.written_body(node)
        for rank, edits in put_keys(self.writer, node.entry, own, entries, in_flow=self._stands_in_flow(path)):
            yield _Change((order, rank), edits)

    def _stands_in_flow(self, path: RegistryPath) -> bool:
        siblings = self.sides.collection(path.parent)
        return siblings is not None and siblings.flow

    # What PostgreSQL has, as it is written

    def _entries(self, nodes: Iterable[RegistryNode], siblings: Sequence[YamlNode]) -> MapValue:
        return MapValue(tuple((self._key(registered, siblings), self._block(registered)) for registered in nodes))

    def _key(self, registered: RegistryNode, siblings: Sequence[YamlNode]) -> TextScalar:
        if isinstance(registered, Entity):
            return TextScalar(registered.name)
        numbered = [node for node in siblings[:1] if not isinstance(node, EntityNode)]
        return TextScalar(
            registered.number, self.style.number_quotes(numbered, is_domain=isinstance(registered, Domain))
        )

    def _block(self, registered: RegistryNode) -> MapValue:
        complete = self.new_entities.complete(registered)
        match complete:
            case Domain():
                return self.style.domain_block(complete)
            case Subdomain():
                return self.style.subdomain_block(complete)
            case _:
                return self.style.entity_value(complete)


def _add_domains(writer: YamlWriter, registry: RegistryFile, entries: MapValue) -> tuple[TextEdit, ...]:
    """The key ``domains`` in a document that lacks it."""
    root = registry.root
    if root is not None and root.entries:
        return writer.add(root, TextScalar("domains"), entries, after=root.entries[-1])
    end = len(writer.text)
    lines = writer.block_lines(TextScalar("domains"), entries, 0)
    new_text = "".join(line + writer.line_break for line in lines)
    starts_line = writer.column(end) == 0
    return (writer.edit(end, end, new_text if starts_line else writer.line_break + new_text),)


def _joined(changes: Iterable[_Change]) -> tuple[TextEdit, ...]:
    """The edits of all changes that do not touch what an earlier one replaces, in the order of the text."""
    taken: list[Span] = []
    edits: list[TextEdit] = []
    for change in sorted(changes, key=lambda change: change.order):
        if not any(_overlaps(taken, edit.span) for edit in change.edits):
            edits += change.edits
            for edit in change.edits:
                insort(taken, edit.span)
    return tuple(sorted(edits, key=lambda edit: edit.span))


def _overlaps(taken: list[Span], span: Span) -> bool:
    """Whether a span shares a character with one of those taken, or one lies inside the other; ends may touch."""
    # None of those taken overlap, so that the last one to begin before the span's end ends last.
    index = bisect_left(taken, Span(span.end, -1))
    return index > 0 and span.start < taken[index - 1].end


def _within(span: Span, others: Iterable[Span]) -> bool:
    """Whether a span is in one of others."""
    return any(other.start <= span.start and span.end <= other.end for other in others)


def _entries_of(root: Node | None) -> Iterator[tuple[Mapping, Entry]]:
    """Every entry of a document as it is written, with its mapping."""
    for node in walk(root) if root is not None else ():
        if isinstance(node, Mapping):
            yield from ((node, entry) for entry in node.entries)


def _depth(parent: RegistryPath | None) -> int:
    """How deep in the document the children of a parent are (and the items of its aliases); its body is one less."""
    if parent is None:
        return 0
    return 2 if parent.subdomain is None else 4


def _after(siblings: Sequence[YamlNode], registered: RegistryNode) -> Entry | None:
    """The sibling after which a new node is inserted: the last one with a smaller number; entities come last."""
    if isinstance(registered, Entity):
        return siblings[-1].entry if siblings else None
    key, found = number_key(registered.number), None
    for sibling in siblings:
        if not isinstance(sibling, EntityNode) and number_key(sibling.number.value) < key:
            found = sibling.entry
    return found
