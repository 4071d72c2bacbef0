"""The commands of ``specql-lsp``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from specql_lsp import __version__
from specql_lsp.batch import CheckError, check_paths
from specql_lsp.cli.report import FORMATS
from specql_lsp.cli.serve import run_server
from specql_lsp.config import Backend, Layer, settings_for
from specql_lsp.features.model import Severity
from specql_lsp.logs import LEVELS, configure_logging, redact

_FAIL_ON = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.INFORMATION}


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="specql-lsp")
@click.option("--stdio", is_flag=True, hidden=True, help="Accepted for clients that always give it.")
@click.pass_context
def cli(context: click.Context, *, stdio: bool) -> None:
    """The language server for SpecQL YAML. Without a command it serves on stdin and stdout."""
    del stdio
    if context.invoked_subcommand is None:
        sys.exit(run_server(None, "warning"))


@cli.command()
@click.option("--log-file", type=click.Path(path_type=Path, dir_okay=False), help="Write the log to this file.")
@click.option("--log-level", type=click.Choice(LEVELS), default="warning", show_default=True)
@click.option("--stdio", is_flag=True, hidden=True, help="Accepted for clients that always give it.")
def serve(log_file: Path | None, log_level: str, *, stdio: bool) -> None:
    """Run the language server on stdin and stdout."""
    del stdio
    sys.exit(run_server(log_file, log_level))


@cli.command(short_help="Print the diagnostics of files or folders, without an editor.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--workspace", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Default: this folder."
)
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--fail-on", type=click.Choice(list(_FAIL_ON)), default="error", show_default=True)
@click.option("--no-drift", is_flag=True, help="Do not compare the registry's YAML with PostgreSQL.")
@click.option("--database-url", help="PostgreSQL, as a libpq URI or DSN.")
@click.option("--backend", type=click.Choice([b.value for b in Backend]), help="Which registry to use.")
def check(
    paths: tuple[Path, ...],
    workspace: Path,
    format_name: str,
    fail_on: str,
    *,
    no_drift: bool,
    database_url: str | None,
    backend: str | None,
) -> None:
    """Print the server's diagnostics for files or folders (default: the workspace, drift included).

    Exit status: 0 clean, 1 something at or above --fail-on, 2 could not run.
    """
    configure_logging("error", None)
    registry = {"databaseUrl": database_url, "backend": backend}
    chosen = {key: value for key, value in registry.items() if value is not None}
    settings, warnings = settings_for(workspace, [Layer("the command line", {"registry": chosen})])
    for warning in warnings:
        _say(warning)
    try:
        report = check_paths(workspace, paths, settings, with_drift=not no_drift)
    except CheckError as error:
        _say(str(error))
        sys.exit(2)
    if report.provenance.reason and (settings.registry.database_url or report.provenance.source.value == "none"):
        instead = " The registry's YAML answers instead." if report.provenance.source.value == "yaml" else ""
        _say(report.provenance.reason + instead)
    output = FORMATS[format_name](report)
    if output:
        click.echo(output, color=False if "NO_COLOR" in os.environ else None)
    sys.exit(int(any(f.severity.value <= _FAIL_ON[fail_on].value for f in report.findings)))


def _say(message: str) -> None:
    click.echo(f"specql-lsp: {redact(message)}", err=True)
