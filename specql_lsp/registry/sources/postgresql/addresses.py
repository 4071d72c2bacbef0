"""The addresses that connection parameters lead to, one attempt each: hosts may come from the URL, a service file or
the environment, and a name may have several addresses.

psycopg counts only the hosts that the URL names, and gives each address two seconds at least. So the list is made here,
and each of its attempts leads to one address.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

_REFUSED_MODE = "no-connection"
"""An ``sslmode`` that does not exist: libpq reads all options, then refuses this one, and connects to nothing."""


@dataclass(frozen=True, slots=True)
class Host:
    """One host of a list: the parameters of an attempt to connect to it, and the name to resolve before, if any."""

    parameters: Mapping[str, Any]
    name: str | None = None
    port: str | None = None


def effective_options(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The options as libpq completes them: from the URL, then the service file, then the environment.

    Returns:
        Those that have a value. Empty where libpq refuses the parameters, which an attempt to connect will say.
    """
    conninfo = make_conninfo("", **{**parameters, "sslmode": _REFUSED_MODE})
    pgconn = psycopg.pq.PGconn.connect_start(conninfo.encode())
    try:
        return {each.keyword.decode(): each.val.decode() for each in pgconn.info if each.val}
    except psycopg.Error:
        return {}
    finally:
        pgconn.finish()


def hosts_of(parameters: Mapping[str, Any]) -> list[Host]:
    """The hosts to try, in order (in random order with ``load_balance_hosts=random``).

    With ``target_session_attrs=prefer-standby`` they are listed twice: as standbys, then as anything.
    """
    options = effective_options(parameters)
    hosts = _listed(options, parameters)
    if options.get("load_balance_hosts") == "random":
        random.shuffle(hosts)
    if options.get("target_session_attrs") == "prefer-standby":
        return [_with(host, target_session_attrs=wanted) for wanted in ("standby", "any") for host in hosts]
    return hosts


def resolved(host: Host) -> list[Mapping[str, Any]]:
    """The parameters of one attempt for each address of a host. Asks the resolver, which may take its time.

    Raises:
        psycopg.OperationalError: the name has no address.
    """
    if host.name is None:
        return [host.parameters]
    try:
        found = socket.getaddrinfo(host.name, host.port, proto=socket.IPPROTO_TCP, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise psycopg.OperationalError("failed to resolve host") from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    return [{**host.parameters, "hostaddr": address} for address in addresses]


def _listed(options: Mapping[str, str], parameters: Mapping[str, Any]) -> list[Host]:
    names, addresses, ports = (
        options[key].split(",") if options.get(key) else [] for key in ("host", "hostaddr", "port")
    )
    count = max(len(names), len(addresses), 1)
    if any(given and len(given) != count for given in (names, addresses)) or len(ports) not in {0, 1, count}:
        return [Host(parameters)]  # libpq says what is wrong with it
    found: list[Host] = []
    for at in range(count):
        lists = {"host": names, "hostaddr": addresses, "port": ports if len(ports) == count else ports * count}
        own = {key: values[at] for key, values in lists.items() if values}
        name = own.get("host", "")
        must_resolve = bool(name) and not own.get("hostaddr") and not name.startswith(("/", "@")) and name[1:2] != ":"
        if must_resolve and _is_address(name):
            own["hostaddr"], must_resolve = name, False
        found.append(Host({**parameters, **own}, name if must_resolve else None, own.get("port")))
    return found


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _with(host: Host, **more: str) -> Host:
    return Host({**host.parameters, **more}, host.name, host.port)
