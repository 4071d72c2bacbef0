"""The text of a snapshot file: JSON with one line for each domain, subdomain and entity, in one order. Pure.

The same registry from the same source gives the same bytes, except for ``takenAt``. Keys whose value is the usual one
are left out of entities. A reader refuses what it does not know, so that nothing of a newer format is lost silently.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn

from specql_lsp.registry.consistency.changes import ordered
from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Source

FORMAT = "specql-registry-snapshot"
VERSION = 1
_SOURCES = (Source.POSTGRESQL, Source.YAML)


class SnapshotFormatError(ValueError):
    """A text is no snapshot; the message is the end of a sentence that begins with the file's name."""


class TakenSnapshot(NamedTuple):
    """A registry as it was at one moment, and where it was read."""

    snapshot: Snapshot
    taken_at: datetime
    """When it was first found to be so (UTC)."""
    source: Source
    """PostgreSQL, or the YAML."""
    location: str | None
    """Host, port and database, or the path of the YAML; never a password."""


def snapshot_text(taken: TakenSnapshot) -> str:
    """The text of a snapshot."""
    rules = taken.snapshot.rules
    # The order of a domain's subdomains is kept: the first one that fits is inferred.
    inference = {
        domain: {subdomain: list(patterns) for subdomain, patterns in subdomains.items()}
        for domain, subdomains in sorted(rules.subdomain_inference.items())
    }
    parts = [
        f'"format": {_json(FORMAT)}',
        f'"version": {VERSION}',
        f'"takenAt": {_json(_time(taken.taken_at))}',
        f'"source": {_json({"kind": taken.source.value, "location": taken.location})}',
        f'"schemaLayers": {_json(dict(sorted(rules.schema_layers.items())))}',
        f'"reservedCodes": {_block("[", map(_json, sorted(rules.reserved_codes)), "]")}',
        f'"subdomainInference": {_block("{", (f"{_json(k)}: {_json(v)}" for k, v in inference.items()), "}")}',
        f'"domains": {_block("[", map(_domain_text, _canonical(taken.snapshot.domains)), "]")}',
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def same_but_for_the_time(text: str, taken: TakenSnapshot) -> bool:
    """Whether a text is what ``snapshot_text`` would give for a snapshot that was taken at another time."""
    try:
        before = read_snapshot(text)
    except SnapshotFormatError:
        return False
    return text == snapshot_text(taken._replace(taken_at=before.taken_at))


def is_replaceable(text: str) -> bool:
    """Whether a file's text may give way to a snapshot: it is one, if a damaged or a conflicted one, or nothing.

    A text that only speaks of the format (a program, a manual) is none.
    """
    beginning = text.removeprefix("\ufeff").lstrip()
    return not beginning or (beginning.startswith(("{", "<<<<<<<")) and FORMAT in beginning)


def read_snapshot(text: str) -> TakenSnapshot:
    """The snapshot in a text.

    Raises:
        SnapshotFormatError: it is none, is of a newer format, or holds what no registry can.
    """
    document = _object(_parsed(text), "the file")
    if document.get("format") != FORMAT:
        raise SnapshotFormatError("is no registry snapshot (specql-lsp registry snapshot writes one)")
    version = document.get("version")
    if type(version) is not int or version < 1:
        raise SnapshotFormatError("has no valid version")
    if version > VERSION:
        raise SnapshotFormatError(f"was written by a newer release of specql-lsp (its format is {version})")
    source = _object(_required(document, "source", "the file"), "source")
    _only(document, _DOCUMENT_KEYS, "the file")
    domains = tuple(_domain(each) for each in _list(_required(document, "domains", "the file"), "domains"))
    _refuse_repeated((d.number for d in domains), "domain", "the file")
    layers = {
        key: _text(value, f"schemaLayers.{key}")
        for key, value in _object(document.get("schemaLayers"), "schemaLayers").items()
    }
    reserved = [_text(each, "reservedCodes") for each in _list(document.get("reservedCodes"), "reservedCodes")]
    rules = Rules(layers, frozenset(reserved), _inference(document.get("subdomainInference")))
    kind = next((each for each in _SOURCES if each.value == source.get("kind")), None)
    if kind is None:
        raise SnapshotFormatError("names no known source")
    taken_at = _moment(_required(document, "takenAt", "the file"))
    location = _optional_text(source.get("location"), "source.location")
    return TakenSnapshot(Snapshot(ordered(domains), rules), taken_at, kind, location)


_DOCUMENT_KEYS = frozenset(
    {"format", "version", "takenAt", "source", "schemaLayers", "reservedCodes", "subdomainInference", "domains"}
)
_DOMAIN_KEYS = frozenset({"number", "name", "description", "multiTenant", "aliases", "subdomains"})
_SUBDOMAIN_KEYS = frozenset({"number", "name", "description", "nextEntitySequence", "entities"})
_ENTITY_KEYS = frozenset({"name", "tableCode", "sequence", "entityCode", "assignedAt"})
_LARGEST = 2**63 - 1
"""The largest integer that PostgreSQL's ``bigint`` holds."""


# Writing


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _block(opening: str, items: Iterable[str], closing: str, indent: str = "") -> str:
    """The items one below the other; an empty block on one line."""
    lines = [f"{indent}  {item}" for item in items]
    return f"{opening}\n" + ",\n".join(lines) + f"\n{indent}{closing}" if lines else opening + closing


def _canonical(domains: Iterable[Domain]) -> tuple[Domain, ...]:
    """The domains in an order that depends on nothing but what they hold."""
    return ordered(
        domain._replace(
            aliases=tuple(sorted(domain.aliases)),
            subdomains=tuple(
                subdomain._replace(entities=tuple(sorted(subdomain.entities, key=lambda e: (e.name, e.table_code))))
                for subdomain in sorted(domain.subdomains, key=lambda s: s.number)
            ),
        )
        for domain in sorted(domains, key=lambda d: d.number)
    )


def _domain_text(domain: Domain) -> str:
    head = _json(
        {
            "number": domain.number,
            "name": domain.name,
            "description": domain.description,
            "multiTenant": domain.multi_tenant,
            "aliases": list(domain.aliases),
        }
    )
    return f'{head[:-1]}, "subdomains": {_block("[", map(_subdomain_text, domain.subdomains), "]", "  ")}}}'


def _subdomain_text(subdomain: Subdomain) -> str:
    head = _json(
        {
            "number": subdomain.number,
            "name": subdomain.name,
            "description": subdomain.description,
            "nextEntitySequence": subdomain.next_entity_sequence,
        }
    )
    return f'{head[:-1]}, "entities": {_block("[", map(_entity_text, subdomain.entities), "]", "    ")}}}'


def _entity_text(entity: Entity) -> str:
    optional = {"sequence": entity.sequence, "entityCode": entity.entity_code, "assignedAt": entity.assigned_at}
    given = {key: value for key, value in optional.items() if value is not None}
    return _json({"name": entity.name, "tableCode": entity.table_code, **given})


# Reading


def _parsed(text: str) -> Any:
    if any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in text.split("\n")):
        raise SnapshotFormatError("has conflict markers of a merge (specql-lsp registry snapshot writes it again)")
    try:
        return json.loads(text, object_pairs_hook=_without_repetition, parse_constant=_refuse_constant)
    except SnapshotFormatError:
        raise
    except json.JSONDecodeError as error:
        raise SnapshotFormatError(f"is not valid JSON: {error.msg} in line {error.lineno}") from None
    except RecursionError:
        raise SnapshotFormatError("is nested too deeply") from None
    except ValueError:  # an integer of thousands of digits
        raise SnapshotFormatError("has a number that is too large") from None


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise SnapshotFormatError("has a key twice in one object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise SnapshotFormatError(f"is not valid JSON: {name} is no number")


def _domain(value: Any) -> Domain:
    found = _object(value, "a domain")
    _only(found, _DOMAIN_KEYS, "a domain")
    number = _text(_required(found, "number", "a domain"), "number of a domain")
    where = f"domain {number}"
    name = _text(_required(found, "name", where), f"name of {where}")
    multi_tenant = found.get("multiTenant", False)
    if type(multi_tenant) is not bool:
        raise SnapshotFormatError(f"has in {where} a multiTenant that is neither true nor false")
    subdomains = tuple(_subdomain(each, where) for each in _list(found.get("subdomains"), f"subdomains of {where}"))
    _refuse_repeated((s.number for s in subdomains), "subdomain", where)
    return Domain(
        number,
        name,
        _optional_text(found.get("description"), f"description of {where}"),
        multi_tenant,
        tuple(_text(alias, f"aliases of {where}") for alias in _list(found.get("aliases"), f"aliases of {where}")),
        subdomains,
    )


def _subdomain(value: Any, domain: str) -> Subdomain:
    found = _object(value, f"a subdomain of {domain}")
    _only(found, _SUBDOMAIN_KEYS, f"a subdomain of {domain}")
    number = _text(_required(found, "number", f"a subdomain of {domain}"), f"number of a subdomain of {domain}")
    where = f"subdomain {number} of {domain}"
    return Subdomain(
        number,
        _text(_required(found, "name", where), f"name of {where}"),
        _optional_text(found.get("description"), f"description of {where}"),
        _optional_integer(found.get("nextEntitySequence"), f"nextEntitySequence of {where}"),
        tuple(_entity(each, where) for each in _list(found.get("entities"), f"entities of {where}")),
    )


def _entity(value: Any, subdomain: str) -> Entity:
    place = f"an entity of {subdomain}"
    found = _object(value, place)
    _only(found, _ENTITY_KEYS, place)
    name = _text(_required(found, "name", place), f"name of {place}")
    where = f"entity {name} of {subdomain}"
    return Entity(
        name,
        _text(_required(found, "tableCode", where), f"tableCode of {where}"),
        _optional_integer(found.get("sequence"), f"sequence of {where}"),
        _optional_text(found.get("entityCode"), f"entityCode of {where}"),
        _optional_text(found.get("assignedAt"), f"assignedAt of {where}"),
    )


def _inference(value: Any) -> dict[str, dict[str, tuple[str, ...]]]:
    name = "subdomainInference"
    return {
        domain: {
            subdomain: tuple(_text(each, name) for each in _list(patterns, name))
            for subdomain, patterns in _object(subdomains, name).items()
        }
        for domain, subdomains in _object(value, name).items()
    }


def _moment(value: Any) -> datetime:
    text = _text(value, "takenAt")
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise SnapshotFormatError("has a takenAt that is no time with a time zone") from None


def _required(found: Mapping[str, Any], key: str, where: str) -> Any:
    if found.get(key) is None:
        raise SnapshotFormatError(f"lacks {key} in {where}" if where != "the file" else f"lacks {key}")
    return found[key]


def _only(found: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    unknown = next((key for key in found if key not in known), None)
    if unknown is not None:
        raise SnapshotFormatError(f"has an unknown key in {where}: {_shortened(unknown)}")


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SnapshotFormatError(f"has no object as {where}" if where != "the file" else "holds no object")
    return value


def _list(value: Any, where: str) -> Iterator[Any]:
    if not isinstance(value, list):
        raise SnapshotFormatError(f"has no list as {where}")
    return iter(value)


def _text(value: Any, where: str) -> str:
    if type(value) is not str or not value:
        raise SnapshotFormatError(f"has no text as {where}")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise SnapshotFormatError(f"has half a surrogate pair as {where}")
    return value


def _optional_text(value: Any, where: str) -> str | None:
    return value if value is None or value == "" else _text(value, where)


def _optional_integer(value: Any, where: str) -> int | None:
    if value is not None and (type(value) is not int or abs(value) > _LARGEST):
        raise SnapshotFormatError(f"has no integer as {where}")
    return value


def _refuse_repeated(numbers: Iterable[str], what: str, where: str) -> None:
    seen: set[str] = set()
    for number in numbers:
        if number in seen:
            raise SnapshotFormatError(f"has the {what} {_shortened(number)} twice in {where}")
        seen.add(number)


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
