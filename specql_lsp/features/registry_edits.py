"""Edits of the registry YAML that make it hold what PostgreSQL holds, one discrepancy at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from specql_lsp.features.model import Edit
from specql_lsp.features.registry_style import Numbered, RegistryStyle, code_text
from specql_lsp.features.yaml_edits import Entries, Items, Layout, Quotes, Raw, Text, Written, quotes_of, write_flow
from specql_lsp.language.registry_file import DomainNode, EntityNode, RegistryFile, SubdomainNode
from specql_lsp.language.yaml11 import is_null
from specql_lsp.registry.model import Discrepancy, DiscrepancyType, Domain, Entity, Snapshot, Subdomain, Value
from specql_lsp.registry.yaml_snapshot import number_key
from specql_lsp.syntax.nodes import Alias, Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.workspace.documents import Document

_ORDER = (
    "name", "description", "aliases", "multi_tenant", "next_entity_sequence", "table_code", "entity_code",
    "assigned_at", "sequence", "subdomains", "entities",
)  # fmt: skip
_SEQUENCE_KEYS = ("sequence", "entity_sequence")
_DIGITS = ("table_code",)


def keep_postgresql(document: Document, discrepancy: Discrepancy, postgresql: Snapshot) -> tuple[Edit, ...]:
    """The smallest edits after which the YAML holds PostgreSQL's side of a discrepancy.

    Args:
        document: the registry YAML.
        discrepancy: what differs.
        postgresql: PostgreSQL's registry, from which whole blocks are written.

    Empty where neither side has the thing any more, and where the YAML's structure cannot be made out.
    """
    registry = document.registry
    if registry is None or document.tree.broken:
        return ()
    return _Resolution(document, registry, discrepancy, postgresql).edits()


class _Resolution:
    def __init__(
        self, document: Document, registry: RegistryFile, discrepancy: Discrepancy, postgresql: Snapshot
    ) -> None:
        self.document = document
        self.tree = document.tree
        self.registry = registry
        self.discrepancy = discrepancy
        self.postgresql = postgresql
        self.layout = Layout(document)
        self.style = RegistryStyle(registry, self.layout)

    def edits(self) -> tuple[Edit, ...]:
        kinds = DiscrepancyType
        by_type: dict[DiscrepancyType, Callable[[], tuple[Edit, ...]]] = {
            kinds.MISSING_IN_POSTGRESQL: self._remove,
            kinds.MISSING_SUBDOMAIN_IN_POSTGRESQL: self._remove,
            kinds.MISSING_ENTITY_IN_POSTGRESQL: self._remove,
            kinds.MISSING_IN_YAML: self._add_domain,
            kinds.MISSING_SUBDOMAIN_IN_YAML: self._add_subdomain,
            kinds.MISSING_ENTITY_IN_YAML: self._add_entity,
            kinds.DOMAIN_ATTRIBUTE_MISMATCH: self._set_attribute,
            kinds.SUBDOMAIN_ATTRIBUTE_MISMATCH: self._set_attribute,
            kinds.ENTITY_ATTRIBUTE_MISMATCH: self._set_attribute,
        }
        return by_type[self.discrepancy.type]()

    # What the YAML has

    @property
    def _domain(self) -> DomainNode | None:
        return self.registry.domain(self.discrepancy.domain)

    @property
    def _subdomain(self) -> SubdomainNode | None:
        number = self.discrepancy.subdomain
        return self.registry.subdomain(self.discrepancy.domain, number) if number is not None else None

    @property
    def _entity(self) -> EntityNode | None:
        d = self.discrepancy
        if d.subdomain is None or d.entity is None:
            return None
        return self.registry.entity(d.domain, d.subdomain, d.entity)

    @property
    def _thing(self) -> DomainNode | SubdomainNode | EntityNode | None:
        """What the discrepancy is about: the innermost thing that it names."""
        if self.discrepancy.entity is not None:
            return self._entity
        return self._subdomain if self.discrepancy.subdomain is not None else self._domain

    # What PostgreSQL has

    def _wanted_domain(self) -> Domain | None:
        return self.postgresql.domain_numbered(self.discrepancy.domain)

    def _wanted_subdomain(self) -> Subdomain | None:
        domain, number = self._wanted_domain(), self.discrepancy.subdomain
        if domain is None or number is None:
            return None
        return next((s for s in domain.subdomains if s.number.upper() == number.upper()), None)

    def _wanted_entity(self) -> Entity | None:
        subdomain, name = self._wanted_subdomain(), self.discrepancy.entity
        if subdomain is None or name is None:
            return None
        return next((e for e in subdomain.entities if e.name.lower() == name.lower()), None)

    # Taking out

    def _remove(self) -> tuple[Edit, ...]:
        thing = self._thing
        if thing is None:
            return ()
        holder: Entry | None = self.registry.domains_entry
        if isinstance(thing, SubdomainNode):
            holder = _entry(self._domain, "subdomains")
        elif isinstance(thing, EntityNode):
            holder = _entry(self._subdomain, "entities")
        mapping = self.tree.mapping(holder.value) if holder else None
        if mapping is None or not any(each is thing.entry for each in mapping.entries):
            return ()
        return self.layout.remove(mapping, thing.entry, holder)

    # Putting in

    def _add_domain(self) -> tuple[Edit, ...]:
        wanted = self._wanted_domain()
        if wanted is None or self._domain is not None:
            return ()
        key = Text(wanted.number, self.style.number_quotes(self.registry.domains))
        block = self.style.domain_block(wanted)
        holder = self.registry.domains_entry
        if holder is not None:
            in_flow = self.registry.root is not None and self.registry.root.flow
            return self._add_under(holder, key, block, _before(self.registry.domains, wanted.number), in_flow=in_flow)
        root = self.registry.root
        under = Entries(((key, block),))
        if root is not None and root.entries:
            return self.layout.add(root, Text("domains"), under, after=root.entries[-1])
        lines = self.layout.block_lines(Text("domains"), under, 0)
        end = len(self.document.text)
        new_text = "".join(line + self.layout.line_break for line in lines)
        starts_line = self.layout.column(end) == 0
        return (self.layout.edit(end, end, new_text if starts_line else self.layout.line_break + new_text),)

    def _add_subdomain(self) -> tuple[Edit, ...]:
        wanted, domain = self._wanted_subdomain(), self._domain
        if wanted is None or domain is None or self._subdomain is not None:
            return ()
        others = [s for d in self.registry.domains for s in d.subdomains]
        key = Text(wanted.number, self.style.number_quotes(domain.subdomains or others))
        block = self.style.subdomain_block(wanted)
        return self._add_child(domain, "subdomains", key, block, _before(domain.subdomains, wanted.number))

    def _add_entity(self) -> tuple[Edit, ...]:
        wanted, subdomain = self._wanted_entity(), self._subdomain
        if wanted is None or subdomain is None or self._entity is not None:
            return ()
        last = subdomain.entities[-1].entry if subdomain.entities else None
        return self._add_child(subdomain, "entities", Text(wanted.name), self.style.entity_value(wanted), last)

    def _add_child(
        self, parent: DomainNode | SubdomainNode, collection: str, key: Text, value: Written, after: Entry | None
    ) -> tuple[Edit, ...]:
        holder = _entry(parent, collection)
        if holder is not None:
            in_flow = parent.body is not None and parent.body.flow
            return self._add_under(holder, key, value, after, in_flow=in_flow)
        return self._put(parent.entry, parent.body, Text(collection), Entries(((key, value),)))

    def _add_under(
        self, holder: Entry, key: Text, value: Written, after: Entry | None, *, in_flow: bool
    ) -> tuple[Edit, ...]:
        mapping = self.tree.mapping(holder.value)
        if mapping is None or not mapping.entries:
            return self.layout.set_entries(holder, Entries(((key, value),)), in_flow=in_flow)
        return self.layout.add(mapping, key, value, after=after, holder=holder)

    def _put(self, holder: Entry, mapping: Mapping | None, key: Text, value: Written) -> tuple[Edit, ...]:
        """A new entry in the mapping that ``holder`` holds, at its usual place; makes the mapping if need be."""
        if mapping is None or not mapping.entries:
            in_flow = self._stands_in_flow(holder)
            return self.layout.set_entries(holder, Entries(((key, value),)), in_flow=in_flow)
        rank = _rank(key.value)
        after = None
        for entry in mapping.entries:
            if entry.name is not None and _rank(entry.name) < rank:
                after = entry
        return self.layout.add(mapping, key, value, after=after, holder=holder)

    def _stands_in_flow(self, entry: Entry) -> bool:
        """Whether an entry is one of a flow mapping."""
        root = self.registry.root
        return root is not None and _in_flow(root, entry)

    # Attributes

    def _set_attribute(self) -> tuple[Edit, ...]:
        thing, attribute, value = self._thing, self.discrepancy.attribute, self.discrepancy.postgresql_value
        if thing is None or attribute is None:
            return ()
        if isinstance(thing, EntityNode) and attribute == "table_code" and thing.body is None:
            return self._set_bare_code(thing, str(value or ""))
        body = thing.body
        entry = _last_of(body, _SEQUENCE_KEYS if attribute == "sequence" else (attribute,))
        if isinstance(value, list):
            return self._set_aliases(thing, entry, value)
        if value is None or (value == "" and attribute == "description"):
            return self.layout.remove(body, entry, thing.entry) if body is not None and entry is not None else ()
        old = self.tree.resolve(entry.value) if entry else None
        written = self._scalar(attribute, value, old)
        if body is None or entry is None:
            return self._put(thing.entry, body, Text(attribute), written)
        return self.layout.set_scalar(entry, written, in_flow=body.flow)

    def _set_bare_code(self, entity: EntityNode, code: str) -> tuple[Edit, ...]:
        """A code that stands directly behind the entity's name, or is to stand somewhere at all."""
        in_flow = self._stands_in_flow(entity.entry)
        if entity.code is None:
            return self.layout.set_entries(
                entity.entry, Entries(((Text("table_code"), code_text(code)),)), in_flow=in_flow
            )
        quotes = quotes_of(entity.code) or Quotes.SINGLE
        return self.layout.set_scalar(entity.entry, Text(code, quotes), in_flow=in_flow)

    def _scalar(self, attribute: str, value: Value, old: Node | None) -> Text | Raw:
        if isinstance(value, bool):
            return Raw("true" if value else "false")
        if isinstance(value, int):
            return Raw(str(value))
        quotes = quotes_of(old) if isinstance(old, Scalar) else self.style.text_quotes(attribute)
        return Text(str(value or ""), quotes or (Quotes.SINGLE if attribute in _DIGITS else Quotes.AS_NEEDED))

    def _set_aliases(
        self, thing: DomainNode | SubdomainNode | EntityNode, entry: Entry | None, wanted: list[str]
    ) -> tuple[Edit, ...]:
        body = thing.body
        old = entry.value if entry is not None else None
        if body is None or entry is None:
            return self._put(thing.entry, body, Text("aliases"), self.style.alias_items(wanted)) if wanted else ()
        if isinstance(old, Sequence) and not old.flow and old.items:
            kept = [item for item in old.items if isinstance(item, Scalar) and item.value in wanted]
            if kept:
                return self._change_block_items(old, kept, wanted)
        quotes = (
            [quotes_of(item) for item in old.items if isinstance(item, Scalar)] if isinstance(old, Sequence) else []
        )
        texts = tuple(Text(alias, quotes[0] if quotes else Quotes.AS_NEEDED) for alias in wanted)
        if body.flow or not wanted or (isinstance(old, Sequence) and old.flow and old.items):
            flow = Items(texts, flow=True)
            return (self._replace_value(entry, " " + write_flow(flow)),)
        shape = self.style.alias_items(wanted)
        lines = self.layout.block_lines(Text("aliases"), Items(texts, shape.flow, shape.indented), 0)
        pad = " " * self.layout.column(entry.span.start)
        new_text = lines[0].removeprefix("aliases:") + "".join(self.layout.line_break + pad + x for x in lines[1:])
        return (self._replace_value(entry, new_text),)

    def _replace_value(self, entry: Entry, new_text: str) -> Edit:
        start = self.layout.after_colon(entry)
        end = self.layout.content_end(entry.value.span) if entry.value is not None else start
        return self.layout.edit(start, end, new_text)

    def _change_block_items(self, old: Sequence, kept: list[Scalar], wanted: list[str]) -> tuple[Edit, ...]:
        lines = self.layout.lines
        edits: list[Edit] = []
        for item in old.items:
            if isinstance(item, Scalar) and (item.value in wanted or is_null(item)):
                continue
            first = lines.line_of(item.span.start)
            last = lines.line_of(self.layout.content_end(item.span))
            edits.append(self.layout.edit(lines.line_start(first), lines.line_start(last + 1), ""))
        values = {item.value for item in kept}
        new = [alias for alias in dict.fromkeys(wanted) if alias not in values]
        if new:
            model = kept[-1]
            line_start = lines.line_start(lines.line_of(model.span.start))
            dash = self.document.text[line_start : model.span.start]
            shape = Items(tuple(Text(alias, quotes_of(model)) for alias in new))
            texts = self.layout.block_lines(Text("aliases"), shape, 0)[1:]
            edits.append(self.layout.lines_after(self.layout.content_end(model.span), [dash + t[2:] for t in texts]))
        return tuple(edits)


def _rank(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _entry(node: DomainNode | SubdomainNode | None, name: str) -> Entry | None:
    return node.body.entry(name) if node is not None and node.body is not None else None


def _last_of(body: Mapping | None, names: tuple[str, ...]) -> Entry | None:
    if body is None:
        return None
    return next((entry for entry in reversed(body.entries) if entry.name in names), None)


def _before(siblings: Iterable[Numbered], number: str) -> Entry | None:
    """The last sibling with a smaller number, behind which a new one stands."""
    found: Entry | None = None
    for sibling in siblings:
        if number_key(sibling.number.value) < number_key(number):
            found = sibling.entry
    return found


def _in_flow(node: Node, wanted: Entry) -> bool:
    stack: list[tuple[Node, bool]] = [(node, False)]
    while stack:
        current, inside = stack.pop()
        if isinstance(current, Mapping):
            inside = inside or current.flow
            for entry in current.entries:
                if entry is wanted:
                    return inside
                if entry.value is not None and not isinstance(entry.value, Scalar | Alias):
                    stack.append((entry.value, inside))
        elif isinstance(current, Sequence):
            stack.extend((item, inside or current.flow) for item in current.items)
    return False
