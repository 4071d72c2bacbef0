"""``specql-lsp format``: formats files and folders, or says what that would change."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specql_lsp.cli.output import COULD_NOT_RUN, REFUSED, CommandError, print_bytes, print_text, say
from specql_lsp.cli.paths import PathArgument
from specql_lsp.config import settings_for
from specql_lsp.logs import configure_logging
from specql_lsp.printable import printable, without_controls

if TYPE_CHECKING:
    from specql_lsp.format_workspace import FormattedFile


@click.command("format", short_help="Format files or folders, or show what that would change.")
@click.argument("paths", nargs=-1, type=PathArgument(path_type=Path))
@click.option(
    "--workspace", type=PathArgument(path_type=Path, file_okay=False), default=Path(), help="Default: this folder."
)
@click.option("--check", is_flag=True, help="Write nothing; list the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print the change as a unified diff.")
def format(paths: tuple[Path, ...], workspace: Path, *, check: bool, diff: bool) -> None:  # noqa: A001 - its name
    """Format SpecQL files in place (default: those of the workspace, its registry YAML included).

    Their values, comments and the order of their keys stay. YAML that is not SpecQL's, and YAML that is not valid, is
    left alone.

    Exit status: 0 done, or nothing to change; 1 with --check or --diff: a file would change; 2 a file could not be
    read or written.
    """
    from specql_lsp.format_workspace import PassedOver, formatted_files
    from specql_lsp.workspace.wanted_files import PathError

    configure_logging("error", None)
    settings, warnings = settings_for(workspace, [])
    for warning in warnings:
        say(warning)
    formatted: list[FormattedFile] = []
    has_failed = False
    try:
        if not workspace.is_dir():
            raise PathError(f"The workspace {workspace} is not a folder.")
        for found in formatted_files(workspace.resolve(), paths, settings):
            if isinstance(found, PassedOver):
                say(f"{_shown(found.path)} is not formatted: {found.reason}.")
                has_failed = has_failed or found.is_unreadable
            else:
                formatted.append(found)
    except PathError as error:
        say(str(error))
        sys.exit(COULD_NOT_RUN)
    changed = [file for file in formatted if file.is_changed]
    if diff:
        _print_diff(changed)
    elif check:
        _print_summary(changed, len(formatted), "would be formatted")
    else:
        written = [file for file in changed if _write(file)]
        has_failed = has_failed or len(written) < len(changed)
        _print_summary(written, len(formatted), "formatted")
    if has_failed:
        sys.exit(COULD_NOT_RUN)
    sys.exit(REFUSED if (check or diff) and changed else 0)


def _write(file: FormattedFile) -> bool:
    """Writes a file, if it still has the text that was formatted; says why not."""
    from specql_lsp.cli.files import kept_for_us, read_text_exactly, replace_text

    name = _shown(file.path)
    try:
        with kept_for_us(file.path):
            if read_text_exactly(file.path, name) != file.before:
                say(f"{name} is not formatted: it has changed meanwhile.")
                return False
            replace_text(file.path, file.after, name)
    except CommandError as error:
        say(error.message)
        return False
    return True


def _print_diff(changed: Sequence[FormattedFile]) -> None:
    from specql_lsp.cli.unified_diff import unified_diff

    lines = [line for file in changed for line in unified_diff(_shown(file.path), file.before, file.after)]
    if not sys.stdout.isatty():
        print_bytes("".join(lines).encode("utf-8"))
    elif lines:
        print_text("\n".join(_coloured(line) for line in lines))


def _coloured(line: str) -> str:
    text = without_controls(line.removesuffix("\n").removesuffix("\r"))
    colour = {"+": "green", "-": "red", "@": "cyan"}.get(text[:1])
    return click.style(text, fg=colour) if colour is not None and text[:4] not in {"--- ", "+++ "} else text


def _print_summary(changed: Sequence[FormattedFile], count: int, what: str) -> None:
    rows = [f"{printable(_shown(file.path))}: {what}" for file in changed]
    print_text("\n".join([*rows, f"{len(changed)} of {count} SpecQL {'file' if count == 1 else 'files'} {what}."]))


def _shown(path: Path) -> str:
    """The path from the working directory, where the file is in that."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()
