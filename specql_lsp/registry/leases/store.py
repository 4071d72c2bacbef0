"""The leases of one workspace folder, in a file of the user's on this machine; outside of every repository.

The file is in the state folder, because a workspace is copied, synchronized and cloned, and leases must not be: two
copies of a lease give out one code twice. It names its machine and its folder, and is used by no other.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import json
import os
import platform
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from specql_lsp.file_locks import lock
from specql_lsp.registry.leases.model import HeldLease, Moment
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.regular_files import REGISTRY_FILE_BYTES, read_regular
from specql_lsp.replaced_files import replace_file

_FORMAT = "specql-leases"
_VERSION = 1
_START_AGAIN = "What is leased in PostgreSQL returns when it expires. Delete the file to lease again."
_REPAIR = "Do not delete it: it says which codes were given out. Correct what keeps it from being used."
_LATEST = 2.0**33
"""No clock shows more seconds: the year 2242."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a folder has leased."""

    token: str
    """Names the folder in PostgreSQL."""
    leases: tuple[HeldLease, ...] = ()
    seen: float = 0.0
    """The latest time of day at which they were looked at, in seconds since 1970."""

    @property
    def spent(self) -> frozenset[str]:
        """The codes that entities got."""
        return frozenset(each.table_code for each in self.leases if each.entity is not None)

    @property
    def waiting(self) -> tuple[HeldLease, ...]:
        """Those that entities got and PostgreSQL does not know of yet."""
        return tuple(each for each in self.leases if each.entity is not None)

    def usable(self, now: Moment) -> tuple[HeldLease, ...]:
        """Those that may be given out now."""
        return tuple(each for each in self.leases if each.entity is None and each.is_usable(now, self.seen))

    def with_lease(self, lease: HeldLease) -> Holdings:
        """With one lease as it is now."""
        return replace(self, leases=tuple(lease if e.table_code == lease.table_code else e for e in self.leases))

    def without(self, table_code: str) -> Holdings:
        """Without a code."""
        return replace(self, leases=tuple(each for each in self.leases if each.table_code != table_code))


class LeaseStore:
    """The file. Any number of processes may use it.

    Args:
        folder: the workspace folder.
        server: host, port and database, as the URL has them; never a password.
        state: the user's folder of such files; None: the system's usual one.
    """

    def __init__(self, folder: Path, server: str, state: Path | None = None) -> None:
        self._folder = os.path.realpath(folder)
        self._server = server
        key = hashlib.sha256(f"{self._folder}\0{server}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self.path = (state or state_folder()) / "leases" / f"{key}.json"

    @property
    def exists(self) -> bool:
        """Whether anything was ever leased here."""
        return os.path.exists(self.path)  # noqa: PTH110 - unlike ``Path.exists``, it never raises

    @property
    def stamp(self) -> tuple[int, ...] | None:
        """What differs once any process has changed the file; None where there is none. Reads nothing."""
        try:
            status = os.stat(self.path)  # noqa: PTH116 - as for ``exists``
        except (OSError, ValueError):
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def read(self) -> Holdings:
        """What is leased; a token and nothing else where there is no file. Raises as ``changing``."""
        try:
            content = read_regular(self.path, REGISTRY_FILE_BYTES).content
        except FileNotFoundError:
            return Holdings(secrets.token_hex(16))
        except OSError as error:
            raise self._unusable(f"cannot be read ({error.strerror or type(error).__name__})", _REPAIR) from None
        try:
            document = json.loads(content)
            if document["format"] != _FORMAT or document["version"] != _VERSION:
                raise self._unusable("is of another release of specql-lsp")
            if (document["machine"], document["folder"]) != (_machine(), self._folder):
                raise self._unusable("belongs to another machine or folder")
            leases = tuple(_lease(each) for each in document["leases"])
            return Holdings(_text(document["token"]), leases, _number(document["seen"]))
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            raise self._unusable("is damaged") from None

    @contextlib.contextmanager
    def changing(self) -> Iterator[Changing]:
        """What is leased, to be changed while no other process does.

        Raises:
            Refused: the file cannot be read or written, is damaged, or belongs to another machine or folder.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.path.with_suffix(".lock").open("ab") as file:
                if not lock(file.fileno()):
                    raise self._unusable("is in use by another program", "Ask again.")
                yield Changing(self, self.read())
        except OSError as error:
            raise self._unusable(f"cannot be written ({error.strerror or type(error).__name__})", _REPAIR) from None

    def write(self, holdings: Holdings) -> None:
        """Gives the file other content; it is on the disk afterwards. For ``Changing``."""
        document = {
            "format": _FORMAT,
            "version": _VERSION,
            "machine": _machine(),
            "folder": self._folder,
            "server": self._server,
            "token": holdings.token,
            "seen": holdings.seen,
            "leases": [{**each._asdict(), "since": each.since._asdict()} for each in holdings.leases],
        }
        replace_file(self.path, json.dumps(document, indent=1) + "\n")
        _keep_names(self.path.parent)

    def _unusable(self, why: str, advice: str = _START_AGAIN) -> Refused:
        return Refused(RefusalKind.CONFLICT, f"The file of leases {self.path} {why}. Its leases are not used. {advice}")


class Changing:
    """The leases of a folder while they are changed."""

    def __init__(self, store: LeaseStore, holdings: Holdings) -> None:
        self._store = store
        self.holdings = holdings

    def write(self, holdings: Holdings, now: Moment, *, trusts_clock: bool = False) -> None:
        """Keeps other holdings; they are on the disk afterwards.

        Args:
            holdings: what is leased.
            now: what the clocks show.
            trusts_clock: whether PostgreSQL has just said how long everything lasts, so that the time of day counts
                from here.
        """
        seen = now.wall if trusts_clock else max(holdings.seen, now.wall)
        self.holdings = replace(holdings, seen=seen)
        self._store.write(self.holdings)


def state_folder() -> Path:
    """The user's folder for what a program remembers, by the XDG base directory specification; Windows has its own."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    else:
        base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "specql-lsp"


def holder_name() -> str:
    """What others see as the holder of a lease: the user and the machine."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = "somebody"
    text = f"{user}@{platform.node() or 'unknown'}"
    return "".join(character for character in text if character.isprintable())[:200]


def _machine() -> str:
    """What tells this machine from others."""
    try:
        identity = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        identity = ""
    return hashlib.sha256(f"{identity}\0{platform.node()}".encode("utf-8", "replace")).hexdigest()[:32]


def _keep_names(folder: Path) -> None:
    """Has the disk keep the names in a folder, so that a file that was replaced is not the old one after a crash."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _lease(found: Any) -> HeldLease:
    since = found["since"]
    moment = Moment(_number(since["wall"]), str(since["boot"]), _number(since["running"]))
    entity, refused = found["entity"], found["refused"]
    return HeldLease(
        _text(found["table_code"]),
        _text(found["domain"]),
        _text(found["subdomain"]),
        _number(found["seconds"]),
        moment,
        None if entity is None else _text(entity),
        None if refused is None else _text(refused),
    )


def _number(value: Any) -> float:
    number = float(value)
    if not abs(number) < _LATEST:  # nor is it any of the three that are no number
        raise ValueError(value)
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(value)
    return value
