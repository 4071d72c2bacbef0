"""The values of a registry YAML that would be lost or read differently: by our reader, or by SpecQL's, PyYAML.

Reading never fails and leaves out what has another shape than expected (``items.registry_file``). Only what a database
can hold is checked: what only the YAML defines (layers, short codes) may have any shape.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from typing import ClassVar

from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.registry.sources.yaml.findings import RegistryFinding, Rule
from specql_lsp.registry.sources.yaml.lowering import SEQUENCE_KEYS, TRUE_TEXTS, integer_of
from specql_lsp.syntax import nodes, yaml11
from specql_lsp.syntax.implicit_typing import is_changed, misreading
from specql_lsp.syntax.nodes import TEXT_TAGS, Entry, Node, Scalar, Sequence
from specql_lsp.syntax.pyyaml.differences import unread_text
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree


def shape_findings(registry: RegistryFile, tree: SyntaxTree) -> tuple[RegistryFinding, ...]:
    """Every finding of a registry YAML whose structure is understood, in the order of the text."""
    # The value of several aliases is checked once for each of them.
    return tuple(sorted(set(_ShapeCheck(tree).findings(registry)), key=lambda found: (found.span, found.message)))


_FALSE_TEXTS = frozenset({"no", "false", "off"})


class _ShapeCheck:
    def __init__(self, tree: SyntaxTree) -> None:
        self.tree = tree

    def findings(self, registry: RegistryFile) -> Iterator[RegistryFinding]:
        root = registry.root
        if root is not None:
            yield from self._repeated(root, {"domains"})
        entry = registry.domains_entry
        if entry is None:
            yield _not_read(Span(0, 0), "The key domains is missing: a registry holds its domains under it.")
        elif self.tree.mapping(entry.value) is None:
            yield _not_read(_span(entry), "The key domains must hold a mapping from domain numbers to domains.")
        else:
            yield from self._children(entry, "domain")
            for fault in unread_text(self.tree, entry):
                yield _not_read(fault.span, fault.message)

    def _children(self, holder: Entry, kind: str) -> Iterator[RegistryFinding]:
        """The domains, subdomains or entities of a collection."""
        collection = self.tree.mapping(holder.value)
        if collection is None:
            if not _is_nothing(self.tree.resolve(holder.value)):
                yield RegistryFinding(
                    _span(holder),
                    Rule.NOT_READ,
                    f"The key {holder.name} must hold a mapping; this value is not read.",
                )
            return
        first: dict[str, Entry] = {}
        for entry in collection.entries:
            key = entry.key
            if not isinstance(key, Scalar):
                continue  # every other shape is refused anywhere
            if yaml11.is_null(key):
                yield _not_read(key.span, f"This {kind} has no {'name' if kind == 'entity' else 'number'}.")
            else:
                yield from self._misread(key)
                earlier = first.setdefault(key.value, entry)
                if earlier is not entry:
                    yield self._twice(key, earlier)
                yield from self._child(entry, key, kind)

    def _subdomains(self, entry: Entry) -> Iterator[RegistryFinding]:
        return self._children(entry, "subdomain")

    def _entities(self, entry: Entry) -> Iterator[RegistryFinding]:
        return self._children(entry, "entity")

    def _child(self, entry: Entry, key: Scalar, kind: str) -> Iterator[RegistryFinding]:
        value = self.tree.mapping(entry.value) or self.tree.resolve(entry.value)
        if isinstance(value, nodes.Mapping):
            known = self._attributes[kind]
            yield from self._repeated(value, known.keys())
            for attribute in value.entries:
                check = known.get(attribute.name or "")
                if check is not None:
                    yield from check(self, attribute)
        elif kind == "entity" and isinstance(value, Scalar):
            yield from self._code_scalar(value)
        elif not _is_nothing(value):
            holds = "neither a table code nor a mapping" if kind == "entity" else "no mapping"
            yield _not_read(_span(entry), f"The {kind} {key.value} holds {holds}; this value is not read.")

    def _repeated(self, mapping: nodes.Mapping, names: Container[str]) -> Iterator[RegistryFinding]:
        first: dict[str, Entry] = {}
        for entry in mapping.entries:
            if isinstance(entry.key, Scalar) and entry.key.value in names:
                earlier = first.setdefault(entry.key.value, entry)
                if earlier is not entry:
                    yield self._twice(entry.key, earlier)

    def _twice(self, key: Scalar, earlier: Entry) -> RegistryFinding:
        line = self.tree.lines.line_of(earlier.span.start) + 1
        message = f"The key {key.value} is already on line {line}: SpecQL keeps only the last value. Delete one."
        return RegistryFinding(key.span, Rule.REPEATED_KEY, message)

    # Values

    def _text(self, entry: Entry) -> Iterator[RegistryFinding]:
        value = self.tree.resolve(entry.value)
        if isinstance(value, Scalar):
            yield from self._misread(value)
        elif value is not None:
            yield _not_read(_span(entry), f"The key {entry.name} must hold a text; this value is not read.")

    def _texts(self, entry: Entry) -> Iterator[RegistryFinding]:
        value = self.tree.resolve(entry.value)
        if isinstance(value, Sequence):
            for item in value.items:
                if isinstance(item, Scalar):
                    yield from self._misread(item)
                else:
                    yield RegistryFinding(
                        item.span,
                        Rule.NOT_READ,
                        f"Every item of {entry.name} must be a text; this value is not read.",
                    )
        elif not _is_nothing(value):
            yield _not_read(_span(entry), f"The key {entry.name} must hold a list of texts.")

    def _flag(self, entry: Entry) -> Iterator[RegistryFinding]:
        value = self.tree.resolve(entry.value)
        if _is_nothing(value):
            return
        words = TRUE_TEXTS | _FALSE_TEXTS
        if not isinstance(value, Scalar) or (
            value.value.lower() not in words and yaml11.integer(value.value) not in {0, 1}
        ):
            yield _not_read(_span(entry), f"The key {entry.name} must be true or false.")

    def _integer(self, entry: Entry) -> Iterator[RegistryFinding]:
        value = self.tree.resolve(entry.value)
        if not _is_nothing(value) and integer_of(value) is None:
            yield _not_read(_span(entry), f"The key {entry.name} must be an integer; this value is not read.")

    def _code(self, entry: Entry) -> Iterator[RegistryFinding]:
        value = entry.value
        if isinstance(value, Scalar):
            yield from self._code_scalar(value)
        elif value is not None:
            yield _not_read(_span(entry), "The table code must be a text; this value is not read.")

    def _code_scalar(self, scalar: Scalar) -> Iterator[RegistryFinding]:
        if not yaml11.is_null(scalar):
            yield from _tagged(scalar, Rule.MISREAD_CODE)
            misread = misreading(scalar)
            if misread is not None:
                yield RegistryFinding(
                    scalar.span,
                    Rule.MISREAD_CODE,
                    f"YAML 1.1 reads the table code {scalar.value} as {misread}; quote it.",
                )

    def _misread(self, scalar: Scalar) -> Iterator[RegistryFinding]:
        """A text that SpecQL gets as another one."""
        yield from _tagged(scalar, Rule.NOT_READ)
        if is_changed(scalar) and not yaml11.is_null(scalar):
            yield RegistryFinding(
                scalar.span, Rule.MISREAD_TEXT, f"YAML 1.1 reads {scalar.value} as {misreading(scalar)}; quote it."
            )

    # Functions, not methods of one check: that would hold itself, and with it the whole tree, until the garbage
    # collector comes, which does not look at a large tree.
    _attributes: ClassVar[Mapping[str, Mapping[str, Callable[[_ShapeCheck, Entry], Iterator[RegistryFinding]]]]] = {
        "domain": {
            "name": _text,
            "description": _text,
            "multi_tenant": _flag,
            "aliases": _texts,
            "subdomains": _subdomains,
        },
        "subdomain": {
            "name": _text,
            "description": _text,
            "next_entity_sequence": _integer,
            "entities": _entities,
        },
        "entity": {"table_code": _code, **dict.fromkeys(SEQUENCE_KEYS, _integer)},
    }
    """What is checked of an attribute, by the kind of what has it."""


def _is_nothing(node: Node | None) -> bool:
    """Whether nothing would be lost with a node: it is missing, null or an empty collection."""
    if isinstance(node, Scalar):
        return yaml11.is_null(node)
    if isinstance(node, Sequence):
        return not node.items
    return node is None or (isinstance(node, nodes.Mapping) and not node.entries)


def _span(entry: Entry) -> Span:
    return entry.value.span if entry.value is not None else entry.key.span


def _tagged(scalar: Scalar, rule: Rule) -> Iterator[RegistryFinding]:
    if scalar.tag not in TEXT_TAGS:
        yield RegistryFinding(scalar.span, rule, f"The tag {scalar.tag} is not read here: take it away.")


def _not_read(span: Span, message: str) -> RegistryFinding:
    return RegistryFinding(span, Rule.NOT_READ, message)
