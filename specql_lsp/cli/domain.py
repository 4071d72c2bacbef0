"""``specql-lsp domain``: the registry's domains, subdomains and codes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specql_lsp.cli.completion import complete_domain, complete_subdomain
from specql_lsp.cli.fallbacks import answers_instead
from specql_lsp.cli.options import Invocation, demand_command, registry_command, writing_command
from specql_lsp.cli.output import COULD_NOT_RUN, REFUSED, Answer, terminal_width
from specql_lsp.cli.paths import PathArgument

if TYPE_CHECKING:
    from specql_lsp.registry.client import Registry


@click.group(invoke_without_command=True, short_help="Show and add domains, and allocate codes.")
@click.pass_context
def domain(context: click.Context) -> None:
    """The registry's domains, subdomains and codes.

    Exit status: 0 done, 1 refused or not consistent, 2 could not run.
    """
    demand_command(context)


@domain.command("list", short_help="List the domains.")
@registry_command
def list_domains(invocation: Invocation) -> Answer:
    """List the domains, with what they hold and how many codes are free in them."""
    from specql_lsp.cli.views import domains
    from specql_lsp.registry.serialization import domains_to_json

    index = invocation.index()
    with invocation.registry() as registry:
        document = domains_to_json(registry.snapshot, index.codes())
        text = domains.overview(document, registry.state.provenance, terminal_width(sys.stdout))
        return Answer(document, text, notes=_fallback(registry))


@domain.command("get", short_help="Show one domain.")
@click.argument("number", shell_complete=complete_domain)
@registry_command
def get_domain(invocation: Invocation, number: str) -> Answer:
    """Show the domain with that NUMBER or name: its subdomains and entities, and how many codes are free."""
    from specql_lsp.cli.views import domains
    from specql_lsp.registry.serialization import domain_to_json

    index = invocation.index()
    with invocation.registry() as registry:
        document = domain_to_json(registry.snapshot, registry.domain(number), index.codes())
        return Answer(document, domains.tree(document, terminal_width(sys.stdout)), notes=_fallback(registry))


@domain.command("register", short_help="Add a domain.")
@click.option("--number", required=True, help="A hexadecimal digit (or two, where the registry has such).")
@click.option("--name", required=True, help="Lower-case letters, digits and underscores.")
@click.option("--description")
@click.option("--multi-tenant", is_flag=True, help="The domain's tables belong to tenants.")
@click.option("--aliases", metavar="A,B", default="", help="Other names of the domain, with commas between them.")
@writing_command
def register_domain(
    invocation: Invocation, number: str, name: str, description: str | None, *, multi_tenant: bool, aliases: str
) -> Answer:
    """Add a domain to the registry."""
    from specql_lsp.cli.views import domains
    from specql_lsp.registry.serialization import domain_to_json
    from specql_lsp.registry.snapshot import Snapshot

    names = tuple(alias.strip() for alias in aliases.split(",") if alias.strip())
    with invocation.registry() as registry, invocation.progress.step(f"Registering domain {name}"):
        added = registry.register_domain(number, name, description, multi_tenant=multi_tenant, aliases=names)
        document = domain_to_json(Snapshot([added]), added)
        return Answer(document, domains.domain_registered(document), notes=_volatile(registry))


@domain.command("register-subdomain", short_help="Add a subdomain to a domain.")
@click.argument("domain", shell_complete=complete_domain)
@click.option("--number", required=True, help="Two hexadecimal digits (or one, where the registry has such).")
@click.option("--name", required=True, help="Lower-case letters, digits and underscores.")
@click.option("--description")
@writing_command
def register_subdomain(invocation: Invocation, domain: str, number: str, name: str, description: str | None) -> Answer:
    """Add a subdomain to the DOMAIN with that number or name."""
    from specql_lsp.cli.views import domains
    from specql_lsp.registry.serialization import subdomain_to_json

    index = invocation.index()
    with invocation.registry() as registry, invocation.progress.step(f"Registering subdomain {name}"):
        added = registry.register_subdomain(domain, number, name, description)
        parent = registry.domain(domain)
        document = subdomain_to_json(registry.snapshot, parent, added, index.codes())
        return Answer(document, domains.subdomain_registered(document, parent), notes=_volatile(registry))


@domain.command("allocate-code", short_help="Give an entity its code.")
@click.argument("domain", shell_complete=complete_domain)
@click.argument("subdomain", shell_complete=complete_subdomain)
@click.argument("entity")
@click.option("--layer", default="01", show_default=True, help="The schema layer: two hexadecimal digits.")
@writing_command
def allocate_code(invocation: Invocation, domain: str, subdomain: str, entity: str, layer: str) -> Answer:
    """Register ENTITY in a SUBDOMAIN of a DOMAIN (numbers or names) and print its code.

    An entity that has a code keeps it: asking again gives the same. A code that a file of the workspace uses for
    another entity is not given out.
    """
    from specql_lsp.cli.leases import away, confirmed
    from specql_lsp.cli.views import domains
    from specql_lsp.registry.serialization import allocation_to_json
    from specql_lsp.workspace.analysis import Analysis

    used = Analysis(invocation.settings, index=invocation.index()).codes_used_elsewhere("", entity)
    with invocation.registry() as registry, invocation.progress.step(f"Allocating a code for {entity}"):
        notes = confirmed(registry)
        allocation = registry.allocate(domain, subdomain, entity, layer, used=used)
        invocation.written(allocation.domain, allocation.entity)
        notes += (*away([allocation]), *_volatile(registry))
        return Answer(allocation_to_json(allocation), domains.allocated(allocation), notes=notes)


@domain.command("allocate-missing", short_help="Give a code to every file that has none.")
@click.argument("paths", nargs=-1, type=PathArgument(path_type=Path), metavar="[PATH]...")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@writing_command
def allocate_missing_codes(invocation: Invocation, paths: tuple[Path, ...], *, dry_run: bool) -> Answer:
    """Allocate a code for each entity file that has none, and write it into the file.

    PATHs are files or folders; default: the workspace. Where the subdomain follows neither from the file, nor from
    the registry, nor from the entity's name, the file is listed and left as it is.

    Exit status: 0 every file has a code, 1 one has none, 2 a file could not be written.
    """
    from specql_lsp.cli.missing_codes import allocate_missing

    return allocate_missing(invocation, paths, dry_run=dry_run, width=terminal_width(sys.stdout))


@domain.command("lease", short_help="Reserve codes for the time without PostgreSQL.")
@click.argument("places", nargs=-1, metavar="[DOMAIN SUBDOMAIN]", shell_complete=complete_domain)
@click.option("--count", type=int, default=1, show_default=True, help="How many unused codes are leased afterwards.")
@click.option("--days", type=float, default=7.0, show_default=True, help="How long, by PostgreSQL's clock.")
@click.option("--list", "is_list", is_flag=True, help="Show every lease.")
@click.option("--release", "is_release", is_flag=True, help="Give codes back: those named, else all unused ones.")
@writing_command
def lease(
    invocation: Invocation, places: tuple[str, ...], count: int, days: float, *, is_list: bool, is_release: bool
) -> Answer:
    """Reserve codes of a SUBDOMAIN for this folder: allocation takes them while PostgreSQL is away.

    Nobody else gets a leased code. What was allocated from a lease is registered when PostgreSQL is back. A lease that
    has ended returns. With --release, codes may be named instead of a subdomain.

    Exit status: 0 done, 1 refused, 2 could not run.
    """
    from specql_lsp.cli.leases import lease_codes, list_leases, release_codes

    if is_list + is_release > 1:
        raise click.UsageError("--list and --release exclude each other.")
    if is_release:
        return release_codes(invocation, places)
    if is_list:
        if places:
            raise click.UsageError("--list takes no DOMAIN and SUBDOMAIN: it shows every lease.")
        return list_leases(invocation, terminal_width(sys.stdout))
    if len(places) != 2:
        raise click.UsageError("Name a DOMAIN and a SUBDOMAIN, or give --list or --release.")
    return lease_codes(invocation, *places, count=count, days=days)


@domain.command("rename-entity", short_help="Give a registered entity another name.")
@click.argument("domain", shell_complete=complete_domain)
@click.argument("old")
@click.argument("new")
@click.option("--subdomain", help="Number or name; needed where the domain has OLD in several subdomains.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@writing_command
def rename_entity(
    invocation: Invocation, domain: str, old: str, new: str, subdomain: str | None, *, dry_run: bool
) -> Answer:
    """Register the entity OLD of a DOMAIN under the name NEW. It keeps its code; files are not changed, but named.

    Asked again, it changes nothing.
    """
    from specql_lsp.cli.corrections import rename

    return rename(invocation, domain, old, new, subdomain, dry_run=dry_run)


@domain.command("move-entity", short_help="Move a registered entity to another subdomain.")
@click.argument("domain", shell_complete=complete_domain)
@click.argument("entity")
@click.argument("subdomain", shell_complete=complete_subdomain)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@writing_command
def move_entity(invocation: Invocation, domain: str, entity: str, subdomain: str, *, dry_run: bool) -> Answer:
    """Move a registered ENTITY of a DOMAIN to another SUBDOMAIN: it gets a free code there, and so does its file.

    Asked again, it changes nothing. Exit status: 0 done, 1 refused, 2 a file could not be written.
    """
    from specql_lsp.cli.corrections import move

    return move(invocation, domain, entity, subdomain, dry_run=dry_run)


@domain.command("release-code", short_help="Take a registration back.")
@click.argument("domain", shell_complete=complete_domain)
@click.argument("entity")
@click.option("--subdomain", help="Number or name; needed where the domain has ENTITY in several subdomains.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@writing_command
def release_code(invocation: Invocation, domain: str, entity: str, subdomain: str | None, *, dry_run: bool) -> Answer:
    """Take the registration of an ENTITY of a DOMAIN back: its code is free again.

    It is refused while a file of the workspace uses the code.
    """
    from specql_lsp.cli.corrections import release

    return release(invocation, domain, entity, subdomain, dry_run=dry_run)


@domain.command("history", short_help="Show what was done to the registry, when and by whom.")
@click.argument("what", metavar="[ENTITY|CODE]", required=False)
@click.option(
    "--domain",
    "domain_",
    metavar="DOMAIN",
    shell_complete=complete_domain,
    help="Only in the domain with that number or name.",
)
@click.option("--limit", type=int, default=20, show_default=True, help="How many events at most.")
@registry_command
def history(invocation: Invocation, what: str | None, domain_: str | None, limit: int) -> Answer:
    """Show what was done to the registry, newest first: all of it, or to an ENTITY or the holder of a CODE.

    An entity is found by each name, and each code, that it has had. PostgreSQL records the history once "registry
    install" was run.

    Exit status: 0 done, 1 refused, 2 there is no history that can be read.
    """
    from specql_lsp.cli.views import history as view
    from specql_lsp.registry.history_in_words import history_to_json
    from specql_lsp.registry.history_request import is_code

    with invocation.registry() as registry, invocation.progress.step("Reading the history"):
        snapshot = registry.state.snapshot
        by = {"table_code": what} if what is not None and is_code(what) else {"entity": what}
        found = registry.history(**by, domain=domain_, limit=limit)
        text = view.events(found, snapshot, what, terminal_width(sys.stdout))
        notes = () if found.unavailable is None else (f"There is no history. {found.unavailable}",)
        status = 0 if found.unavailable is None else COULD_NOT_RUN
        return Answer(history_to_json(found, snapshot), text, status, notes=notes)


@domain.command("check-consistency", short_help="Show what differs between PostgreSQL and the YAML.")
@registry_command
def check_consistency(invocation: Invocation) -> Answer:
    """Compare the registry in PostgreSQL with the one in YAML and show what differs.

    Exit status: 0 consistent, 1 not consistent, 2 one of the two could not be read.
    """
    from specql_lsp.cli.views import consistency

    with invocation.registry() as registry:
        report = registry.consistency()  # Opening it has just read both sides.
        text = consistency.differences(registry.state, report)
        return Answer(report, text, status=0 if report["consistent"] else REFUSED)


@domain.command("performance-report", short_help="Measure how the registry performs.")
@click.option(
    "--samples",
    type=click.IntRange(1, 10_000),
    default=10,
    show_default=True,
    help="How often the registry is read for it.",
)
@registry_command
def performance_report(invocation: Invocation, samples: int) -> Answer:
    """Read the registry a number of times and report how long that took, what failed and what was slow."""
    from specql_lsp.cli.views import performance

    with invocation.registry() as registry:
        registry.domains()  # Of a registry that cannot be read there is nothing to report.
        with invocation.progress.step(f"Reading the registry {samples} times"):
            for _ in range(samples - 1):  # Opening it was the first.
                registry.refresh()
        report = registry.performance_report()
        text = performance.tables(report, invocation.settings.registry.slow_query_ms)
        return Answer(report, text, notes=_fallback(registry))


def _fallback(registry: Registry) -> tuple[str, ...]:
    """Says that another source answers than the settings want, where it does."""
    from specql_lsp.config import Backend

    provenance, settings = registry.state.provenance, registry.service.settings
    wants_postgresql = settings.backend is Backend.POSTGRESQL or (
        settings.backend is Backend.AUTO and settings.database_url
    )
    instead = answers_instead(provenance)
    return (provenance.reason + instead,) if instead and wants_postgresql else ()


def _volatile(registry: Registry) -> tuple[str, ...]:
    """Says that what was written is gone with this process, where it is."""
    from specql_lsp.registry.state import Source

    if registry.state.provenance.source is Source.IN_MEMORY:
        return ("The registry is in memory: what was registered is gone when this command ends.",)
    return ()
