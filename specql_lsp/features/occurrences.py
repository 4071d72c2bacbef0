"""Every place that names the same thing: found by its name in texts, confirmed by resolving what is there.

Definition, references, highlights, rename, lenses and hierarchies all take their places from here. The index knows
which files may name an entity, a domain or a code, and where. What it does not know, as fields in the SQL of other
files, is looked for in the texts of the files that refer to the entity: those that have the word are parsed, and each
of its places is classified and resolved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from enum import Enum
from typing import NamedTuple, TypeAlias

from specql_lsp.index.summary import FileSummary, without_schema
from specql_lsp.index.symbols import (
    Key,
    Place,
    SymbolKind,
    Use,
    code_key,
    entity_key,
    place,
    schema_key,
    subdomain_key,
)
from specql_lsp.items.pattern_file import lower_pattern
from specql_lsp.items.registry_file import RegistryFile
from specql_lsp.language import table_code as codes
from specql_lsp.semantics.classify import classify
from specql_lsp.semantics.identity import (
    Identity,
    domain_names,
    domain_node,
    entity_identities,
    identities,
    subdomain_names,
    subdomain_node,
)
from specql_lsp.semantics.referring_files import files_that_may_name_fields
from specql_lsp.semantics.resolve import resolve_use
from specql_lsp.semantics.symbol import Role, Symbol
from specql_lsp.syntax.nodes import Mapping, Scalar
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

Read: TypeAlias = Callable[[str], Document | None]
"""The document of a URI: the editor's, else the disk's; None where it cannot be read."""


class Access(Enum):
    """What a place does with what it names."""

    DEFINITION = "definition"
    READ = "read"
    WRITE = "write"


class Occurrence(NamedTuple):
    """A place that names a thing.

    Attributes:
        place: the name, without quotes and without the schema before it.
        access: what is done there.
        document: the file, where it was read; None where the index answered.
        symbol: the name as it is classified in that file; None where the index knows what it is.
    """

    place: Place
    access: Access
    document: Document | None = None
    symbol: Symbol | None = None

    @property
    def written(self) -> str | None:
        """The name as it is written; None where the file was not read."""
        if self.document is None:
            return None
        start, end = self.place.span
        return self.document.text[start:end]


def occurrences(
    analysis: Analysis,
    document: Document,
    symbol: Symbol,
    *,
    read: Read,
    check: Callable[[], object] = lambda: None,
    whole: bool = False,
    with_symbols: bool = True,
) -> Iterator[Occurrence]:
    """Every place of the workspace and the registry YAML that means what a symbol means, each once, in no order.

    Args:
        analysis: what is known.
        document: the file of the symbol. Its text as it is now counts, also where the index does not have it yet.
        symbol: as ``classify`` gives it.
        read: gives the text of other files.
        check: called for each file that is looked at; it raises if the answer is not wanted any more.
        whole: whether each file is read, so that every occurrence has its document and symbol; else the index answers
            for entities, domains, subdomains and codes in other files.
        with_symbols: False where a rename needs no symbol of what the index knows: to parse a thousand files takes a
            second.
    """
    analysis = with_document(analysis, document)
    wanted = identities(analysis, document, symbol)
    return _Search(analysis, document, wanted, read, check, whole=whole, with_symbols=with_symbols).run()


def occurrences_in_file(analysis: Analysis, document: Document, symbol: Symbol) -> tuple[Occurrence, ...]:
    """The places of one file that mean what a symbol of it means, in the order of the text; no other file is read."""
    analysis = with_document(analysis, document)
    wanted = identities(analysis, document, symbol)
    if not wanted:
        return ()
    search = _Search(analysis, document, wanted, lambda _: None, lambda: None)
    # A domain's number or alias leads to its name alone, but is one of the places itself.
    found = {symbol.span: _occurrence(document, symbol)}
    found.update((each.place.span, each) for each in search.in_own_file())
    return tuple(found[span] for span in sorted(found))


def with_document(analysis: Analysis, document: Document) -> Analysis:
    """The analysis with what a document says now; of a large one, what the index has of it."""
    if document.registry is not None:
        return replace(analysis, registry_document=document)
    if document.is_large or document.summary is None:
        return analysis
    return replace(analysis, index=analysis.index.put(document.uri, document.summary))


class _Search:
    """One search.

    Args:
        analysis: what is known, the document included.
        document: the file that is asked about.
        wanted: what the places have to mean.
        read: gives the text of other files.
        check: called for each file.
        whole: see ``occurrences``.
        with_symbols: see ``occurrences``.
    """

    def __init__(
        self,
        analysis: Analysis,
        document: Document,
        wanted: frozenset[Identity],
        read: Read,
        check: Callable[[], object],
        *,
        whole: bool = False,
        with_symbols: bool = True,
    ) -> None:
        self._analysis = analysis
        self._document = document
        self._wanted = wanted
        self._read = read
        self._check = check
        self._whole = whole
        self._with_symbols = with_symbols
        self._meant_at: dict[tuple[str, str, str, str], bool] = {}
        self._pattern = _pattern({name for identity in wanted for name in self._names(identity)})

    def run(self) -> Iterator[Occurrence]:
        """Every place; each once."""
        seen: set[tuple[str, int, int]] = set()
        for found in self._all():
            key = (found.place.uri, *found.place.start)
            if key not in seen:
                seen.add(key)
                yield found

    def in_own_file(self) -> Iterator[Occurrence]:
        """The places of the file that is asked about; each may come more than once."""
        if self._document.registry is not None:
            yield from self._in_registry()
        else:
            yield from self._in_text(self._document)

    def _all(self) -> Iterator[Occurrence]:
        if not self._wanted:
            return
        self._check()
        yield from self.in_own_file()
        if self._document.registry is None and {each.kind for each in self._wanted} & _REGISTERED:
            yield from self._in_registry()
        for identity in self._wanted:
            match identity.kind:
                case SymbolKind.ENTITY:
                    yield from self._indexed((entity_key(identity.name),))
                    yield from self._entity_definition(identity)
                case SymbolKind.SCHEMA:
                    yield from self._indexed(map(schema_key, self._names(identity)))
                case SymbolKind.SUBDOMAIN:
                    domains = domain_names(self._analysis, identity.owner)
                    names = self._names(identity)
                    yield from self._indexed(subdomain_key(name, domain) for name in names for domain in domains)
                case SymbolKind.CODE:
                    yield from self._indexed((code_key(identity.name),))
                case SymbolKind.ACTION:
                    yield from self._in_texts(self._files_that_may_call(identity))
                case kind if kind in _ANYWHERE:
                    yield from self._in_texts(self._analysis.index.uris)
                    if kind is SymbolKind.PATTERN:
                        yield from self._pattern_definition(identity)
                case SymbolKind.PARAMETER:
                    yield from self._of_parameter(identity.uri, identity.owner.rpartition(".")[2])
                case SymbolKind.FIELD | SymbolKind.ENUM_VALUE:
                    field = identity.name if identity.kind is SymbolKind.FIELD else identity.owner.rpartition(".")[2]
                    yield from self._of_field(identity.uri, field)

    def _names(self, identity: Identity) -> Iterable[str]:
        """The texts that may name what is meant, in lower case where case does not matter."""
        match identity.kind:
            case SymbolKind.SCHEMA:
                return domain_names(self._analysis, identity.name)
            case SymbolKind.SUBDOMAIN:
                return subdomain_names(self._analysis, identity.owner, identity.name)
        return (identity.name,)

    # In a text.

    def _in_text(self, document: Document) -> Iterator[Occurrence]:
        """The places of a file that the name is written in, and that mean what is wanted."""
        last = -1
        for match in self._pattern.finditer(document.text):
            symbol = classify(document, match.start("name"))
            if symbol is None or symbol.span.start == last:
                continue
            last = symbol.span.start
            if not identities(self._analysis, document, symbol).isdisjoint(self._wanted):
                yield _occurrence(document, symbol)

    def _in_texts(self, uris: Iterable[str]) -> Iterator[Occurrence]:
        """The places in other files: those that have the name at all are parsed."""
        pattern = self._pattern
        for uri in uris:
            if uri != self._document.uri:
                self._check()
                document = self._read(uri)
                if document is not None and pattern.search(document.text):
                    yield from self._in_text(document)

    def _files_that_may_call(self, action: Identity) -> Iterator[str]:
        """The files in which an action's name may mean it: an entity that has one of that name itself means its own.

        Many entities have an action ``activate``; to parse all of their files takes seconds.
        """
        for uri in self._analysis.index.uris:
            summary = self._analysis.index.get(uri)
            entities = summary.entities if summary is not None else ()
            if uri == action.uri or any(action.name not in facts.actions for facts in entities):
                yield uri

    def _of_parameter(self, uri: str, action: str) -> Iterator[Occurrence]:
        """The places in other files of a parameter of an action: in its file, and where it is called."""
        call = re.compile(rf"(?<!\w){re.escape(action)}\s*\(")
        for each in self._analysis.index.uris:
            if each != self._document.uri:
                self._check()
                document = self._read(each)
                if document is not None and (each == uri or call.search(document.text)):
                    yield from self._in_text(document)

    def _of_field(self, uri: str, field: str) -> Iterator[Occurrence]:
        """The places in other files of a field, or of a value of its type."""
        path = re.compile(rf"\.[\s\\\"]*{re.escape(field)}(?!\w)", re.IGNORECASE)
        for referring in files_that_may_name_fields(self._analysis, uri):
            if referring.uri != self._document.uri:
                self._check()
                document = self._read(referring.uri)
                if document is None or not self._pattern.search(document.text):
                    continue
                if not referring.by_path or path.search(document.text):
                    yield from self._in_text(document)

    # In the files that the index knows to use a name.

    def _indexed(self, keys: Iterable[Key]) -> Iterator[Occurrence]:
        wanted = set(keys)
        index = self._analysis.index
        for uri in sorted({uri for key in wanted for uri in index.users(key)} - {self._document.uri}):
            self._check()
            summary = index.get(uri)
            uses = [use for use in summary.uses if without_schema(use.key) in wanted] if summary is not None else []
            meant = [
                use
                for use in uses
                if summary is not None
                and use.is_placed
                and (use.symbol is not SymbolKind.ENTITY or self._means_wanted(summary, use))
            ]
            if not self._whole and all(use.is_placed for use in uses):
                yield from (Occurrence(use.spot.place(uri), Access.READ) for use in meant)
                continue
            document = self._read(uri)
            if document is not None:
                matches = [match.start("name") for match in self._pattern.finditer(document.text)]
                knows_all = matches == [document.lines.offset(use.spot.start) for use in uses]
                if self._with_symbols or not knows_all:
                    yield from self._in_text(document)
                if not self._with_symbols:
                    yield from (self._known(document, use) for use in meant)

    def _known(self, document: Document, use: Use) -> Occurrence:
        start = document.lines.offset(use.spot.start)
        return Occurrence(place(document, Span(start, start + use.spot.length)), Access.READ, document)

    def _means_wanted(self, summary: FileSummary, use: Use) -> bool:
        """Whether the entity that a file uses is the wanted one."""
        uri = summary.uri
        # A name means the same in all files of a folder and schema, apart from those that define it themselves.
        defines = any(facts.name.lower() == use.name for facts in summary.entities)
        at = (uri if defines else uri.rpartition("/")[0], summary.schema_of(use), use.owner, use.name)
        if at not in self._meant_at:
            found = entity_identities(resolve_use(self._analysis, summary, use))
            self._meant_at[at] = not found.isdisjoint(self._wanted)
        return self._meant_at[at]

    def _entity_definition(self, identity: Identity) -> Iterator[Occurrence]:
        if not identity.uri or identity.uri == self._document.uri:
            return
        if self._whole:
            document = self._read(identity.uri)
            if document is not None:
                yield from self._in_text(document)
            return
        summary = self._analysis.index.get(identity.uri)
        for facts in summary.entities if summary is not None else ():
            if (facts.name.lower(), facts.schema.lower()) == (identity.name, identity.owner):
                yield Occurrence(facts.name_place, Access.DEFINITION)

    def _pattern_definition(self, identity: Identity) -> Iterator[Occurrence]:
        """The name in a pattern's file, which may be written without the folder."""
        own = identity.uri == self._document.uri
        document = self._document if own else self._read(identity.uri) if identity.uri else None
        pattern = lower_pattern(document.tree) if document is not None else None
        if document is not None and pattern is not None:
            symbol = classify(document, pattern.name.text_span.start)
            if symbol is not None and symbol.kind is SymbolKind.PATTERN:
                yield _occurrence(document, symbol)

    # In the registry YAML.

    def _in_registry(self) -> Iterator[Occurrence]:
        document = self._analysis.registry_document
        registry = document.registry if document is not None else None
        if document is None or registry is None:
            return
        self._check()
        for identity in self._wanted:
            for scalar in self._registered(registry, identity):
                symbol = classify(document, scalar.text_span.start)
                if symbol is None or identities(self._analysis, document, symbol).isdisjoint(self._wanted):
                    continue
                found = _occurrence(document, symbol)
                if identity.kind is SymbolKind.ENTITY and not identity.uri:
                    found = found._replace(access=Access.DEFINITION)
                yield found

    def _registered(self, registry: RegistryFile, identity: Identity) -> Iterator[Scalar]:
        """The scalars of the registry YAML that may name what is meant."""
        match identity.kind:
            case SymbolKind.ENTITY:
                snapshot = self._analysis.snapshot
                for domain, subdomain, entity in snapshot.by_entity(identity.name) if snapshot is not None else ():
                    node = registry.entity(domain.number, subdomain.number, entity.name)
                    if node is not None:
                        yield node.name
            case SymbolKind.SCHEMA:
                found = domain_node(self._analysis, identity.name)
                if found is not None:
                    yield found.name or found.number
                yield from (each.key for each in registry.inference if isinstance(each.key, Scalar))
            case SymbolKind.SUBDOMAIN:
                subdomain_found = subdomain_node(self._analysis, identity.owner, identity.name)
                if subdomain_found is not None:
                    yield subdomain_found.name or subdomain_found.number
                for entry in registry.inference:
                    for inner in entry.value.entries if isinstance(entry.value, Mapping) else ():
                        if isinstance(inner.key, Scalar):
                            yield inner.key
            case SymbolKind.CODE:
                yield from self._code_scalars(registry, identity.name)

    def _code_scalars(self, registry: RegistryFile, code: str) -> Iterator[Scalar]:
        known = self._analysis.registry
        snapshots = [snapshot for snapshot in (known.snapshot, known.yaml) if snapshot is not None]
        if not snapshots:
            yield from (n.code for _, _, n in registry.entities() if n.code and codes.normalize(n.code.value) == code)
        # What PostgreSQL does not have may be in the YAML all the same.
        for domain, subdomain, entity in (found for each in snapshots for found in each.by_code(code)):
            node = registry.entity(domain.number, subdomain.number, entity.name)
            if node is not None and node.code is not None:
                yield node.code
        yield from (scalar for scalar in registry.reserved_codes if codes.normalize(scalar.value) == code)


_REGISTERED = frozenset({SymbolKind.ENTITY, SymbolKind.SCHEMA, SymbolKind.SUBDOMAIN, SymbolKind.CODE})
"""What the registry YAML names."""
_ANYWHERE = frozenset(
    {SymbolKind.PATTERN, SymbolKind.PATTERN_PARAMETER, SymbolKind.SERVICE, SymbolKind.SERVICE_OPERATION}
)
"""What any file may name: the index does not say which."""


def _occurrence(document: Document, symbol: Symbol) -> Occurrence:
    access = Access.DEFINITION if symbol.role is Role.DEFINITION else Access.WRITE if symbol.writes else Access.READ
    return Occurrence(place(document, symbol.span), access, document, symbol)


def _pattern(names: Collection[str]) -> re.Pattern[str]:
    """A pattern whose group ``name`` is one of some names as a word; a table in a query has ``tb_`` before it."""
    written = sorted((name.split() for name in names if name.strip()), key=len, reverse=True)
    each = "|".join(r"\s+".join(map(re.escape, words)) for words in written)
    return re.compile(rf"(?<!\w)(?:tb_)?(?P<name>{each or '(?!)'})(?!\w)", re.IGNORECASE)
