"""How a registry YAML is written: its quotes, lists and blocks, so that what is added looks like what is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from specql_lsp.items.registry_file import EntityNode, RegistryFile
from specql_lsp.lazily import lazily
from specql_lsp.registry.model import Domain, Entity, Subdomain
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.values import ListValue, MapValue, Quotes, RawScalar, TextScalar, YamlValue, quotes_of
from specql_lsp.syntax.nodes import Entry, Scalar, Sequence
from specql_lsp.syntax.yaml11 import is_null


class Numbered(Protocol):
    """A domain or subdomain of the file."""

    @property
    def entry(self) -> Entry:
        """The entry of the mapping above."""

    @property
    def number(self) -> Scalar:
        """The key."""


class RegistryStyle:
    """The style of one registry YAML, taken from the first node of each kind."""

    def __init__(self, registry: RegistryFile, writer: YamlWriter) -> None:
        self.registry = registry
        self.writer = writer
        self._text_quotes: dict[str, str] = {}

    def text_quotes(self, attribute: str) -> str:
        """How the file quotes this attribute elsewhere."""
        known = self._text_quotes.get(attribute)
        if known is None:
            known = self._text_quotes[attribute] = self._first_quotes(attribute)
        return known

    def _first_quotes(self, attribute: str) -> str:
        for domain in self.registry.domains:
            bodies = [domain.body, *(subdomain.body for subdomain in domain.subdomains)]
            for body in bodies:
                scalar = body.scalar(attribute) if body else None
                # An empty text is quoted in any style.
                if scalar is not None and scalar.value and not is_null(scalar):
                    return quotes_of(scalar)
        return Quotes.AS_NEEDED

    def alias_items(self, aliases: Iterable[str]) -> ListValue:
        """A list of aliases in the style of the file's other ones."""
        quotes, flow, indented = self._alias_style
        return ListValue(tuple(TextScalar(alias, quotes) for alias in aliases), flow, indented)

    @lazily
    def _alias_style(self) -> tuple[str, bool, bool]:
        """Quotes, whether the list is in flow style, and whether its dashes are indented more than its key."""
        for domain in self.registry.domains:
            entry = domain.body.entry("aliases") if domain.body else None
            value = entry.value if entry else None
            if entry is not None and isinstance(value, Sequence) and value.items:
                first = value.items[0]
                quotes = quotes_of(first) if isinstance(first, Scalar) else Quotes.AS_NEEDED
                deeper = self.writer.margin(first.span.start) > self.writer.margin(entry.span.start)
                return quotes, value.flow, deeper
        return Quotes.AS_NEEDED, False, False

    def number_quotes(self, siblings: Iterable[Numbered], *, is_domain: bool) -> str:
        """How a number is quoted: as its siblings are; without any, as other numbers of its kind, then of the file."""
        for sibling in siblings:
            return quotes_of(sibling.number)
        return self._domain_quotes if is_domain else self._subdomain_quotes

    @lazily
    def _domain_quotes(self) -> str:
        return next((quotes_of(domain.number) for domain in self.registry.domains), Quotes.SINGLE)

    @lazily
    def _subdomain_quotes(self) -> str:
        numbers = (subdomain.number for domain in self.registry.domains for subdomain in domain.subdomains)
        return next((quotes_of(number) for number in numbers), self._domain_quotes)

    def code_text(self, code: str) -> TextScalar:
        """A table code to write: always quoted, as YAML 1.1 would read many as numbers."""
        model = self._entity_model
        return TextScalar(code, (quotes_of(model.code) if model else "") or Quotes.SINGLE)

    def domain_block(self, domain: Domain) -> MapValue:
        """A domain with everything beneath it. SpecQL needs the description, if only an empty one."""
        entries = [self._text("name", domain.name), self._text("description", domain.description or "")]
        if domain.aliases:
            entries.append((TextScalar("aliases"), self.alias_items(domain.aliases)))
        entries.append((TextScalar("multi_tenant"), RawScalar("true" if domain.multi_tenant else "false")))
        quotes = self._subdomain_quotes
        subdomains = tuple((TextScalar(s.number, quotes), self.subdomain_block(s)) for s in domain.subdomains)
        entries.append((TextScalar("subdomains"), MapValue(subdomains)))
        return MapValue(tuple(entries))

    def subdomain_block(self, subdomain: Subdomain) -> MapValue:
        """A subdomain with its entities. SpecQL needs each of its keys."""
        entries = [self._text("name", subdomain.name), self._text("description", subdomain.description or "")]
        sequence = subdomain.next_entity_sequence
        entries.append((TextScalar("next_entity_sequence"), RawScalar(str(1 if sequence is None else sequence))))
        entities = tuple((TextScalar(e.name), self.entity_value(e)) for e in subdomain.entities)
        entries.append((TextScalar("entities"), MapValue(entities)))
        return MapValue(tuple(entries))

    def _text(self, attribute: str, value: str) -> tuple[TextScalar, YamlValue]:
        return TextScalar(attribute), TextScalar(value, self.text_quotes(attribute))

    def entity_value(self, entity: Entity) -> MapValue:
        """A registration: a mapping, as SpecQL reads nothing else; on one line where the file's first one is.

        Args:
            entity: the entity, with its short code and its time of assignment.
        """
        entries: list[tuple[TextScalar, YamlValue]] = [
            (TextScalar("table_code"), self.code_text(entity.table_code)),
            (TextScalar("entity_code"), TextScalar(entity.entity_code or "")),
            (TextScalar("assigned_at"), TextScalar(entity.assigned_at or "", Quotes.SINGLE)),
        ]
        model = self._entity_model
        body = model.body if model is not None else None
        alone = model is not None and body is None and model.code is not None and not is_null(model.code)
        return MapValue(tuple(entries), flow=alone or (body is not None and body.flow))

    @lazily
    def _entity_model(self) -> EntityNode | None:
        """The file's first entity."""
        return next((node for _, _, node in self.registry.entities()), None)
