"""The table of routes: every handler exists with the signature of its table, and the start imports none of them."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types

import specql_lsp.lsp.handlers
from specql_lsp.lsp.routes import COMMANDS, LOOP, NOTIFICATIONS, REQUESTS, TASK, WAITS, WORKER, Route

ALL = (*REQUESTS, *NOTIFICATIONS, *COMMANDS)
HANDLERS = Path(specql_lsp.lsp.handlers.__file__).parent


def parameters(route: Route) -> list[str]:
    return [name.lstrip("_") for name in inspect.signature(route.load()).parameters]


@pytest.mark.parametrize("route", REQUESTS, ids=lambda route: route.method)
def test_a_request_s_handler_takes_a_context(route: Route) -> None:
    first, _ = inspect.signature(route.load()).parameters.values()
    is_document = route.method.startswith("textDocument/") and route.runs != WAITS
    assert (first.name.lstrip("_"), first.annotation) == (
        "context",
        "DocumentContext" if is_document else "RequestContext",
    )
    assert route.runs in {LOOP, WORKER, WAITS, TASK}
    assert inspect.iscoroutinefunction(route.load()) == (route.runs == TASK)


@pytest.mark.parametrize("route", NOTIFICATIONS, ids=lambda route: route.method)
def test_a_notification_s_handler_takes_the_session(route: Route) -> None:
    assert parameters(route) == ["session", "params"]
    assert not inspect.iscoroutinefunction(route.load())
    assert route.runs == LOOP
    assert (route.options is not None) == (route.method == "workspace/didRenameFiles")


@pytest.mark.parametrize("route", COMMANDS, ids=lambda route: route.method)
def test_a_command_s_handler_takes_the_session_and_one_object(route: Route) -> None:
    assert parameters(route) == ["session", "argument"]
    assert inspect.iscoroutinefunction(route.load())
    assert (route.options, route.runs, route.raw) == (None, LOOP, False)


def test_a_method_has_one_route_and_is_one_of_lsp() -> None:
    methods = [route.method for route in ALL]
    assert len(methods) == len(set(methods))
    assert {route.method for route in (*REQUESTS, *NOTIFICATIONS)} <= set(types.METHOD_TO_TYPES)
    requests = {route.method for route in REQUESTS}
    assert all(
        (types.METHOD_TO_TYPES[method][1] is not None) == (method in requests) for method in methods[: -len(COMMANDS)]
    )


def test_every_file_of_the_handlers_is_that_of_one_route() -> None:
    """A handler that no route names is never called."""
    files = {
        ".".join(path.relative_to(HANDLERS).with_suffix("").parts)
        for path in HANDLERS.rglob("*.py")
        if path.name != "__init__.py"
    }
    shared = {"commands.support", "commands.trees", "commands.written_codes"}
    assert files - shared == {route.handler.partition(":")[0] for route in ALL}
    assert all(route.handler.partition(":")[0].rpartition(".")[2] == route.handler.partition(":")[2] for route in ALL)


def test_the_table_imports_nothing() -> None:
    """``initialize`` is answered from it before anything else is imported."""
    script = (
        "import sys, __future__; before = set(sys.modules); import specql_lsp.lsp.routes;"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(["specql_lsp", "specql_lsp.lsp", "specql_lsp.lsp.routes"])


def test_starting_imports_neither_the_database_nor_the_features() -> None:
    script = (
        "import sys; import specql_lsp.cli.serve, specql_lsp.lsp.server; specql_lsp.lsp.server.create_server();"
        "heavy = ('psycopg', 'ruamel', 'click', 'tree_sitter', 'specql_lsp.features', 'specql_lsp.registry');"
        "print(sorted(m for m in heavy if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
