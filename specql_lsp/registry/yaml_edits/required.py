"""Edits that give a registry YAML what SpecQL needs in order to read it. What is there already stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from specql_lsp.items.registry_file import EntityNode, RegistryFile, SubdomainNode
from specql_lsp.language import table_code as codes
from specql_lsp.language.key_order import REGISTRY_ORDER
from specql_lsp.registry.consistency.counters import next_sequence
from specql_lsp.registry.consistency.matching import PathIndex, registry_nodes_by_path
from specql_lsp.registry.model import Entity, RegistryNode, RegistryPath, Subdomain
from specql_lsp.registry.serialization import timestamp
from specql_lsp.registry.short_codes import ShortCodes
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.findings import RegistryFinding, Repair
from specql_lsp.registry.sources.yaml.lowering import integer_of
from specql_lsp.registry.sources.yaml.specql_needs import LISTS, specql_findings
from specql_lsp.registry.yaml_edits.style import RegistryStyle
from specql_lsp.registry.yaml_edits.text import RegistryText
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.editing.values import (
    ListValue,
    MapValue,
    Quotes,
    RawScalar,
    TextScalar,
    YamlValue,
    write,
    write_flow,
)
from specql_lsp.syntax.implicit_typing import misreading
from specql_lsp.syntax.nodes import Entry, Mapping, Scalar, ScalarStyle
from specql_lsp.syntax.yaml11 import is_null, quote


def required(
    document: RegistryText,
    now: datetime,
    known: Snapshot | None = None,
    chosen: Iterable[RegistryFinding] | None = None,
) -> tuple[TextEdit, ...]:
    """The edits after which SpecQL reads a registry YAML, in the order of the text.

    Args:
        document: the registry YAML.
        now: what ``assigned_at`` says of an entity whose time of allocation is not known.
        known: a registry that may know what the YAML lacks.
        chosen: the findings to repair, of those that ``specql_needs.specql_findings`` gives; None for all of them.

    Names and table codes are never made up: without a registry that knows them, they stay missing. Empty where nothing
    is missing, and where the YAML's structure cannot be made out.
    """
    registry = document.registry
    if registry is None or document.tree.broken or document.tree.has_problems:
        return ()
    edits = _Required(document, registry, now, known)
    findings = specql_findings(registry, document.tree) if chosen is None else chosen
    repairs = (finding.repair for finding in findings if finding.repair is not None)
    return tuple(sorted((edit for repair in repairs for edit in edits.of(repair)), key=lambda edit: edit.span))


def addable(repair: Repair, known: Snapshot | None) -> tuple[str, ...]:
    """The missing keys of a node that ``required`` adds: a name and a table code only where a registry knows them."""
    if known is not None and repair.path is not None and registry_nodes_by_path(known).get(repair.path) is not None:
        return repair.missing
    return tuple(name for name in repair.missing if name not in {"name", "table_code"})


def put_keys(
    writer: YamlWriter, holder: Entry, body: Mapping | None, keys: Iterable[tuple[str, YamlValue]], *, in_flow: bool
) -> Iterator[tuple[int, tuple[TextEdit, ...]]]:
    """Puts new keys into the body of a domain, subdomain or entity, each at its usual position.

    Args:
        writer: the document's.
        holder: the node's entry.
        body: the node's mapping; one is made if there is none, or an empty one.
        keys: the keys with their values.
        in_flow: whether the node is in a flow mapping.

    Returns:
        The rank of each key in the usual order, and its edits.
    """
    ordered = sorted(keys, key=lambda key: _rank(key[0]))
    if body is None or not body.entries:
        entries = MapValue(tuple((TextScalar(name), value) for name, value in ordered))
        yield 0, writer.set_entries(holder, entries, in_flow=in_flow)
        return
    for name, value in ordered:
        rank = _rank(name)
        lower = [entry for entry in body.entries if entry.name is not None and _rank(entry.name) < rank]
        after = lower[-1] if lower else None
        yield rank, writer.add(body, TextScalar(name), value, after=after, holder=holder)


def _rank(name: str) -> int:
    return REGISTRY_ORDER.index(name) if name in REGISTRY_ORDER else len(REGISTRY_ORDER)


class _Required:
    def __init__(self, document: RegistryText, registry: RegistryFile, now: datetime, known: Snapshot | None) -> None:
        self._tree = document.tree
        self._registry = registry
        self._writer = YamlWriter(document.tree)
        self._style = RegistryStyle(registry, self._writer)
        self._codes = ShortCodes(registry, document.tree)
        self._now = timestamp(now)
        self._known = registry_nodes_by_path(known) if known is not None else PathIndex[RegistryNode](())
        self._done: set[tuple[int, str]] = set()

    def of(self, repair: Repair) -> tuple[TextEdit, ...]:
        """The edits for one repair; empty if only the author can know what is missing."""
        if repair.unquoted is not None:
            return (self._writer.edit(*repair.unquoted.span, quote(repair.unquoted.value)),)
        if repair.unusable is not None:
            return self._replaced(repair, repair.unusable)
        node = repair.node
        if node is None:
            return ()
        keys = list(self._keys(repair))
        if isinstance(node, EntityNode) and node.body is None and node.code is not None and not is_null(node.code):
            return self._wrapped(node.entry, node.code, keys)
        written = self._tree.written_mapping(node.entry.value) if node.body is not None else None
        # The value of several aliases is completed once.
        at = (written or node.entry).span.start
        new = [(name, value) for name, value in keys if (at, name) not in self._done]
        self._done.update((at, name) for name, _ in new)
        if not new:
            return ()
        put = put_keys(self._writer, node.entry, written, new, in_flow=repair.in_flow)
        return tuple(edit for _, edits in put for edit in edits)

    def _replaced(self, repair: Repair, entry: Entry) -> tuple[TextEdit, ...]:
        if (entry.span.start, "") in self._done:
            return ()
        self._done.add((entry.span.start, ""))
        if entry.name == "next_entity_sequence":
            written = integer_of(self._tree.resolve(entry.value))
            number = written if written is not None else self._next_sequence(repair.path)
            return self._writer.set_flow(entry, RawScalar(str(number)), in_flow=repair.in_flow)
        if entry.name == "schema_layers" and repair.path is None:
            layers = ((TextScalar(layer, Quotes.SINGLE), TextScalar(name)) for layer, name in codes.DEFAULT_LAYERS)
            return self._writer.set_entries(entry, MapValue(tuple(layers)), in_flow=repair.in_flow)
        empty: ListValue | MapValue = ListValue((), flow=True) if entry.name in LISTS else MapValue(())
        return self._writer.set_flow(entry, empty, in_flow=repair.in_flow)

    def _wrapped(self, entry: Entry, code: Scalar, keys: Sequence[tuple[str, YamlValue]]) -> tuple[TextEdit, ...]:
        """A mapping in flow style around a code without a mapping: its quotes, anchor and comment stay."""
        rest = "".join(f", {name}: {write_flow(value)}" for name, value in keys) + "}"
        writer, text = self._writer, self._writer.text
        if entry.value is not code:  # the code is the value of an alias
            code_text = write(self._style.code_text(code.value), in_flow=True)
            return (writer.edit(writer.after_colon(entry), _end(entry), f" {{table_code: {code_text}{rest}"),)
        end = writer.content_end(code.span)
        start = writer.value_start(entry)
        before = writer.edit(start, start, "{table_code: ")
        as_it_is = code.style not in _BLOCK_STYLES and "\n" not in text[code.span.start : end]
        if as_it_is and (not code.is_plain or (code.value.isalnum() and misreading(code) is None)):
            return before, writer.edit(end, end, rest)
        return before, writer.edit(code.span.start, end, quote(code.value) + rest)

    def _keys(self, repair: Repair) -> Iterator[tuple[str, YamlValue]]:
        known = self._known.get(repair.path) if repair.path is not None else None
        for name in repair.missing:
            match name:
                case "entity_code" if isinstance(repair.node, EntityNode):
                    given = known.entity_code if isinstance(known, Entity) else None
                    yield name, TextScalar(self._codes.give(repair.node.name.value, given))
                case "assigned_at":
                    given = known.assigned_at if isinstance(known, Entity) else None
                    yield name, TextScalar(given or self._now, Quotes.SINGLE)
                case "table_code":
                    if isinstance(known, Entity):
                        yield name, self._style.code_text(known.table_code)
                case "next_entity_sequence":
                    yield name, RawScalar(str(self._next_sequence(repair.path)))
                case "description":
                    text = known.description if known is not None and not isinstance(known, Entity) else None
                    yield name, TextScalar(text or "", self._style.text_quotes(name))
                case "name" if known is not None:
                    yield name, TextScalar(known.name, self._style.text_quotes(name))

    def _next_sequence(self, path: RegistryPath | None) -> int:
        """The registry's counter; without one the sequence behind the highest that a code of the subdomain has."""
        known = self._known.get(path) if path is not None else None
        if isinstance(known, Subdomain):
            return next_sequence(known)
        node = self._registry.subdomain(path.domain, path.subdomain) if path and path.subdomain else None
        return max(_sequences(path, node), default=0) + 1 if path is not None and node is not None else 1


_BLOCK_STYLES = frozenset({ScalarStyle.LITERAL, ScalarStyle.FOLDED})


def _sequences(path: RegistryPath, node: SubdomainNode) -> Iterator[int]:
    start = codes.LAYER_LENGTH + len(path.domain) + len(path.subdomain or "")
    for entity in node.entities:
        if entity.code is not None and codes.is_well_formed(entity.code.value) and start < codes.CODE_LENGTH:
            yield int(entity.code.value[start:], 16)


def _end(entry: Entry) -> int:
    assert entry.value is not None  # noqa: S101 - the caller has a value
    return entry.value.span.end
