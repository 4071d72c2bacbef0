"""Decides which code an entity gets, and whether a domain or subdomain may be added. Pure functions of a snapshot.

Every writable source calls this with its content *under its lock*, so that all sources decide alike. The rules
are those of SpecQL's numbering (``language.table_code``); ``next_entity_sequence`` is only a hint,
which real registries let run ahead, and never the sequence. The result is an ``Allocation`` or ``Refused``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from specql_lsp.language import table_code as codes
from specql_lsp.language.names import LONGEST_NAME, is_entity_name, nearest
from specql_lsp.registry.model import Domain, Entity, Registration, Rules, Subdomain
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import Allocation, AllocationRequest
from specql_lsp.registry.snapshot import Snapshot

LONGEST_SUBDOMAIN_NUMBER = 2

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_REGISTRY_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


def decide(snapshot: Snapshot, request: AllocationRequest) -> Allocation:
    """The code for a request.

    Args:
        snapshot: what the source holds now: the request's domain with all its subdomains, every registration of the
            entity in it, and every registration of a code that could be given; under the rules to follow.
        request: what is asked for.

    Returns:
        The code; ``created`` says whether it has to be registered. The domain and the subdomain come without what
        they hold.

    Raises:
        Refused: with a sentence that says why not and what to do.
    """
    layer = _checked_arguments(snapshot, request)
    domain = find_domain(snapshot, request.domain)
    wanted = find_subdomain(domain, request.subdomain) if request.subdomain is not None else None
    registered = _registered(snapshot, domain, wanted, request)
    if registered is not None:
        return _registered_before(snapshot, registered)
    if request.table_code is not None:
        code = codes.normalize(request.table_code)
        subdomain, sequence = _explicit(snapshot, domain, wanted, code, request)
    else:
        subdomain = wanted or _inferred(snapshot, domain, request.entity)
        free = next(
            (
                each
                for each in snapshot.assignable_codes(domain, subdomain, layer=layer, used=request.used)
                if not snapshot.by_code(each[0])
            ),
            None,
        )
        if free is None:
            raise _full(domain, subdomain)
        code, sequence = free
    return new_allocation(domain, subdomain, request.entity, code, sequence)


def new_allocation(domain: Domain, subdomain: Subdomain, entity: str, table_code: str, sequence: int) -> Allocation:
    """The result of giving a code to an entity; the domain and the subdomain come without what they hold."""
    return Allocation(
        entity=entity,
        table_code=table_code,
        entity_code=codes.short_code(entity),
        domain=domain._replace(subdomains=()),
        subdomain=subdomain._replace(entities=()),
        sequence=sequence,
        created=True,
    )


def target(snapshot: Snapshot, request: AllocationRequest) -> tuple[Domain, Subdomain]:
    """Where a request would be registered, so that a source knows what to lock before it looks.

    Raises:
        Refused: the place does not exist, or the arguments are not valid.
    """
    _checked_arguments(snapshot, request)
    domain = find_domain(snapshot, request.domain)
    if request.subdomain is not None:
        return domain, find_subdomain(domain, request.subdomain)
    if request.table_code is not None:
        return domain, _subdomain_of_code(domain, codes.normalize(request.table_code))
    return domain, _inferred(snapshot, domain, request.entity)


def find_domain(snapshot: Snapshot, number_or_name: str) -> Domain:
    """The domain with that number, name or alias; refuses an unknown one and says the nearest name."""
    check_storable(domain=number_or_name)
    domain = snapshot.domain(number_or_name)
    if domain is None:
        names = [name for d in snapshot.domains for name in (d.name, *d.aliases)]
        raise Refused(
            RefusalKind.UNKNOWN_DOMAIN,
            f"The registry has no domain {number_or_name!r}{_hint(number_or_name, names)}; "
            "register it first, or name one that exists.",
        )
    return domain


def find_subdomain(domain: Domain, number_or_name: str) -> Subdomain:
    """The subdomain with that number or name; refuses an unknown one and says the nearest name."""
    check_storable(subdomain=number_or_name)
    subdomain = domain.subdomain(number_or_name)
    if subdomain is None:
        raise Refused(
            RefusalKind.UNKNOWN_SUBDOMAIN,
            f"{title(domain)} has no subdomain {number_or_name!r}"
            f"{_hint(number_or_name, [s.name for s in domain.subdomains])}; "
            "register it first, or name one that exists.",
        )
    return subdomain


def sequence_of(snapshot: Snapshot, domain: Domain, subdomain: Subdomain, entity: Entity) -> int | None:
    """An entity's sequence: the registered one, else the last digits of its code, else None (a malformed code)."""
    if entity.sequence is not None:
        return entity.sequence
    parts = snapshot.parts(entity.table_code)
    if parts is not None:
        return parts.code.sequence
    return codes.sequence_in(entity.table_code, domain.number + subdomain.number)


def unstorable_character(text: str) -> str | None:
    """The first character that no PostgreSQL database stores (NUL, half of a surrogate pair), as ``U+0000``."""
    found = _UNSTORABLE.search(text)
    return None if found is None else f"U+{ord(found.group()):04X}"


def refuse_reserved_number(rules: Rules, kind: str, number: str, prefix: str = "") -> None:
    """Refuses a number that the registry's ``reserved_codes`` keep back as a whole.

    Args:
        rules: the registry's rules.
        kind: ``domain`` or ``subdomain``, for the sentence.
        number: the number to be registered.
        prefix: of a subdomain, its domain's number.

    An entry of fewer digits than a table code reserves the domain, or the domain's subdomain, that has them.
    """
    if codes.normalize(prefix + number) in rules.reserved_codes:
        raise Refused(
            RefusalKind.CODE_RESERVED, f"The {kind} number {number} is reserved in the registry: choose another."
        )


def new_domain(
    snapshot: Snapshot,
    number: str,
    name: str,
    description: str | None,
    *,
    multi_tenant: bool,
    aliases: tuple[str, ...],
) -> Domain:
    """The domain to add, its number in upper case; refuses what does not fit the registry."""
    check_storable(number=number, name=name, description=description, aliases="".join(aliases))
    widths = {1, *(len(d.number) for d in snapshot.domains)}
    _check_number("domain", number, widths)
    _check_same_digits("domain", number, ((d.number, d.name) for d in snapshot.domains), "the registry")
    if len(set(aliases)) < len(aliases) or name in aliases:
        raise _invalid(f"The names of domain {name} repeat: every alias must be given once and differ from the name.")
    for each in (name, *aliases):
        check_name("domain", each)
        other = snapshot.domain_named(each)
        if other is not None:
            raise Refused(
                RefusalKind.ALREADY_REGISTERED,
                f"The name {each} is taken: it is a name of domain {other.number} ({other.name}). Choose another.",
            )
    return Domain(number.upper(), name, description or None, multi_tenant, aliases)


def new_subdomain(snapshot: Snapshot, domain: Domain, number: str, name: str, description: str | None) -> Subdomain:
    """The subdomain to add to a domain, its number in upper case; refuses what does not fit the registry."""
    check_storable(number=number, name=name, description=description)
    widths = {len(s.number) for s in domain.subdomains} or {
        len(s.number) for d in snapshot.domains for s in d.subdomains
    }
    allowed = {w for w in widths if codes.capacity(domain.number, "0" * w)} or set(
        range(1, LONGEST_SUBDOMAIN_NUMBER + 1)
    )
    _check_number("subdomain", number, allowed)
    _check_same_digits("subdomain", number, ((s.number, s.name) for s in domain.subdomains), title(domain))
    check_name("subdomain", name)
    if any(s.name.lower() == name for s in domain.subdomains):
        taken = find_subdomain(domain, name)
        raise Refused(
            RefusalKind.ALREADY_REGISTERED,
            f"{title(domain)} has a subdomain {name} already: number {taken.number}. Choose another name.",
        )
    return Subdomain(number.upper(), name, description or None, 1)


def check_entity_name(name: str) -> None:
    """Refuses a name that no entity can have in a registry."""
    if not is_entity_name(name):
        raise _invalid(f"{name!r} cannot name an entity: use letters, digits and underscores, not a digit first.")
    if len(name) > LONGEST_NAME:
        raise _invalid(f"The entity's name has {len(name)} characters; the registry takes {LONGEST_NAME}.")


def check_name(kind: str, name: str) -> None:
    """Refuses a name that no domain or subdomain can have; ``kind`` is the word for it in the sentence."""
    if _REGISTRY_NAME.match(name) is None or len(name) > LONGEST_NAME:
        raise _invalid(
            f"{name!r} cannot name a {kind}: use at most {LONGEST_NAME} lower-case letters, digits and underscores, "
            "a letter first."
        )


def check_storable(**arguments: str | None) -> None:
    """Refuses an argument that holds a character which no database stores; names the argument and the character."""
    for argument, text in arguments.items():
        character = unstorable_character(text or "")
        if character is not None:
            name = argument.replace("_", " ")
            raise _invalid(f"The {name} holds the character {character}, which PostgreSQL cannot store: leave it out.")


def _checked_arguments(snapshot: Snapshot, request: AllocationRequest) -> str:
    """Refuses arguments that could be right in no registry; gives the layer in upper case."""
    check_storable(entity=request.entity, layer=request.layer, table_code=request.table_code)
    check_entity_name(request.entity)
    layer = request.layer.upper()
    if request.table_code is not None:
        code = codes.normalize(request.table_code)
        if not codes.is_well_formed(code):
            raise _invalid(f"{request.table_code!r} is not a table code: it must be six hexadecimal digits.")
        layer = code[: codes.LAYER_LENGTH]
    layers = snapshot.rules.schema_layers
    if layer not in {known.upper() for known in layers}:
        known = ", ".join(f"{number} ({name})" for number, name in sorted(layers.items()))
        raise _invalid(f"The registry has no schema layer {layer!r}; it knows {known}.")
    return layer


def _registered(
    snapshot: Snapshot, domain: Domain, wanted: Subdomain | None, request: AllocationRequest
) -> Registration | None:
    """The registration that answers the request; refuses one that contradicts it."""
    number = domain.number.upper()
    there = [r for r in snapshot.by_entity(request.entity) if r.domain.number.upper() == number]
    if not there:
        return None
    fitting = there
    if wanted is not None:
        fitting = [r for r in there if r.subdomain.number.upper() == wanted.number.upper()]
    if fitting and request.table_code is not None:
        code = codes.normalize(request.table_code)
        fitting = [r for r in fitting if codes.normalize(r.entity.table_code) == code]
    if fitting:
        return fitting[0]
    found = there[0]
    raise Refused(
        RefusalKind.ALREADY_REGISTERED,
        f"{found.entity.name} is registered already, with code {found.entity.table_code} in subdomain "
        f"{found.subdomain.number} ({found.subdomain.name}) of {title(domain, start=False)}: use that code.",
    )


def _explicit(
    snapshot: Snapshot, domain: Domain, wanted: Subdomain | None, code: str, request: AllocationRequest
) -> tuple[Subdomain, int]:
    """The subdomain and the sequence of a code that was asked for; refuses one that cannot be registered here."""
    subdomain = _subdomain_of_code(domain, code)
    if wanted is not None and not _digits_after_domain(domain, code).startswith(wanted.number.upper()):
        raise _invalid(
            f"The code {code} belongs to subdomain {subdomain.number} ({subdomain.name}), not to {wanted.number} "
            f"({wanted.name}): change the code or the subdomain."
        )
    subdomain = wanted or subdomain
    if snapshot.is_reserved(code):
        raise Refused(RefusalKind.CODE_RESERVED, f"The code {code} is reserved in the registry: take another.")
    holders = snapshot.by_code(code)
    if holders:
        holder = holders[0]
        raise Refused(
            RefusalKind.CODE_TAKEN,
            f"The code {code} is registered to {holder.entity.name} in {title(holder.domain, start=False)}: "
            "take another.",
        )
    if snapshot.is_withheld(code):
        raise Refused(
            RefusalKind.CODE_TAKEN,
            f"The code {code} is in a merge conflict of the registry YAML: resolve the conflict, or take another code.",
        )
    lease = snapshot.lease_of(code)
    if lease is not None and not lease.is_own:
        raise Refused(
            RefusalKind.CODE_TAKEN,
            f"The code {code} is leased to {lease.holder} until {lease.until}. Take another code.",
        )
    if code in request.used:
        raise Refused(
            RefusalKind.CODE_TAKEN, f"The code {code} is used by another file of the workspace: take another."
        )
    return subdomain, int(_digits_after_domain(domain, code)[len(subdomain.number) :], 16)


def _digits_after_domain(domain: Domain, code: str) -> str:
    rest = code[codes.LAYER_LENGTH :]
    if not rest.startswith(domain.number.upper()):
        raise _invalid(
            f"The code {code} is not one of {title(domain, start=False)}: its domain digits must be {domain.number}."
        )
    return rest[len(domain.number) :]


def _subdomain_of_code(domain: Domain, code: str) -> Subdomain:
    rest = _digits_after_domain(domain, code)
    fitting = [s for s in domain.subdomains if rest.startswith(s.number.upper()) and len(s.number) < len(rest)]
    if not fitting:
        raise Refused(
            RefusalKind.UNKNOWN_SUBDOMAIN,
            f"{title(domain)} has no subdomain with the digits of code {code}: register it first, or change the code.",
        )
    return max(fitting, key=lambda s: len(s.number))


def _inferred(snapshot: Snapshot, domain: Domain, entity: str) -> Subdomain:
    subdomain = snapshot.inferred_subdomain(domain, entity)
    if subdomain is None:
        raise Refused(
            RefusalKind.UNKNOWN_SUBDOMAIN,
            f"{title(domain)} has no subdomain yet, so {entity} cannot get a code: register a subdomain first.",
        )
    return subdomain


def _registered_before(snapshot: Snapshot, registration: Registration) -> Allocation:
    domain, subdomain, entity = registration
    found = new_allocation(
        domain, subdomain, entity.name, entity.table_code, sequence_of(snapshot, domain, subdomain, entity) or 0
    )
    return replace(found, entity_code=entity.entity_code or found.entity_code, created=False)


def _full(domain: Domain, subdomain: Subdomain) -> Refused:
    capacity = codes.capacity(domain.number, subdomain.number)
    return Refused(
        RefusalKind.SUBDOMAIN_FULL,
        f"Subdomain {subdomain.number} ({subdomain.name}) of {title(domain, start=False)} is full: it holds "
        f"{capacity} codes and none is free. Use another subdomain, or register a new one.",
    )


def _check_number(kind: str, number: str, widths: set[int]) -> None:
    if not codes.is_hexadecimal(number) or len(number) not in widths:
        digits = " or ".join(str(width) for width in sorted(widths))
        plural = "" if widths == {1} else "s"
        raise _invalid(f"{number!r} cannot be a {kind}'s number here: it must be {digits} hexadecimal digit{plural}.")


def _check_same_digits(kind: str, number: str, others: Iterable[tuple[str, str]], where: str) -> None:
    """Refuses a number that another has, or that begins like another: their codes would be the same."""
    key = number.upper()
    for other, name in others:
        if other.upper() == key:
            raise Refused(
                RefusalKind.ALREADY_REGISTERED,
                f"The {kind} number {number} is taken in {where[0].lower() + where[1:]}: it is {name}. Choose another.",
            )
        if other and (other.upper().startswith(key) or key.startswith(other.upper())):
            raise _invalid(f"The {kind} number {number} begins like {other} ({name}), so codes would clash.")


def title(domain: Domain, *, start: bool = True) -> str:
    """What sentences call a domain: its number and name; ``start`` says whether a sentence begins with it."""
    return f"{'D' if start else 'd'}omain {domain.number} ({domain.name})"


def _hint(name: str, candidates: Iterable[str]) -> str:
    near = nearest(name, candidates)
    return f" (did you mean {near!r}?)" if near else ""


def _invalid(message: str) -> Refused:
    return Refused(RefusalKind.INVALID_ARGUMENT, message)
