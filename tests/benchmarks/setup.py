"""What the measurements share: how much to repeat, workspaces in a temporary folder, one PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from specql_lsp.config import RegistrySettings
from specql_lsp.lazily import lazily
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.sources.postgresql.install import create_schema
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from tests.benchmarks.client import ROOT, Client
from tests.benchmarks.data import registry, write_workspace
from tests.support.postgres import PostgresServer


class Setup:
    """The things of one run, made when first asked for and removed at its end.

    Args:
        quick: repeat less.
        root: the checkout whose server is measured.
    """

    def __init__(self, *, quick: bool, root: Path = ROOT) -> None:
        self.quick = quick
        self._root = root
        self._stack = ExitStack()
        self._folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="specql-bench-"))).resolve()
        self._databases: dict[int, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def times(self, usual: int, quick: int) -> int:
        """How often to repeat."""
        return quick if self.quick else usual

    def client(self, module: Sequence[str], folder: Path, database_url: str | None = None, **more: Any) -> Client:
        """A server process and the line to it (``Client``)."""
        return Client(module, folder, database_url, root=self._root, **more)

    def workspace(self, entities: int, files: int = 0) -> Path:
        """A workspace with a registry of ``entities`` and as many entity files as told, each with one finding."""
        folder = self._folder / f"{entities}-{files}"
        return folder if folder.exists() else write_workspace(folder, entities, files)

    def file(self, name: str, text: str) -> Path:
        """A file outside of every workspace."""
        path = self._folder / name
        path.write_text(text)
        return path

    @lazily
    def postgres(self) -> PostgresServer:
        """A PostgreSQL of this run's own."""
        return self._stack.enter_context(PostgresServer())

    @lazily
    def durable_postgres(self) -> PostgresServer:
        """A PostgreSQL that puts every commit on the disk before it answers, as those do that hold a registry."""
        return self._stack.enter_context(PostgresServer({"fsync": "on", "full_page_writes": "on"}))

    def database(self, entities: int) -> str:
        """The URL of a database that holds the registry of ``entities``, migrated as ``registry migrate`` does it."""
        if entities not in self._databases:
            url = self.new_database()
            source = PostgresqlSource(RegistrySettings(database_url=url, statement_timeout_ms=60_000))
            try:
                migrate(registry(entities), source)
            finally:
                source.close()
            self._databases[entities] = url
        return self._databases[entities]

    def new_database(self) -> str:
        """The URL of a database with SpecQL's empty schema."""
        url = self.postgres.create_database()
        create_schema(url)
        return url
