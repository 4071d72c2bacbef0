"""PgBouncer in transaction mode before a test's PostgreSQL: started, stopped, killed, restarted, on a free port.

It is the one that the system has installed (``make system-packages``); no wheel brings it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from configparser import ConfigParser
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from tests.support.completeness import missing
from tests.support.guardian import guardian
from tests.support.patience import PATIENCE, until
from tests.support.ports import own_port
from tests.support.postgres import PostgresServer, unprivileged_user

_CONFIGURATION = """\
[databases]
* = host=127.0.0.1 port=5432

[pgbouncer]
pool_mode = transaction
auth_type = trust
default_pool_size = {pool_size}
max_client_conn = 100
server_login_retry = 1
"""
ADMINISTRATOR_PASSWORD = "asked-where-everybody-is"
_ADMINISTRATION = "pgbouncer"
"""The database that PgBouncer makes up to be asked about itself."""


class PgBouncer:
    """A pooler that gives each transaction any of its few connections, as ``postgres``, to every database of a server.

    ``start`` may be called again after ``stop`` or ``kill``: the port stays. ``close`` removes everything.

    Args:
        server: the server behind it, which may come and go.
        pool_size: how many connections to the server all clients of one database share.
        configuration: the text of a ``pgbouncer.ini`` instead; where it listens, and where things stand, is replaced.
        users: the text of its ``userlist.txt``. The administrator ``postgres`` may always ask it about itself.
    """

    def __init__(
        self, server: PostgresServer, pool_size: int = 2, *, configuration: str | None = None, users: str = ""
    ) -> None:
        program = _program()
        if program is None:
            missing("PgBouncer")
        self._program = program
        self._user = unprivileged_user()
        self.port = own_port()
        self.directory = Path(tempfile.mkdtemp(prefix="specql-pgbouncer-"))
        self._process: subprocess.Popen[bytes] | None = None
        (self.directory / "users").write_text(f'"postgres" "{ADMINISTRATOR_PASSWORD}"\n' + users)
        with (self.directory / "pgbouncer.ini").open("w") as file:
            self._placed(configuration or _CONFIGURATION.format(pool_size=pool_size), server.port).write(file)
        if self._user is not None:
            os.chown(self.directory, self._user, -1)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Starts the pooler and waits until it takes connections; the server need not be there."""
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._program), str(self.directory / "pgbouncer.ini")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                user=self._user,
                extra_groups=None if self._user is None else [],
            )
        guardian().guard(self._process.pid, self.directory)
        until(
            lambda: self._is_listening() or self._process.poll() is not None,
            lambda: f"the start of PgBouncer. Its log:\n{self.log()[-3000:]}",
        )
        assert self._process.poll() is None, self.log()[-3000:]

    def stop(self) -> None:
        """Ends it at once, with every connection on both sides."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stops and starts it: every client's connection is lost."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Ends it and removes its files."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
        guardian().release(self.directory)

    def url(self, database_url: str) -> str:
        """The URL through the pooler of a database that ``database_url`` reaches directly as ``postgres``."""
        name = database_url.rsplit("/", 1)[1]
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def log(self) -> str:
        """All that it has printed."""
        return (self.directory / "log").read_text(errors="replace")

    def show(self, what: str) -> list[dict[str, Any]]:
        """The rows of PgBouncer's own ``SHOW``, such as ``POOLS`` or ``SERVERS``."""
        url = f"postgresql://postgres:{ADMINISTRATOR_PASSWORD}@127.0.0.1:{self.port}/{_ADMINISTRATION}"
        # It knows the simple protocol only, and no transactions.
        with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
            cursor = connection.execute(f"SHOW {what}".encode())
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def _placed(self, configuration: str, server_port: int) -> ConfigParser:
        """A configuration that listens at our port and leads to our server."""
        parser = ConfigParser(interpolation=None)
        parser.read_string(configuration)
        for name, target in parser["databases"].items():
            parser["databases"][name] = re.sub(
                r"port=\d+", f"port={server_port}", re.sub(r"host=\S+", "host=127.0.0.1", target)
            )
        place = {
            "listen_addr": "127.0.0.1",
            "listen_port": str(self.port),
            "unix_socket_dir": "",
            "auth_file": str(self.directory / "users"),
            "admin_users": "postgres",
        }
        parser["pgbouncer"].update(place)
        return parser

    def _is_listening(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(PATIENCE)


def _program() -> str | None:
    # Debian puts it where an ordinary user's PATH does not lead.
    return shutil.which("pgbouncer", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))
