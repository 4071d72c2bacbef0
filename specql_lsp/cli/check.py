"""``specql-lsp check``: the server's diagnostics for files and folders."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from specql_lsp.cli.fallbacks import answers_instead as _instead
from specql_lsp.cli.output import COULD_NOT_RUN, print_json_text, print_text, say
from specql_lsp.cli.paths import PathArgument
from specql_lsp.config import Backend, Layer, settings_for
from specql_lsp.logs import configure_logging

_FORMATS = ("text", "json", "sarif", "github")
_FAIL_ON = {"error": "ERROR", "warning": "WARNING", "info": "INFORMATION"}
"""The names of severities; what they are is imported when a check runs, since other commands do without."""


@click.command(short_help="Print the diagnostics of files or folders, without an editor.")
@click.argument("paths", nargs=-1, type=PathArgument(path_type=Path))
@click.option(
    "--workspace", type=PathArgument(path_type=Path, file_okay=False), default=Path(), help="Default: this folder."
)
@click.option("--format", "format_name", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("--fail-on", type=click.Choice(list(_FAIL_ON)), default="error", show_default=True)
@click.option("--no-drift", is_flag=True, help="Do not compare the registry's YAML with PostgreSQL.")
@click.option(
    "--registry",
    "snapshot",
    metavar="FILE",
    type=PathArgument(path_type=Path),
    help="A snapshot (specql-lsp registry snapshot) that answers instead of PostgreSQL and the YAML.",
)
@click.option("--database-url", help="PostgreSQL, as a libpq URI or DSN.")
@click.option("--backend", type=click.Choice([b.value for b in Backend]), help="Which registry to use.")
def check(
    paths: tuple[Path, ...],
    workspace: Path,
    format_name: str,
    fail_on: str,
    *,
    no_drift: bool,
    snapshot: Path | None,
    database_url: str | None,
    backend: str | None,
) -> None:
    """Print the server's diagnostics for files or folders (default: the workspace, drift included).

    Exit status: 0 clean, 1 something at or above --fail-on, 2 could not run, or not without the registry.
    """
    from specql_lsp.check_workspace import CheckError, check_paths
    from specql_lsp.cli.report import FORMATS, JSON_FORMATS
    from specql_lsp.features.model import Severity
    from specql_lsp.syntax.parsing.gc_pause import gc_paused
    from specql_lsp.workspace.wanted_files import PathError

    configure_logging("error", None)
    if snapshot is not None and (database_url is not None or backend is not None):
        raise click.UsageError("--registry names the registry: --database-url and --backend cannot be given with it.")
    registry = {"databaseUrl": database_url, "backend": backend}
    chosen = {key: value for key, value in registry.items() if value is not None}
    settings, warnings = settings_for(workspace, [Layer("the command line", {"registry": chosen})])
    for warning in warnings:
        say(warning)
    if snapshot is not None:
        registry_file = replace(settings.registry, snapshot_path=str(snapshot.absolute()), snapshot_only=True)
        settings = replace(settings, registry=registry_file)
    try:
        with gc_paused():  # what a check makes lives until its end: there is nothing to collect
            report = check_paths(workspace, paths, settings, with_drift=not no_drift)
    except (CheckError, PathError) as error:
        say(str(error))
        sys.exit(COULD_NOT_RUN)
    if report.provenance.reason and (settings.registry.database_url or report.provenance.source.value == "none"):
        say(report.provenance.reason + _instead(report.provenance))
    for notice in report.notices:
        say(notice)
    output = FORMATS[format_name](report)
    # Without its registry nothing says that there is no problem.
    says_no_problem = format_name == "text" and not report.findings
    if format_name in JSON_FORMATS:
        print_json_text(output)
    elif output and not (report.is_registry_unreadable and says_no_problem):
        print_text(output)
    if report.is_registry_unreadable:
        sys.exit(COULD_NOT_RUN)
    limit = Severity[_FAIL_ON[fail_on]]
    sys.exit(int(any(f.severity.value <= limit.value for f in report.findings)))
