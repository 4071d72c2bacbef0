"""The registry YAML: its codes, where they are registered, its names, and the validator's findings."""

from __future__ import annotations

from collections.abc import Iterator

from specql_lsp.features.diagnostics.rule import RegistryContext, Rule
from specql_lsp.features.diagnostics.rules.table_codes import digits, owners
from specql_lsp.features.diagnostics.rules.unknown_domain import unknown_domain
from specql_lsp.features.model import CodeAction, Finding, Related
from specql_lsp.index.symbols import place
from specql_lsp.items.registry_file import DomainNode, EntityNode, SubdomainNode
from specql_lsp.language import table_code as codes
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.sources.yaml.lowering import snapshot_of
from specql_lsp.severity import Severity
from specql_lsp.syntax.nodes import Scalar
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.yaml11 import is_null
from specql_lsp.workspace.documents import Document

_Filed = tuple[DomainNode, SubdomainNode, EntityNode]

INVALID_REGISTRY = Rule(
    code="invalid-registry",
    severity=Severity.ERROR,
    summary="The registry YAML is not as SpecQL 0.9.2 needs it, or holds what `registry migrate` refuses.",
    explanation="""\
SpecQL 0.9.2 stops with a traceback where a registry YAML lacks one of these: `description` of every domain and
subdomain, `next_entity_sequence` and `entities` of every subdomain, `table_code`, `entity_code` and `assigned_at` of
every entity; where the number of a domain is not between quotes; where `aliases` is no list. Files in the wild are
like that, and this server reads them.

The light bulb adds what is missing, at one place or in the whole file.
""",
    example="""\
-- registry/domain_registry.yaml --
domains:
  '2':
    name: crm
    subdomains: {}
""",
    better="""\
-- registry/domain_registry.yaml --
domains:
  '2':
    name: crm
    description: Customers
    subdomains: {}
""",
    fix="Adds what is missing, at one place or in the whole file.",
)

RULES = (INVALID_REGISTRY, digits.SUBDOMAIN_MISMATCH, digits.UNQUOTED)


def check(context: RegistryContext) -> Iterator[Finding]:
    """Every finding about codes and domains in a registry YAML.

    The file is compared with itself, so no other registry is needed. If it has syntax errors, what seems to be missing
    may only be misunderstood: then only the codes are checked, one by one.
    """
    document, registry = context.document, context.registry
    complete = not document.tree.has_problems
    snapshot = snapshot_of(registry, document.tree)
    by_code: dict[str, list[_Filed]] = {}
    for filed in registry.entities():
        _, _, node = filed
        code = node.code
        if code is None or is_null(code):
            if complete and not _holds_something(node):
                message = f"{node.name.value} is registered without a table code."
                yield owners.MISSING.finding(node.name.span, message)
            continue
        yield from digits.check_writing(code)
        if not codes.is_well_formed(code.value):
            continue
        by_code.setdefault(codes.normalize(code.value), []).append(filed)
        if complete:
            yield from _check_place(snapshot, filed, code)
    if not complete:
        return
    # Few files are registries: none but them needs it.
    from specql_lsp.registry.sources.yaml.validation import Use, validate

    for found in validate(registry, document.tree, Use.EDITOR):
        yield INVALID_REGISTRY.finding(found.span, found.message)
    for code_text, holders in by_code.items():
        yield from _registered_twice(document, code_text, holders)
    for entry in registry.inference:
        if isinstance(entry.key, Scalar) and snapshot.domain_named(entry.key.value) is None:
            yield unknown_domain(snapshot, entry.key)


def fixes(context: RegistryContext, finding: Finding) -> Iterator[CodeAction]:
    """Quotes; what SpecQL needs is added by ``specql_lsp.features.code_actions.registry_yaml``."""
    if finding.code == digits.UNQUOTED.code:
        yield from digits.quote_code(context.document, finding)


def _holds_something(node: EntityNode) -> bool:
    """Whether the value is a collection instead of a code, which is reported as a value of a wrong type."""
    value = node.body.value("table_code") if node.body else node.entry.value
    return value is not None and not isinstance(value, Scalar)


def _check_place(snapshot: Snapshot, filed: _Filed, code: Scalar) -> Iterator[Finding]:
    domain, subdomain, _ = filed
    reserved = digits.reserved_code(snapshot, code)
    if reserved is not None:
        yield reserved
        return
    layer = digits.unknown_layer(snapshot, code)
    if layer is not None:
        yield layer
    text = codes.normalize(code.value)
    rest = text[codes.LAYER_LENGTH :]
    number = domain.number.value.upper()
    if not rest.startswith(number):
        parts = snapshot.parts(text)
        if parts is not None and parts.domain is None:
            yield digits.unknown_domain_number(snapshot, code, parts.code.domain)
        else:
            actual = parts.domain if parts else None
            belongs = f"domain {actual.number} ({actual.name})" if actual else "another domain"
            yield digits.DOMAIN_MISMATCH.finding(
                code.span,
                f"The code {text} belongs to {belongs}, but it is under {_title('domain', domain)}.",
            )
        return
    expected = subdomain.number.value.upper()
    subdomain_digits = rest[len(number) : len(number) + len(expected)]
    if subdomain_digits != expected:
        yield digits.SUBDOMAIN_MISMATCH.finding(
            code.span,
            f"The code {text} has the subdomain digits {subdomain_digits}, but it is under "
            f"{_title('subdomain', subdomain)}.",
        )


def _title(kind: str, node: DomainNode | SubdomainNode) -> str:
    name = f" ({node.name.value})" if node.name else ""
    return f"{kind} {node.number.value}{name}"


def _registered_twice(document: Document, code: str, holders: list[_Filed]) -> Iterator[Finding]:
    # A duplicate key is not a second registration: only the last one is read.
    keys = {_key(filed) for filed in holders}
    if len(keys) < 2:
        return
    for filed in holders:
        others = [other for other in holders if _key(other) != _key(filed)]
        names = ", ".join(_label(other) for other in others[:3])
        related = tuple(
            Related(place(document, _span(other[2])), f"{_label(other)} has the code {code}, too.")
            for other in others[:5]
        )
        message = f"The code {code} is registered to {names}, too: give one of them another code."
        yield owners.TAKEN.finding(_span(filed[2]), message, related=related)


def _key(filed: _Filed) -> tuple[str, str, str]:
    domain, subdomain, entity = filed
    return domain.number.value.upper(), subdomain.number.value.upper(), entity.name.value.lower()


def _label(filed: _Filed) -> str:
    domain, subdomain, entity = filed
    return f"{entity.name.value} in {_name(domain)} / {_name(subdomain)}"


def _name(node: DomainNode | SubdomainNode) -> str:
    return node.name.value if node.name else node.number.value


def _span(entity: EntityNode) -> Span:
    return entity.code.span if entity.code else entity.name.span
