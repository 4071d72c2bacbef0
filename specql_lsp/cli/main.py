"""The commands of ``specql-lsp``, and how the whole program ends."""

from __future__ import annotations

import os
import signal
import sys
from collections import UserDict
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType
from typing import Any

import click

from specql_lsp import __version__
from specql_lsp.cli.output import (
    COMPLETION_VARIABLE,
    COULD_NOT_RUN,
    INTERRUPTED,
    PROGRAM,
    CommandError,
    Output,
    prepare_streams,
    say,
)
from specql_lsp.cli.paths import PathArgument
from specql_lsp.cli.serve import run_server
from specql_lsp.logs import LEVELS, LOG_FORMATS, log_uncaught_exceptions
from specql_lsp.printable import printable
from specql_lsp.redaction import redact
from specql_lsp.registry.catalogs import CATALOG_NAMES


class Commands(UserDict[str, click.Command]):
    """Commands by name; one that has only its module's name yet is imported when it is asked for.

    An editor that starts the server waits for none of them.
    """

    def __getitem__(self, name: str) -> click.Command:
        command: click.Command | str = self.data[name]
        if isinstance(command, str):
            command = self.data[name] = getattr(import_module(command), name)
        assert isinstance(command, click.Command), name  # noqa: S101 - each module has the function of its name
        return command


COMMANDS: Mapping[str, Any] = {
    "check": "specql_lsp.cli.check",
    "completion": "specql_lsp.cli.completion",
    "domain": "specql_lsp.cli.domain",
    "format": "specql_lsp.cli.format",
    "registry": "specql_lsp.cli.registry",
    "rule": "specql_lsp.cli.rule",
    **dict.fromkeys(CATALOG_NAMES, "specql_lsp.cli.catalogs"),
}
"""The modules of the commands besides ``serve``, by the command that each defines."""


@click.group(
    commands=Commands(COMMANDS),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name=PROGRAM)
@click.option("--stdio", is_flag=True, hidden=True, help="Accepted for clients that always give it.")
@click.pass_context
def cli(context: click.Context, *, stdio: bool) -> None:
    """The language server for SpecQL YAML. Without a command it serves on stdin and stdout."""
    del stdio
    if context.invoked_subcommand is None:
        sys.exit(run_server())
    if context.invoked_subcommand != "serve" and current_thread() is main_thread():
        earlier = signal.signal(signal.SIGTERM, _terminate)
        context.call_on_close(lambda: signal.signal(signal.SIGTERM, earlier))


def _terminate(number: int, _frame: FrameType | None) -> None:
    """Ends a command as Ctrl-C does: what it has begun to write beside a file is removed."""
    sys.exit(128 + number)


@cli.command()
@click.option("--log-file", type=PathArgument(path_type=Path, dir_okay=False), help="Append the log to this file.")
@click.option("--log-level", type=click.Choice(LEVELS), default="warning", show_default=True)
@click.option(
    "--log-format",
    type=click.Choice(LOG_FORMATS),
    default="text",
    show_default=True,
    help="Lines with key=value fields, or one JSON object a line.",
)
@click.option(
    "--untrusted", is_flag=True, help="Connect to no database that the workspace's own specql-lsp.toml names."
)
@click.option("--stdio", is_flag=True, hidden=True, help="Accepted for clients that always give it.")
def serve(log_file: Path | None, log_level: str, log_format: str, *, untrusted: bool, stdio: bool) -> None:
    """Run the language server on stdin and stdout."""
    del stdio
    sys.exit(run_server(log_file, log_level, log_format, trusted=not untrusted))


def run() -> int:
    """Runs the command line of this process and gives the exit status.

    Whatever goes wrong is a sentence on stderr, without passwords, or JSON where a command was asked for that.
    """
    prepare_streams()
    log_uncaught_exceptions()
    try:
        status = cli.main(prog_name=PROGRAM, standalone_mode=False)
    except click.Abort:  # Ctrl-C
        return INTERRUPTED
    except click.ClickException as error:
        return _tell_usage_error(error)
    except CommandError as error:
        say(error.message)
        return error.status
    except Exception as error:  # An error of ours: its text may hold what a driver said, so only its place is shown.
        if os.environ.get(COMPLETION_VARIABLE):
            return COULD_NOT_RUN
        if isinstance(error, FileNotFoundError) and _folder_is_gone():
            return _tell(CommandError("file-unreadable", "The folder that you are in was deleted: go to another one."))
        return _tell_unexpected_error(error)
    return status if isinstance(status, int) else 0


def _tell_usage_error(error: click.ClickException) -> int:
    if _wants_json():
        Output(as_json=True).error(CommandError("invalid-argument", error.format_message()))
        return COULD_NOT_RUN
    context = getattr(error, "ctx", None)
    if context is not None:
        click.echo(f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n", err=True)
    # click lists the choices of a missing argument on lines of their own.
    message = error.format_message()
    lines = message.split("\n") if isinstance(error, click.MissingParameter) else [message]
    click.echo("Error: " + "\n".join(printable(redact(line)) for line in lines), err=True)
    return COULD_NOT_RUN


def _tell_unexpected_error(error: Exception) -> int:
    import logging

    from specql_lsp.logs import log_unexpected

    sentence = f"The command ended with an error of its own ({type(error).__name__}); please report it."
    log_unexpected(logging.getLogger(__name__), "running a command", error)
    return _tell(CommandError("internal-error", sentence))


def _tell(error: CommandError) -> int:
    if _wants_json():
        Output(as_json=True).error(error)
    else:
        say(error.message)
    return COULD_NOT_RUN


def _folder_is_gone() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _wants_json() -> bool:
    """Whether a command that prints JSON was asked for it; also where its arguments could not be understood."""
    arguments = sys.argv[1:]
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return bool(options) and options[0] in {"domain", "registry", "rule", *CATALOG_NAMES} and "--json" in options
