"""A PostgreSQL with the workspace's registry for tests in other languages: a process that is told what to do by lines.

Run as ``python -m tests.support.database_process``. Every line of stdin is one JSON object with ``do``; every answer is
one line of JSON on stdout, ``{"error": …}`` where it failed. The first line is the answer to none: ``{"ready": true}``.

- ``{"do": "database"}``: a database of its own that holds what fixtures/workspace's registry YAML holds → ``{"url",
  "guardedUrl", "password"}``, the second for a role that has to give its password;
- ``{"do": "sql", "url", "text"}``: executes statements → ``{"rows"}`` of the last one;
- ``{"do": "stop"}``, ``{"do": "kill"}``, ``{"do": "start"}``: the server ends in order, or as a power cut would, and
  comes back on the same port with the same data.

It ends, and the server with it, when stdin is closed.
"""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import urlsplit

import psycopg

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.sources.postgresql.install import create_schema, install
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.sources.yaml.source import YamlSource
from tests.support.postgres import PASSWORD, PASSWORD_USER, PostgresServer
from tests.support.workspaces import FIXTURE, REGISTRY

_TEMPLATE = "workspace_template"


def main() -> None:
    """Serves until stdin ends."""
    with PostgresServer() as server:
        server.create_password_user()
        _make_template(server)
        _say({"ready": True})
        for line in sys.stdin:
            try:
                _say(_answer(server, json.loads(line)))
            except Exception as error:
                _say({"error": str(error)})


def _make_template(server: PostgresServer) -> None:
    url = server.create_database(name=_TEMPLATE)
    settings = RegistrySettings(database_url=url)
    create_schema(url)
    install(settings)
    source = PostgresqlSource(settings)
    try:
        migrate(YamlSource(FIXTURE / REGISTRY).load(), source)
    finally:
        source.close()
    with psycopg.connect(url) as connection:
        for statement in _RIGHTS:
            connection.execute(statement)


_RIGHTS = (
    f"GRANT USAGE ON SCHEMA specql_registry TO {PASSWORD_USER}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA specql_registry TO {PASSWORD_USER}",
    f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA specql_registry TO {PASSWORD_USER}",
)


def _answer(server: PostgresServer, request: dict[str, Any]) -> dict[str, Any]:
    match request["do"]:
        case "database":
            url = server.create_database(_TEMPLATE)
            database = urlsplit(url).path.lstrip("/")
            return {"url": url, "guardedUrl": server.url(database, PASSWORD_USER, PASSWORD), "password": PASSWORD}
        case "sql":
            with psycopg.connect(request["url"]) as connection:
                cursor = connection.execute(request["text"])
                return {"rows": cursor.fetchall() if cursor.description else []}
        case "stop":
            server.stop()
            return {}
        case "kill":
            server.kill()
            return {}
        case "start":
            server.start()
            return {}
        case other:
            raise ValueError(f"There is nothing to do by the name {other}.")


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer, default=str), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
