"""What a command says: its answer to stdout, as JSON or as text; everything else to stderr, without passwords."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import click

from specql_lsp.printable import printable, printable_json
from specql_lsp.redaction import redact

PROGRAM = "specql-lsp"
COMPLETION_VARIABLE = "_SPECQL_LSP_COMPLETE"
"""The environment variable in which click's completion scripts say what they want."""

REFUSED = 1
"""The exit status of what was refused, and of registries that differ."""
COULD_NOT_RUN = 2
INTERRUPTED = 130
_PIPE_CLOSED = 141
"""As the shell shows a program that SIGPIPE ended: the reader of the output wanted no more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found out: once for scripts and once for people."""

    document: Any
    """What ``--json`` prints."""
    text: str
    """What a terminal shows, with the styles of ``click.style``; nothing is printed where it is empty."""
    status: int = 0
    """The exit status."""
    notes: tuple[str, ...] = ()
    """Sentences for stderr, in either case."""
    content: bytes | None = None
    """What is printed byte by byte instead of ``text``."""


class CommandError(Exception):
    """A command ends without an answer.

    Args:
        kind: the ``kind`` of the error in JSON.
        message: a sentence for the user.
        status: the exit status.
        details: what the error in JSON says beyond that.
        lines: what a terminal shows beyond that, a line each.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        status: int = COULD_NOT_RUN,
        *,
        details: Mapping[str, Any] | None = None,
        lines: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.status = status
        self.details = dict(details or {})
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Output:
    """How one command speaks: ``as_json`` or as text."""

    as_json: bool

    def answer(self, answer: Answer) -> None:
        """Prints an answer.

        Raises:
            CommandError: stdout takes no more.
        """
        for note in answer.notes:
            say(note)
        if self.as_json:
            print_json(answer.document)
        elif answer.content is not None:
            print_bytes(answer.content)
        elif answer.text:
            print_text(answer.text)

    def error(self, error: CommandError) -> None:
        """Says why there is no answer."""
        if self.as_json:
            print_json({"error": _redacted({"kind": error.kind, "message": error.message, **error.details})})
            return
        for line in error.lines:
            click.echo(printable(redact(line)), err=True, color=_colour())
        say(error.message)


def _redacted(value: Any) -> Any:
    """JSON without passwords in its texts."""
    match value:
        case str():
            return redact(value)
        case list():
            return [_redacted(each) for each in value]
        case dict():
            return {key: _redacted(each) for key, each in value.items()}
    return value


def say(message: str) -> None:
    """Says a sentence on stderr, on one line, without passwords."""
    click.echo(f"{PROGRAM}: {printable(redact(message))}", err=True, color=_colour())


def print_text(text: str) -> None:
    """Prints a text to stdout; styled only where stdout is a terminal and ``NO_COLOR`` is not set."""
    with _writing():
        click.echo(text, color=_colour())
        sys.stdout.flush()


def print_json(document: Any) -> None:
    """Prints one JSON document to stdout, in UTF-8 wherever that is."""
    print_json_text(json.dumps(document, indent=2, ensure_ascii=False))


def print_json_text(document: str) -> None:
    """Prints a JSON document that is text already to stdout, in UTF-8."""
    print_bytes((printable_json(document) + "\n").encode("utf-8", errors="replace"))


def print_bytes(content: bytes) -> None:
    """Prints what is to reach the reader byte by byte."""
    with _writing():
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


def terminal_width(stream: TextIO) -> int | None:
    """The columns of the terminal that a stream is; None where it is none."""
    if not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except OSError:
        return None


def prepare_streams() -> None:
    """Has stdout and stderr take everything: what their encoding lacks as a question mark, and also where closed."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 - open as long as the process
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _colour() -> bool | None:
    """Whether text is styled, for ``click.echo``: False never, None where the stream is a terminal."""
    return False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Turns a failure to write to stdout into the end of the command; what is left in the buffer is thrown away."""
    try:
        yield
    except OSError as error:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise SystemExit(_PIPE_CLOSED) from None
        reason = error.strerror or type(error).__name__
        raise CommandError("output-failed", f"The answer could not be written to stdout ({reason}).") from None
