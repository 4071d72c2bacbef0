"""Ports of the loopback interface: ones of a test's own that no other program gets, and one that never says a word."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass


def own_port() -> int:
    """A port on which nothing listens, and that no other program is given as long as this process runs.

    It stays bound by a socket that does not listen: connections are refused, the kernel gives the port to nobody who
    asks for any, and it is no source port of a connection. A program that a test starts may still listen there, even
    several times, if it sets ``SO_REUSEADDR`` as servers do; PostgreSQL and PgBouncer among them.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    _held.append(holder)
    port: int = holder.getsockname()[1]
    return port


_held: list[socket.socket] = []


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """A port that accepts every connection and never says a word."""
    with silent_address("127.0.0.1") as listener:
        yield listener.port


@dataclass(frozen=True, slots=True)
class Silent:
    """An address that never answers, and the connections that it has accepted so far."""

    port: int
    accepted: list[socket.socket]


@contextlib.contextmanager
def silent_address(address: str, port: int = 0) -> Iterator[Silent]:
    """An address of the loopback interface that accepts every connection and never says a word; port 0 is any."""
    with socket.create_server((address, port)) as listener:
        silent = Silent(listener.getsockname()[1], [])

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    silent.accepted.append(listener.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield silent
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for each in silent.accepted:
            each.close()
