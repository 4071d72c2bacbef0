"""``${env:NAME}`` in a database URL: the value of a variable arrives at PostgreSQL as it is, whatever it holds.

A variable that is a whole URL, or a whole part of a connection string, is inserted without a change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

_VARIABLE = re.compile(r"\$\{env:([^}]*)\}")
_URI_START = re.compile(r"[^:/?#@\s]*://")
_SECRET_PARAMETER = re.compile(r"[?&](?:ssl)?password=[^&]*\Z", re.IGNORECASE)
_WITHIN_A_VALUE = re.compile(r"(?:\S|=\s*)\Z")
_SPECIAL_IN_A_VALUE = re.compile(r"[\s'\\]")


class UnknownVariableError(LookupError):
    """The environment lacks a variable.

    Attributes:
        name: its name; None if that is not the name of a variable, and may be a part of a password.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name if name.isidentifier() else None


def expanded(template: str, environment: Mapping[str, str]) -> str:
    """A libpq URI or connection string with the values of its variables.

    In a URI's user info, and in its parameters ``password`` and ``sslpassword``, values are percent-encoded (RFC 3986,
    section 2.1). In the values of a connection string blanks, quotes and backslashes get a backslash (libpq, section
    "Connection Strings"). Elsewhere values are inserted as they are.

    Raises:
        UnknownVariableError: a variable is not set.
    """
    # Of the same length, so that offsets are those of the template.
    masked = _VARIABLE.sub(lambda found: "v" * len(found.group()), template)
    start = _URI_START.match(masked)
    user_info = _user_info_end(masked, start.end()) if start is not None else 0

    def value_of(found: re.Match[str]) -> str:
        value = environment.get(found[1])
        if value is None:
            raise UnknownVariableError(found[1])
        before = masked[: found.start()]
        if start is not None:
            is_encoded = found.start() < user_info or _SECRET_PARAMETER.search(before)
            return quote(value, safe="$") if is_encoded and found.start() >= start.end() else value
        if not _WITHIN_A_VALUE.search(before):
            return value
        return _SPECIAL_IN_A_VALUE.sub(r"\\\g<0>", value) or ("''" if before.rstrip().endswith("=") else "")

    return _VARIABLE.sub(value_of, template)


def _user_info_end(uri: str, start: int) -> int:
    """Where the user info of a URI ends; ``start`` if it has none."""
    authority = re.compile(r"[^/?#]*").match(uri, start)
    return uri.rfind("@", start, authority.end() if authority is not None else len(uri))
