"""``organization.table_code``: the registered code, the next free ones, and the digits on the way there.

A code is found by its digits, and the next one of a subdomain by the subdomain's name, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from specql_lsp.features.completion.builder import LIMIT, UNAVAILABLE, Proposal, build, with_prefix
from specql_lsp.features.completion.insertion import value_insertion
from specql_lsp.features.completion.request import Request
from specql_lsp.features.model import CommandCall, CompletionKind, CompletionList, DocumentationKey
from specql_lsp.language import table_code as codes
from specql_lsp.registry.model import Domain, Registration, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.workspace.analysis import Analysis


def complete(request: Request) -> CompletionList:
    """Codes for the entity of the file; as digits are typed, what can follow them."""
    snapshot = request.analysis.snapshot
    if snapshot is None:
        return UNAVAILABLE
    typed = codes.normalize(request.context.prefix)
    insertion = value_insertion(request, quote_always=True)
    found: list[Proposal] = []
    if not typed or codes.is_hexadecimal(typed):
        found = list(islice(with_prefix(typed, _proposals(request, snapshot, typed)), LIMIT))
    if not found and typed:
        return build(typed, _by_name(request, snapshot), insertion, incomplete=True)
    # Each digit opens another level, so that the client asks again until the subdomain is named.
    return build("", found, insertion, incomplete=True)


def next_code(request: Request) -> str | None:
    """The code of the file's entity: the registered one, else the next free one of its subdomain; None if unknown."""
    snapshot = request.analysis.snapshot
    proposals = _proposals(request, snapshot, "") if snapshot is not None else iter(())
    return next((p.text for p in proposals if p.preselect and p.kind is CompletionKind.VALUE), None)


def _by_name(request: Request, snapshot: Snapshot) -> Iterator[Proposal]:
    """The next free code of each subdomain, to be found by the subdomain's name; the file's own domain first."""
    home = request.analysis.domain_of(request.document)
    for domain in sorted(snapshot.domains, key=lambda each: each is not home):
        for proposal in _in_domain(request, domain, codes.WRITE_LAYER, "", preselect=False):
            yield proposal._replace(compared=proposal.compared.partition(" ")[2])


def _proposals(request: Request, snapshot: Snapshot, typed: str) -> Iterator[Proposal]:
    registered = request.analysis.registration_of(request.document)
    preselected = False
    if registered is not None and codes.is_well_formed(registered.entity.table_code):
        preselected = codes.normalize(registered.entity.table_code).startswith(typed)
        yield _registered(registered)
    home = request.analysis.domain_of(request.document)
    layer = typed[: codes.LAYER_LENGTH]
    if len(layer) < codes.LAYER_LENGTH:
        if codes.WRITE_LAYER.startswith(layer):
            if home is not None:
                yield from _in_domain(request, home, codes.WRITE_LAYER, typed, preselect=not preselected)
            else:
                yield from _domain_prefixes(snapshot, codes.WRITE_LAYER, home)
        for number, name in snapshot.rules.schema_layers.items():
            key = DocumentationKey("layer", {"layer": number})
            yield Proposal(number, number, CompletionKind.ENUM_MEMBER, f"layer {name}", documentation=key)
    elif layer in snapshot.rules.schema_layers:
        rest = typed[codes.LAYER_LENGTH :]
        for domain in _matching(snapshot, rest, home):
            yield from _in_domain(request, domain, layer, typed, preselect=not preselected and domain is home)
        if not rest:
            yield from _domain_prefixes(snapshot, layer, home)


def _registered(registration: Registration) -> Proposal:
    code = codes.normalize(registration.entity.table_code)
    return Proposal(
        code,
        code,
        CompletionKind.VALUE,
        detail=f"{registration.domain.name} / {registration.subdomain.name}",
        description=f"{registration.subdomain.name} · registered to {registration.entity.name}",
        preselect=True,
        compared=f"{code} {registration.subdomain.name}",
        documentation=DocumentationKey("code", {"code": code}),
    )


def _matching(snapshot: Snapshot, rest: str, home: Domain | None) -> list[Domain]:
    """The domains that the digits behind the layer name, the file's first; without digits only the file's."""
    if not rest:
        return [home] if home is not None else []
    named = [d for d in snapshot.domains if _agree(d.number.upper(), rest)]
    return sorted(named, key=lambda domain: domain is not home)


def _agree(number: str, typed: str) -> bool:
    return number.startswith(typed) or typed.startswith(number)


def _in_domain(request: Request, domain: Domain, layer: str, typed: str, *, preselect: bool) -> Iterator[Proposal]:
    """The next free code of each subdomain; every free one where the digits name the subdomain; then its digits."""
    analysis, document = request.analysis, request.document
    own = analysis.subdomain_of(document, domain) if domain is analysis.domain_of(document) else None
    shorter: list[tuple[str, Subdomain, int]] = []
    of_domain = layer + domain.number.upper()
    for subdomain in sorted(domain.subdomains, key=lambda s: s is not own):
        prefix = of_domain + subdomain.number.upper()
        if not _agree(prefix, typed):
            continue
        free = analysis.free_sequences(domain, subdomain, document.uri, layer)
        if not free:
            continue
        width = codes.CODE_LENGTH - len(prefix)
        # While PostgreSQL is away, what can be allocated comes first.
        leased = _leased_sequences(analysis, prefix, free)
        if leased:
            free.sort(key=lambda sequence: sequence not in leased)
        for sequence in free if len(typed) >= len(prefix) else free[:1]:
            is_next = preselect and subdomain is own
            left_words = f"{len(leased)} leased" if sequence in leased else f"{len(free)} left"
            code = f"{prefix}{sequence:0{width}X}"
            proposal = _free_code(code, domain, subdomain, left_words, preselect=is_next)
            yield proposal
            if is_next and (analysis.registry.provenance.writable or sequence in leased):
                yield _taken_now(request, proposal, domain, subdomain)
            preselect = preselect and subdomain is not own
        if len(of_domain) <= len(typed) < len(prefix):
            shorter.append((prefix, subdomain, len(free)))
    for prefix, subdomain, left in shorter:
        yield _subdomain_prefix(prefix, domain, subdomain, left)


def _leased_sequences(analysis: Analysis, prefix: str, free: list[int]) -> list[int]:
    """The sequences of a subdomain that the folder may give out although PostgreSQL is away."""
    codes_there = (code for code in analysis.registry.provenance.leased if code.startswith(prefix))
    return [sequence for code in codes_there if (sequence := int(code[len(prefix) :], 16)) in free]


def _free_code(code: str, domain: Domain, subdomain: Subdomain, left: str, *, preselect: bool) -> Proposal:
    name = subdomain.name
    key = DocumentationKey("code", {"code": code})
    detail, description = f"{domain.name} / {name}", f"{name} · {left}"
    return Proposal(code, code, CompletionKind.VALUE, detail, description, preselect, key, f"{code} {name}")


def _taken_now(request: Request, free: Proposal, domain: Domain, subdomain: Subdomain) -> Proposal:
    """The same code, which is allocated when it is accepted."""
    argument = {
        "uri": request.document.uri,
        "domain": domain.number,
        "subdomain": subdomain.number,
        "tableCode": free.text,
    }
    return free._replace(
        label=f"{free.text} taken now",
        kind=CompletionKind.EVENT,
        description=f"{subdomain.name} · allocates it",
        preselect=False,
        command=CommandCall("specql.allocateEntityCode", argument),
    )


def _subdomain_prefix(prefix: str, domain: Domain, subdomain: Subdomain, left: int) -> Proposal:
    key = DocumentationKey("subdomain", {"domain": domain.number, "subdomain": subdomain.number})
    detail = f"{subdomain.name}, {left} free"
    return Proposal(prefix, prefix, CompletionKind.FOLDER, detail=detail, documentation=key)


def _domain_prefixes(snapshot: Snapshot, layer: str, home: Domain | None) -> Iterator[Proposal]:
    for domain in sorted(snapshot.domains, key=lambda d: d is not home):
        prefix = layer + domain.number.upper()
        key = DocumentationKey("domain", {"number": domain.number})
        yield Proposal(prefix, prefix, CompletionKind.FOLDER, detail=domain.name, documentation=key)
