"""Programs of ours as processes that have no interpreter to start and nothing to import: forks of this one.

Run by ``tests/support/forks.py`` as ``python -m tests.support.fork_server DESCRIPTOR``. Every message on the socket of
that descriptor is a JSON object with ``module``, ``arguments``, ``folder`` and ``environment``, and four descriptors:
the streams of the new process, and a pipe on which its process id is written, and its exit status when it has ended.
The process is a fork, which runs the module as ``python -m MODULE`` does, down to what the interpreter does at its end.
It has its own streams, signals, folder, environment and memory; only its modules were imported before.

When the socket is closed, all that still runs is killed.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import sys
import threading
from typing import Any, NamedTuple

from tests.support.patience import FOREVER

_LONGEST = 1 << 20
_STREAMS = 3


class _Job(NamedTuple):
    """What a new process is to be."""

    module: str
    arguments: list[str]
    folder: str
    environment: dict[str, str]
    streams: list[int]


def main() -> None:
    """Forks until the socket is closed; returns in no process but the first."""
    control = socket.socket(fileno=int(sys.argv[1]))
    _import_all()
    job = _serve(control)
    if job is not None:
        _become(job)


def _import_all() -> None:
    kept: dict[str, Any] = {}
    atexit.register(_spare, kept)  # the first that is registered is the last that is called
    # In the order of a start; what is not needed for it comes later.
    import specql_lsp
    import specql_lsp.lsp.server

    for module in pkgutil.walk_packages(specql_lsp.__path__, "specql_lsp."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    specql_lsp.lsp.server.create_server()
    assert threading.active_count() == 1, "a fork has only the thread that forks"
    kept |= sys.modules
    kept[""] = kept  # a ring, which a frozen heap never frees
    gc.collect()
    gc.freeze()


def _spare(kept: dict[str, Any]) -> None:
    """Has the interpreter leave alone at its end what was imported before the fork, the last that Python code does.

    To take all that apart it would write to nearly every page that the fork shares with this process, each of which is
    copied first: more work than most commands are. What the fork has made itself comes to its end as ever, unless one
    of those modules refers to it.
    """
    sys.setswitchinterval(FOREVER)  # no thread that is left misses a module
    for name, module in kept.items():
        if name not in {"sys", "builtins"} and sys.modules.get(name) is module:
            del sys.modules[name]


def _serve(control: socket.socket) -> _Job | None:
    """What this process is to be, in a fork; None in the process that forks, at its end."""
    woken, waking = socket.socketpair()
    for end in (woken, waking):
        end.setblocking(False)
    signal.set_wakeup_fd(waking.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C: for the process that has started us to answer
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    reports: dict[int, int] = {}
    while True:
        ready = {key.fileobj for key, _ in selector.select()}
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                woken.recv(4096)
            _report_ended(reports)
        if control in ready:
            message, descriptors, _, _ = socket.recv_fds(control, _LONGEST, _STREAMS + 1)
            if not message:
                break
            *streams, report = descriptors
            pid = os.fork()
            if not pid:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                signal.signal(signal.SIGINT, signal.default_int_handler)
                selector.close()
                for each in (control, woken, waking):
                    each.close()
                for descriptor in (report, *reports.values()):
                    os.close(descriptor)
                return _Job(**json.loads(message), streams=streams)
            for descriptor in streams:
                os.close(descriptor)
            reports[pid] = report
            _write(report, f"{pid}\n")
    for pid in reports:
        os.kill(pid, signal.SIGKILL)
    return None


def _report_ended(reports: dict[int, int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            report = reports.pop(pid)
            _write(report, f"{os.waitstatus_to_exitcode(status)}\n")
            os.close(report)


def _write(descriptor: int, text: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(descriptor, text.encode())


def _become(job: _Job) -> None:
    """Makes this fork the process that was asked for, and runs it."""
    for target, descriptor in enumerate(job.streams):
        os.dup2(descriptor, target)
    for descriptor in job.streams:
        if descriptor >= _STREAMS:
            os.close(descriptor)
    os.chdir(job.folder)
    coerced = {name: value for name, value in os.environ.items() if name == "LC_CTYPE"}  # set by the interpreter
    os.environ.clear()
    os.environ.update(coerced | job.environment)
    sys.stdin = sys.__stdin__ = _like(sys.stdin, 0)
    sys.stdout = sys.__stdout__ = _like(sys.stdout, 1)
    sys.stderr = sys.__stderr__ = _like(sys.stderr, 2)
    sys.argv[1:] = job.arguments
    sys.path[0] = job.folder  # as `-m` has it
    runpy.run_module(job.module, run_name="__main__", alter_sys=True)


def _like(opened: Any, descriptor: int) -> Any:
    """A standard stream as the interpreter opens it: like the one that it has opened for us."""
    is_unbuffered = opened.write_through
    binary = open(descriptor, f"{opened.mode}b", 0 if is_unbuffered and opened.mode == "w" else -1, closefd=False)  # noqa: SIM115
    by_line = not is_unbuffered and (descriptor == 2 or os.isatty(descriptor))
    stream = io.TextIOWrapper(
        binary, opened.encoding, opened.errors, line_buffering=by_line, write_through=is_unbuffered
    )
    stream.mode = opened.mode
    return stream


if __name__ == "__main__":
    main()
