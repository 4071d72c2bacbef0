"""Paths on the command line."""

from __future__ import annotations

import os
from typing import Any

import click

from specql_lsp.redaction import looks_like_a_url


class PathArgument(click.Path):
    """A path; a URL or a connection string is refused, and not repeated in the message.

    As a path a database URL loses what a password is recognised by: ``//`` becomes ``/``, and ``..`` removes a part.
    """

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """The path as ``click.Path`` gives it."""
        if looks_like_a_url(os.fspath(value)):
            takes_url = ctx is not None and any(each.name == "database_url" for each in ctx.command.params)
            hint = " The option --database-url takes one." if takes_url else ""
            self.fail(f"This must be a path, and it is a URL or a connection string.{hint}", param, ctx)
        converted: Any = super().convert(value, param, ctx)
        return converted  # type: ignore[no-any-return]
