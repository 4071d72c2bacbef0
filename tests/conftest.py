"""What every test may ask for: a PostgreSQL server for the session, databases and workspaces of its own."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from specql_lsp.config import RegistrySettings
from specql_lsp.registry.migration.migrate import migrate
from specql_lsp.registry.service import current_state
from specql_lsp.registry.sources.postgresql.install import create_schema
from specql_lsp.registry.sources.postgresql.source import PostgresqlSource
from specql_lsp.registry.sources.yaml.source import YamlSource
from tests.support.costs import Costs
from tests.support.effort import EFFORT, EFFORT_VARIABLE, SEED, SEED_VARIABLE
from tests.support.patience import PATIENCE
from tests.support.postgres import PostgresServer
from tests.support.workspaces import FIXTURE, REGISTRY, copy_workspace

# A busy machine is no finding: how long an example takes is measured by `make bench`, not judged by a test.
settings.register_profile("specql", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("specql")

TEMPLATE = "specql_template"
FOLDER = Path(__file__).parent
EDITORS = FOLDER / "editors"
SPECQL = FOLDER / "specql"
REGISTRY_ITSELF = (FOLDER / "registry", FOLDER / "support")
"""Where tests ask PostgreSQL through the registry's own functions, without a language server between."""
WHATEVER_THE_SERVER = {
    f"test_{name}.py"
    for name in (
        "derived_states",
        "metrics",
        "migration_readings",
        "migration_of_real_files",
        "migration_refusals",
        "open_registry",
        "service_answers",
        "service_fallback",
        "service_yaml",
    )
}
"""Its modules that show what we do with the answers: the statements are those of the other modules."""
MOST_WORKERS = 8


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--costs``."""
    parser.addoption("--costs", type=int, default=0, metavar="N", help="list the N most expensive tests and files")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Measures what tests cost, if that is asked for; has Hypothesis begin where this run does, if that is said."""
    if SEED_VARIABLE in os.environ and config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(SEED)
    if config.getoption("costs"):
        config.pluginmanager.register(Costs(config.getoption("costs")))


def pytest_xdist_auto_num_workers() -> int:
    """How many processes ``-n auto`` is: two for each processor, since most tests wait for another process."""
    return min(2 * (os.cpu_count() or 1), MOST_WORKERS)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Has the garbage collector leave alone what is collected: every process has all tests, and keeps them."""
    gc.disable()
    result = yield
    gc.freeze()
    gc.enable()
    return result


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leaves out the tests that ask SpecQL itself, unless they are chosen with ``-m specql``, or named."""
    return True if collection_path == SPECQL and "specql" not in config.option.markexpr else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks what can be chosen by its kind, and orders what is run in several processes.

    ``postgresql`` starts a server or uses one; ``sql`` does so for what our SQL does there, so that it is run
    again with another PostgreSQL; ``editor`` drives a real editor, or is about an editor's files; ``sweep`` tries what
    is random.
    """
    for path, in_it in itertools.groupby(items, lambda item: item.path):
        is_of_editors = EDITORS in path.parents
        is_about_sql = path.name not in WHATEVER_THE_SERVER and any(each in path.parents for each in REGISTRY_ITSELF)
        for item in in_it:
            if is_of_editors:
                item.add_marker(pytest.mark.flaky(reruns=1))  # see CONTRIBUTING, Editors
            if _is_sweep(item):
                item.add_marker(pytest.mark.sweep)
            if is_of_editors:
                item.add_marker(pytest.mark.editor)
            if isinstance(item, pytest.Function) and _uses_postgresql(item):
                item.add_marker(pytest.mark.postgresql)
                if is_about_sql:
                    item.add_marker(pytest.mark.sql)
    if hasattr(config, "workerinput"):
        _put_the_long_ones_first(items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how to try the same again, where something failed."""
    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        terminalreporter.write_line(f"random tests: {SEED_VARIABLE}={SEED} {EFFORT_VARIABLE}={EFFORT:g}")


def _is_sweep(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    return is_hypothesis_test(item.obj) or not {"SEED", "times"}.isdisjoint(vars(item.module))


def _put_the_long_ones_first(items: list[pytest.Item]) -> None:
    """A module is run by one process; what takes long must not be begun last.

    Those that wait come before those that compute. What is slow is marked among the former; among the latter it is
    what tries what is random.
    """
    waits = {path: _waits(path) for path in dict.fromkeys(item.path for item in items)}
    long = {item.path for item in items if item.get_closest_marker("slow" if waits[item.path] else "sweep")}
    items.sort(key=lambda item: (not waits[item.path], item.path not in long))


def _waits(path: Path) -> bool:
    """Whether a module's tests start processes, as far as its folder tells."""
    return path.relative_to(FOLDER).parts[0] not in {"features", "language", "lsp", "syntax", "workspace"}


def _uses_postgresql(item: pytest.Function) -> bool:
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return (
        "postgres_server" in item.fixturenames
        or "postgresql" in parameters  # a fixture that asks for another one when it runs
        or getattr(item.module, PostgresServer.__name__, None) is PostgresServer  # it starts its own
    )


@pytest.fixture(autouse=True)
def first_answer_is_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy PostgreSQL may take longer than the second after which the YAML answers first."""
    monkeypatch.setattr(current_state, "FIRST_ANSWER_SECONDS", PATIENCE)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the whole session. Who wants to kill, freeze or restart one starts its own."""
    with PostgresServer() as server:
        server.create_password_user()
        create_schema(server.create_database(name=TEMPLATE))
        yield server


@pytest.fixture
def database_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database of the test's own with SpecQL's empty registry schema."""
    url = postgres_server.create_database(template=TEMPLATE)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def empty_database_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database of the test's own with nothing in it."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the shared workspace of the test's own."""
    return copy_workspace(tmp_path / "workspace")


@pytest.fixture(scope="session")
def filled_template(postgres_server: PostgresServer) -> str:
    """The name of a database that holds what the workspace's registry YAML holds; only to be copied."""
    name = "workspace_template"
    source = PostgresqlSource(RegistrySettings(database_url=postgres_server.create_database(TEMPLATE, name)))
    try:
        migrate(YamlSource(FIXTURE / REGISTRY).load(), source)
    finally:
        source.close()
    return name


@pytest.fixture
def workspace_url(postgres_server: PostgresServer, filled_template: str) -> Iterator[str]:
    """A database of the test's own that holds what the workspace's registry YAML holds."""
    url = postgres_server.create_database(filled_template)
    yield url
    postgres_server.drop_database(url)
