"""``specql-lsp registry``: which registry answers, and moving one into PostgreSQL and back."""

from __future__ import annotations

from collections import Counter
from contextlib import closing, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specql_lsp.cli.files import kept_for_us, read_text_exactly, replace_text
from specql_lsp.cli.options import Invocation, demand_command, registry_command, writing_command
from specql_lsp.cli.output import COULD_NOT_RUN, REFUSED, Answer, CommandError
from specql_lsp.cli.paths import PathArgument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specql_lsp.registry.state import Discrepancy, RegistryState

MIGRATION_STATEMENT_TIMEOUT_MS = 60_000
"""What one statement of a migration may take at least: it locks tables and reads all of the registry."""
STDOUT = "-"


@click.group(invoke_without_command=True, short_help="Show, install, migrate, verify or export the registry.")
@click.pass_context
def registry(context: click.Context) -> None:
    """The registry as a whole: its status, its schema, and its way from YAML to PostgreSQL and back.

    Exit status: 0 done, 1 refused or not consistent, 2 could not run.
    """
    demand_command(context)


@registry.command(short_help="Say which registry answers, and why.")
@registry_command
def status(invocation: Invocation) -> Answer:
    """Say which registry answers and why, what it holds, and whether PostgreSQL and the YAML differ.

    Exit status: 0 one answers, 2 none can be read.
    """
    from specql_lsp.cli.views.status import status as status_text

    with invocation.registry() as opened:
        text = status_text(opened.state, opened.service.yaml_problem, datetime.now(UTC))
        return Answer(opened.status, text, status=0 if opened.state.snapshot is not None else COULD_NOT_RUN)


@registry.command(short_help="Create the registry's schema in PostgreSQL.")
@click.option("--print", "as_script", is_flag=True, help="Print the SQL instead of running it.")
@click.option("--check", "is_check", is_flag=True, help="Only say what is missing: exit status 0 nothing, 1 something.")
@registry_command
def install(invocation: Invocation, *, as_script: bool, is_check: bool) -> Answer:
    """Create SpecQL's registry schema, and what this server adds to it, where they are missing.

    It may be run again at any time, also while the registry is in use; no data is changed. What an earlier release of
    specql-lsp installed is brought up to this one.
    """
    from specql_lsp.cli.views import operations
    from specql_lsp.registry.sources.postgresql import install as installation
    from specql_lsp.registry.sources.postgresql.upgrades import LATEST

    if as_script and is_check:
        raise click.UsageError("--print and --check exclude each other.")
    if is_check:
        with invocation.progress.step("Looking at the registry's schema"):
            found = installation.check_installation(invocation.postgresql_settings())
        document = {
            "current": found.is_current,
            "version": found.version,
            "latest": LATEST,
            "missing": [*found.missing, *(f"column {each}" for each in found.missing_columns)],
            "disabled": list(found.disabled),
            "unrecorded": found.unrecorded,
            "server": found.server,
        }
        return Answer(document, operations.installation_checked(found), status=0 if found.is_current else REFUSED)
    if as_script:
        script = installation.install_script(invocation.settings.registry)
        return Answer({"sql": script}, "", content=script.encode("utf-8"))
    invocation.demand_known_registry()
    settings = invocation.postgresql_settings()
    with invocation.progress.step("Installing the registry's schema"):
        done = installation.install(settings)
    document = {
        "created": list(done.created),
        "kept": list(done.kept),
        "obstacles": list(done.obstacles),
        "server": done.server,
    }
    return Answer(document, operations.installed(done), notes=done.obstacles)


@registry.command(short_help="Move a registry from YAML to PostgreSQL.")
@click.option(
    "--from",
    "yaml",
    type=PathArgument(),
    metavar="YAML",
    help="The registry YAML. Default: the workspace's (registry.yamlPath).",
)
@click.option("--dry-run", is_flag=True, help="Only list what would be added.")
@registry_command
def migrate(invocation: Invocation, yaml: str | None, *, dry_run: bool) -> Answer:
    """Add to PostgreSQL what the registry YAML holds, in one transaction that is verified before its commit.

    What is there already is compared, never overwritten: every conflict is listed with its line, and then nothing is
    changed.
    """
    from specql_lsp.cli.views import operations
    from specql_lsp.registry.author import author_of
    from specql_lsp.registry.migration.migrate import MigrationRefused, migrate_file
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

    invocation.demand_known_registry()
    settings = invocation.postgresql_settings()
    timeout = max(settings.statement_timeout_ms, MIGRATION_STATEMENT_TIMEOUT_MS)
    path, name = invocation.registry_file(yaml)
    try:
        with (
            closing(PostgresqlSource(replace(settings, statement_timeout_ms=timeout))) as source,
            source.acting_as(author_of(invocation.folder)) if settings.record_author else nullcontext(),
            invocation.progress.step(f"Migrating {name}"),
        ):
            added = migrate_file(path, source, dry_run=dry_run, name=name)
    except MigrationRefused as refused:
        problems = [{"message": p.message, "line": p.line, "column": p.column} for p in refused.findings]
        raise CommandError(
            refused.kind.value,
            refused.message,
            REFUSED,
            details={"path": name, "problems": problems},
            lines=tuple(operations.problem(name, each) for each in refused.findings),
        ) from None
    counts = {"domains": added.domains, "subdomains": added.subdomains, "entities": added.entities}
    text = operations.migrated(added, name, source.location, dry_run=dry_run)
    document: dict[str, Any] = {**counts, "dryRun": dry_run, "path": name, "server": source.location}
    if dry_run:
        document["additions"] = operations.additions(added)
    return Answer(document, text)


@registry.command("prune-history", short_help="Delete old events of the history.")
@click.option("--keep-days", type=click.IntRange(1), metavar="N", help="Keep what was recorded within N days.")
@click.option("--before", metavar="DATE", help="Keep what was recorded since then: 2026-01-31, or with a time.")
@click.option("--dry-run", is_flag=True, help="Only count what would be deleted.")
@registry_command
def prune_history(invocation: Invocation, *, keep_days: int | None, before: str | None, dry_run: bool) -> Answer:
    """Delete the events that are older than N days, or than a DATE. The registry itself is not changed.

    It needs the owner's rights. That it was done is recorded as an event.
    """
    from specql_lsp.cli.views import operations
    from specql_lsp.registry.serialization import timestamp
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource

    if (keep_days is None) == (before is None):
        raise click.UsageError("Give either --keep-days or --before.")
    invocation.demand_known_registry()
    moment = _moment(before) if before is not None else datetime.now(UTC) - timedelta(days=keep_days or 1)
    settings = invocation.postgresql_settings()
    timeout = max(settings.statement_timeout_ms, MIGRATION_STATEMENT_TIMEOUT_MS)
    with (
        closing(PostgresqlSource(replace(settings, statement_timeout_ms=timeout))) as source,
        invocation.progress.step("Pruning the history"),
    ):
        count = source.prune_history(moment, dry_run=dry_run)
    document = {"before": timestamp(moment), "events": count, "dryRun": dry_run, "server": source.location}
    return Answer(document, operations.pruned(count, moment, source.location, dry_run=dry_run))


@registry.command(short_help="Compare PostgreSQL and the YAML, for scripts.")
@registry_command
def verify(invocation: Invocation) -> Answer:
    """Compare the registry in PostgreSQL with the one in YAML: a line that counts, and one for each difference.

    Exit status: 0 consistent, 1 not consistent, 2 one of the two could not be read.
    """
    from specql_lsp.cli.views import consistency

    with invocation.registry(invocation.postgresql_settings()) as opened:
        report = opened.consistency()  # Opening it has just read both sides.
        return Answer(report, consistency.messages(report), status=0 if report["consistent"] else REFUSED)


@registry.command(short_help="Settle what differs between PostgreSQL and the YAML, one way.")
@click.option(
    "--keep",
    type=click.Choice(["postgresql", "yaml"]),
    required=True,
    help="Whose side is kept: the other one is changed.",
)
@click.option("--dry-run", is_flag=True, help="Only list what would be done.")
@click.argument("what", nargs=-1, metavar="[WHAT]...")
@registry_command
def sync(invocation: Invocation, what: tuple[str, ...], keep: str, *, dry_run: bool) -> Answer:
    """Make one side hold what the other holds, wherever PostgreSQL and the registry YAML differ.

    WHAT chooses of what differs: a domain (its number or name), a subdomain (crm/customer or 2/03), an entity or a
    table code; with all beneath it. Without it everything is chosen.

    The YAML gets one edit that keeps its comments, order and style; PostgreSQL is changed in one transaction. What
    cannot be done is listed with its reason, and hinders nothing else.

    Exit status: 0 they agree now (or would), 1 something was refused, 2 could not run.
    """
    from specql_lsp.cli.views import synchronization
    from specql_lsp.features.discrepancy_titles import changes_to_json
    from specql_lsp.registry.consistency.resolution import resolution_to_json

    invocation.demand_known_registry()
    _, name = invocation.registry_file(None)
    with invocation.registry(invocation.postgresql_settings()) as opened:
        before = opened.state
        chosen = _chosen(before, what) if what else None
        try:
            with invocation.progress.step("Resolving the differences"):
                made = opened.resolve_discrepancies(keep, chosen, dry_run=dry_run)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise CommandError("file-unwritable", f"The file {name} cannot be written ({reason}).") from None
        written = name if keep == "postgresql" else f"PostgreSQL at {before.provenance.server}"
        document = {
            "keep": keep,
            "dryRun": dry_run,
            "path": name,
            "server": before.provenance.server,
            **resolution_to_json(made),
            "changes": changes_to_json(made.resolved, keep, (before.snapshot, before.yaml)),
        }
        text = synchronization.synchronized(before, made, keep, written, what, dry_run=dry_run)
        return Answer(document, text, status=REFUSED if made.refused else 0)


def _chosen(state: RegistryState, what: Sequence[str]) -> Sequence[Discrepancy] | None:
    """What differs of the things that are named; None where the sides cannot be compared."""
    from specql_lsp.registry.consistency.selection import chosen_by_names

    if state.discrepancies is None:
        return None
    sides = [side for side in (state.snapshot, state.yaml) if side is not None]
    chosen, unknown = chosen_by_names(state.discrepancies, what, sides)
    if unknown:
        message = (
            f"Neither PostgreSQL nor the registry YAML has {unknown[0]}: name a domain, a subdomain (crm/customer), an "
            "entity or a table code."
        )
        raise CommandError("invalid-argument", message, REFUSED)
    return chosen


@registry.command(short_help="Give entities that share a table code codes of their own, as after a merge.")
@click.option("--base", metavar="REV", help="A revision whose codes stay. Default: who had the code first keeps it.")
@click.option("--dry-run", is_flag=True, help="Only list what would be done.")
@writing_command
def renumber(invocation: Invocation, base: str | None, *, dry_run: bool) -> Answer:
    """Give entities that have the table code of another one a free code, in the registry and in their files.

    All of it is done, or nothing: the registry is changed in one transaction, and only once the new texts of the files
    have been written beside them. Should the run end after that, run it again.

    Two branches may take the same code while they work on the registry YAML alone. The entity that had it first, by
    git's history, keeps it; with --base the one that has it in that revision. What cannot be decided is listed.

    Exit status: 0 every code is one entity's now (or would be), 1 something was left to decide, 2 could not run.
    """
    from specql_lsp.cli.renumber import renumber as renumber_codes

    return renumber_codes(invocation, base, dry_run=dry_run)


@registry.command(short_help="Write PostgreSQL's registry into a YAML.")
@click.option(
    "--output",
    metavar="YAML",
    type=PathArgument(),
    help="The file to update or to make, or - for stdout. Default: the workspace's (registry.yamlPath).",
)
@click.option("--check", is_flag=True, help="Only say whether the file would change: exit status 1 if it would.")
@click.option("--diff", is_flag=True, help="Only print the change, as a unified diff: exit status 1 if there is one.")
@registry_command
def export(invocation: Invocation, output: str | None, *, check: bool, diff: bool) -> Answer:
    """Make a registry YAML hold what PostgreSQL holds, keeping its comments, its order and its style.

    Only what differs is changed, and the file is replaced as a whole. A new file, and stdout, get the text of the
    workspace's own registry YAML with what differs changed: it may hold what PostgreSQL cannot, such as reserved codes.

    With --check or --diff nothing is written; exit status: 0 the file is up to date, 1 it would change, 2 could not
    run.
    """
    if (check or diff) and output == STDOUT:
        raise click.UsageError("--check and --diff compare with a file, so --output - cannot be given.")
    if output is None:
        invocation.demand_whole_workspace()
    if not check and not diff and output != STDOUT:
        invocation.demand_known_registry()
    path, name = invocation.registry_file(None if output == STDOUT else output)
    with kept_for_us(None if check or diff or output == STDOUT else path):
        return _export(invocation, path, name, prints=output == STDOUT, check=check, diff=diff)


@registry.command(short_help="Write the registry into a file that answers without a database.")
@click.argument("file", type=PathArgument(), metavar="FILE")
@registry_command
def snapshot(invocation: Invocation, file: str) -> Answer:
    """Write the registry into FILE, as JSON with a line for each entity; - prints it.

    specql-lsp check --registry FILE and the setting registry.snapshotPath read it. PostgreSQL is asked where a database
    is set, else the registry YAML. A FILE that holds the same registry already stays as it is, its time included.
    """
    from specql_lsp.cli.snapshot import take_snapshot

    if file != STDOUT:
        invocation.demand_known_registry()
    return take_snapshot(invocation, None if file == STDOUT else file)


def _export(invocation: Invocation, path: Path, name: str, *, prints: bool, check: bool, diff: bool) -> Answer:
    """Brings a file up to date with PostgreSQL, or shows what that would change; arguments as those of ``export``."""
    from specql_lsp.cli.unified_diff import unified_diff
    from specql_lsp.cli.views import operations
    from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
    from specql_lsp.registry.yaml_edits.export import ExportError, export_registry

    with (
        closing(PostgresqlSource(invocation.postgresql_settings())) as source,
        invocation.progress.step("Reading PostgreSQL"),
    ):
        snapshot = source.load()
    old = read_text_exactly(path, name)
    model_path, model_name = (path, name) if old is not None else invocation.registry_file(None)
    model = old if old is not None else read_text_exactly(model_path, model_name)
    try:
        with invocation.progress.step(f"Updating {name}"):
            new = export_registry(snapshot, model, datetime.now(UTC))
    except ExportError as error:
        raise CommandError("file-unreadable", f"{model_name}: {error}") from None
    if not snapshot.domains and new != model:
        raise CommandError(
            "conflict",
            f"PostgreSQL holds no domain at all, and {model_name} would lose all that it holds; nothing was changed. "
            "Look whether the URL names the right database, or take the domains out of the file yourself.",
            REFUSED,
        )
    added, removed = _changed_lines(old or "", new)
    document = {"path": name, "changed": new != old, "linesAdded": added, "linesRemoved": removed}
    if prints:
        return Answer({**document, "path": STDOUT, "text": new}, "", content=new.encode("utf-8"))
    if check or diff:
        text = operations.would_export(name, old, new, added, removed)
        status = REFUSED if new != old else 0
        if not diff:
            return Answer(document, text, status=status)
        lines = "".join(unified_diff(name, old or "", new))
        return Answer({**document, "diff": lines}, "", status=status, content=lines.encode("utf-8"))
    if new != old:
        replace_text(path, new, name)
    return Answer(document, operations.exported(name, old, new, added, removed))


def _moment(text: str) -> datetime:
    """A date, or a date with a time; in this machine's time zone where it names none.

    Raises:
        click.UsageError: it is neither, or in the future.
    """
    try:
        moment = datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise click.UsageError(f"{text} is not a date such as 2026-01-31 or 2026-01-31T12:00+01:00.") from None
    if moment > datetime.now(UTC):
        raise click.UsageError(f"{text} is in the future.")
    return moment


def _changed_lines(old: str, new: str) -> tuple[int, int]:
    """How many lines a text has that another had not, and how many it lacks; one that moved counts as neither."""
    before, after = Counter(old.split("\n")), Counter(new.split("\n"))
    return (after - before).total(), (before - after).total()
