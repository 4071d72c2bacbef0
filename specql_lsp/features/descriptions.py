"""What is known of a table code, domain, subdomain, entity or layer, as Markdown: for hover and for completion.

Says nothing of where it was read: ``with_provenance`` adds that line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import unquote

from specql_lsp.features import provenance
from specql_lsp.features.markdown import code, escape, link, shortened, table
from specql_lsp.index.summary import EntityFacts
from specql_lsp.language import table_code as codes
from specql_lsp.language.names import needs_no_domain
from specql_lsp.registry.history import Origins
from specql_lsp.registry.model import Domain, Entity, LeasedCode, Registration, Subdomain
from specql_lsp.registry.snapshot import CodeParts, Snapshot
from specql_lsp.workspace.analysis import Analysis

_ROWS = 20
_DESCRIPTION_LENGTH = 300
_FEW = 5


class Allocations(NamedTuple):
    """Who allocated codes, and when."""

    origins: Origins | None
    """None as long as that is not known."""
    now: datetime
    """The time of the request."""

    def of(self, table_code: str) -> str:
        """The words for one code; empty where nothing is recorded of it."""
        origin = self.origins.of(table_code) if self.origins is not None else None
        return provenance.allocated(origin, self.now) if origin is not None else ""


def with_provenance(analysis: Analysis, markdown: str, now: datetime) -> str:
    """``markdown`` with the line that says where the registry was read, and when."""
    return f"{markdown}\n\n---\n{escape(provenance.describe(analysis.registry.provenance, now))}"


def code_text(
    analysis: Analysis,
    written: str,
    *,
    uri: str = "",
    entity: str | None = None,
    allocations: Allocations | None = None,
) -> str | None:
    """A table code digit by digit, whose it is, and its function and view code.

    Args:
        analysis: registry and index; without a registry the text has only the digits.
        written: the code as it is written.
        uri: the file that shows it; its own use of the code is left out.
        entity: the entity with that code in the file, for the short code if no entity is registered with it.
        allocations: who allocated codes; None: that is left out.

    None if the text is no table code and no entity is registered with it.
    """
    text = codes.normalize(written)
    snapshot = analysis.snapshot
    registered = snapshot.by_code(text) if snapshot else ()
    parts = (snapshot or Snapshot(())).parts(text)
    if parts is None:
        if not registered:
            return None
        lines = [f"**{code(text)}** is not a table code of six hexadecimal digits"]
    else:
        lines = [f"**{code(text)}** · {_state(analysis, text, parts, registered, uri)}"]
    lines.extend(_registered_line(analysis, registration, allocations) for registration in registered[:_FEW])
    if parts is not None:
        lines.append(_digits(snapshot, parts))
        lines.append(_related_codes(analysis, text, registered, entity))
    return "\n\n".join(line for line in lines if line)


def domain_text(analysis: Analysis, domain: Domain, uri: str = "") -> str:
    """A domain with its subdomains, and how many codes each has left."""
    lines = [f"**{escape(domain.name)}** · domain {code(domain.number)}", _description(domain.description)]
    facts = ["multi-tenant" if domain.multi_tenant else "not multi-tenant"]
    if domain.aliases:
        facts.append("aliases: " + ", ".join(escape(alias) for alias in domain.aliases))
    facts.append(counted(domain.entity_count, "entity", "entities"))
    lines.append(" · ".join(facts))
    rows = [
        (
            code(subdomain.number),
            escape(subdomain.name),
            str(len(subdomain.entities)),
            str(len(analysis.free_sequences(domain, subdomain, uri))),
        )
        for subdomain in domain.subdomains[:_ROWS]
    ]
    if rows:
        lines.append(table(("Number", "Subdomain", "Used", "Free"), rows))
    lines.append(_more(len(domain.subdomains)))
    return "\n\n".join(line for line in lines if line)


def schema_text(schema: str) -> str | None:
    """A schema that needs no domain; None for any other."""
    if not needs_no_domain(schema):
        return None
    return f"**{escape(schema)}** · a schema of SpecQL's own, which needs no domain"


def subdomain_text(analysis: Analysis, domain: Domain, subdomain: Subdomain, uri: str = "") -> str:
    """A subdomain with its entities and the next free code."""
    lines = [
        f"**{escape(subdomain.name)}** · subdomain {code(subdomain.number)} of {escape(domain.name)}",
        _description(subdomain.description),
    ]
    free = analysis.free_sequences(domain, subdomain, uri)
    leased = len(analysis.snapshot.leased_in(domain, subdomain)) if analysis.snapshot is not None else 0
    also = f" · {leased} leased" if leased else ""
    if free:
        first = codes.TableCode(codes.WRITE_LAYER, domain.number.upper(), subdomain.number.upper(), free[0])
        lines.append(f"Next free code {code(str(first))} · {len(free)} left{also}")
    elif codes.capacity(domain.number, subdomain.number):
        lines.append(f"Full: no code is left{also}")
    else:
        lines.append("Its numbers leave no digit for the sequence")
    rows = [(code(entity.table_code), escape(entity.name)) for entity in subdomain.entities[:_ROWS]]
    if rows:
        lines.append(table(("Code", "Entity"), rows))
    lines.append(_more(len(subdomain.entities)))
    return "\n\n".join(line for line in lines if line)


def entity_text(
    analysis: Analysis,
    name: str,
    schema: str | None = None,
    meant: Sequence[EntityFacts] = (),
    *,
    allocations: Allocations | None = None,
) -> str | None:
    """An entity as the workspace's files and the registry have it; None where neither knows it.

    Args:
        analysis: registry and index.
        name: the entity's name; case does not matter.
        schema: only the entities of this schema or of the domain it names; None: of any.
        meant: where not empty, of several files with that name only these.
        allocations: who allocated codes; None: that is left out.
    """
    snapshot = analysis.snapshot
    domain = snapshot.domain_named(schema) if snapshot and schema is not None else None
    files = [f for f in analysis.index.named(name) if schema is None or _in_schema(snapshot, f, schema, domain)]
    files = [f for f in files if f in meant] or files
    registered: Iterable[Registration] = snapshot.by_entity(name) if snapshot else ()
    if schema is not None:
        number = domain.number.upper() if domain else None
        registered = [r for r in registered if r.domain.number.upper() == number]
    lines = [_file_line(facts) for facts in files[:_FEW]]
    lines.extend(_registered_line(analysis, registration, allocations) for registration in list(registered)[:_FEW])
    return "\n\n".join([f"**{escape(_proper_name(name, files, registered))}**", *lines]) if lines else None


def layer_text(analysis: Analysis, layer: str) -> str | None:
    """A schema layer; None where the registry has none of that number."""
    layers = analysis.snapshot.rules.schema_layers if analysis.snapshot else dict(codes.DEFAULT_LAYERS)
    name = layers.get(layer)
    return f"**{code(layer)}** · layer {escape(name)}" if name else None


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many}"


def one_line(text: str, limit: int) -> str:
    """A text on one line, cut; for blocks of code."""
    return shortened(text, limit)


def file_name(uri: str) -> str:
    """The last part of a file's URI, as a person reads it."""
    name = uri.rpartition("/")[2]
    return unquote(name) if "%" in name else name


def _state(analysis: Analysis, text: str, parts: CodeParts, registered: tuple[Registration, ...], uri: str) -> str:
    if analysis.snapshot is None:
        return "a table code, read by SpecQL's default numbers, as no registry can be asked"
    if analysis.snapshot.is_reserved(text):
        return "reserved, never given out"
    if registered:
        return "registered"
    users = [f for f in analysis.index.using_code(text) if f.uri != uri]
    files = ", ".join(f"{escape(f.name)} in {link(file_name(f.uri), f.uri)}" for f in users[:_FEW])
    lease = analysis.snapshot.lease_of(text)
    if lease is not None:
        return escape(leased_words(lease)) + (f", used by {files}" if users else "")
    if users:
        return f"not registered, but used by {files}"
    if parts.domain is None or parts.subdomain is None or parts.code.layer not in analysis.snapshot.rules.schema_layers:
        return "not registered"
    return "free" if parts.code.sequence else "not registered; the sequence 0 is not given out"


def leased_words(lease: LeasedCode) -> str:
    """Who keeps a code that is not registered, and until when. Plain text."""
    if lease.entity is not None:
        return f"leased by this folder and given to {lease.entity}: registered when PostgreSQL is back"
    holder = "by this folder" if lease.is_own else f"to {lease.holder}"
    return f"leased {holder} until {lease.until}"


def _digits(snapshot: Snapshot | None, parts: CodeParts) -> str:
    layers = snapshot.rules.schema_layers if snapshot else dict(codes.DEFAULT_LAYERS)
    known = snapshot is not None
    split = parts.code
    sequence_digits = str(split)[len(split.prefix) :]
    domain = escape(parts.domain.name) if parts.domain else "unknown" if known else ""
    subdomain = escape(parts.subdomain.name) if parts.subdomain else "unknown" if known else ""
    return table(
        ("Digits", "Part", "Meaning"),
        (
            (code(split.layer), "layer", escape(layers.get(split.layer, "unknown"))),
            (code(split.domain), "domain", domain),
            (code(split.subdomain), "subdomain", subdomain),
            (code(sequence_digits), "sequence", str(split.sequence)),
        ),
    )


def _related_codes(analysis: Analysis, text: str, registered: tuple[Registration, ...], entity: str | None) -> str:
    related = [
        f"Function code {code(codes.with_layer(text, codes.FUNCTION_LAYER))}",
        f"view code {code(codes.with_layer(text, codes.VIEW_LAYER))}",
    ]
    short = codes.short_code(entity) if entity else ""
    if registered:
        first = registered[0].entity
        given = first.entity_code or _yaml_value(analysis, registered[0]).entity_code
        short = given or codes.short_code(first.name)
    if short:
        related.append(f"short code {code(short)}")
    return " · ".join(related)


def _registered_line(analysis: Analysis, registration: Registration, allocations: Allocations | None) -> str:
    domain, subdomain, entity = registration
    since = entity.assigned_at or _yaml_value(analysis, registration).assigned_at
    line = (
        f"Registered: **{escape(entity.name)}** has {code(entity.table_code) or 'no code'} in "
        f"{escape(domain.name)} / {escape(subdomain.name)}"
    )
    allocated = allocations.of(entity.table_code) if allocations is not None else ""
    if allocated:
        return f"{line}, {escape(allocated)}"
    return f"{line} since {_date(since)}" if since else line


def _yaml_value(analysis: Analysis, registration: Registration) -> Entity:
    """The entity as the YAML has it, which alone keeps short codes and dates; an empty one where it has none."""
    nothing = Entity("", "")
    if analysis.registry.yaml is None:
        return nothing
    code_there = codes.normalize(registration.entity.table_code)
    number = registration.domain.number.upper()
    for other in analysis.registry.yaml.by_entity(registration.entity.name):
        if other.domain.number.upper() == number and codes.normalize(other.entity.table_code) == code_there:
            return other.entity
    return nothing


def _date(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return escape(text)
    return f"{moment:%Y-%m-%d %H:%M}" if len(text) > len("2025-01-01") else f"{moment:%Y-%m-%d}"


def _description(text: str | None) -> str:
    return escape(shortened(text, _DESCRIPTION_LENGTH)) if text else ""


def _more(count: int) -> str:
    return f"… and {count - _ROWS} more" if count > _ROWS else ""


def _file_line(facts: EntityFacts) -> str:
    line = f"{link(file_name(facts.uri), facts.uri)} · schema {escape(facts.schema)}"
    if facts.code:
        line += f" · {code(facts.code)}"
    line += " · " + counted(len(facts.fields), "field", "fields")
    return f"{line}\n\n{_description(facts.description)}" if facts.description else line


def _in_schema(snapshot: Snapshot | None, facts: EntityFacts, schema: str, domain: Domain | None) -> bool:
    if facts.schema.lower() == schema.lower():
        return True
    return domain is not None and snapshot is not None and snapshot.domain_named(facts.schema) is domain


def _proper_name(name: str, files: list[EntityFacts], registered: Iterable[Registration]) -> str:
    return next((f.name for f in files), None) or next((r.entity.name for r in registered), name)
