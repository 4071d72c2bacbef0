"""A forked process is one like any other: what it is given, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from tests.support.forks import ROOT, AsyncForked, Forked, can_be_forked, run_forked, start_script
from tests.support.patience import PATIENCE, until

PROGRAM = """\
import atexit, json, os, signal, sys, threading
atexit.register(print, "at the end")
print(json.dumps({
    "arguments": sys.argv[1:],
    "folder": os.getcwd(),
    "environment": dict(os.environ),
    "name": __name__,
    "threads": threading.active_count(),
    "main": threading.current_thread() is threading.main_thread(),
    "signals": [str(signal.getsignal(n)) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD)],
    "streams": [
        (type(s.buffer).__name__, s.fileno(), s.encoding, s.errors, s.mode, s.line_buffering, s.isatty())
        for s in (sys.stdin, sys.stdout, sys.stderr)
    ],
    "descriptors": sorted(os.listdir("/proc/self/fd"), key=int)[:3],
    "read": sys.stdin.read(),
}))
print("é", file=sys.stderr)
match sys.argv[1]:
    case "status":
        sys.exit(int(sys.argv[2]))
    case "sentence":
        sys.exit("a sentence")
    case "error":
        raise ValueError("broken")
    case "signal":
        sys.stdout.flush()
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with a module ``program_of_a_test`` that says what it was given, and ends as it is asked to."""
    (tmp_path / "program_of_a_test.py").write_text(textwrap.dedent(PROGRAM))
    return tmp_path


def environment(folder: Path) -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "TERM": "xterm", "SAID": "é"}


@pytest.mark.parametrize("arguments", [("none",), ("status", "3"), ("sentence",), ("error",), ("signal",)])
def test_it_is_given_and_gives_what_a_process_does(program: Path, arguments: tuple[str, ...]) -> None:
    started = subprocess.run(
        [sys.executable, "-m", "program_of_a_test", *arguments],
        cwd=program,
        env=environment(program),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        # Whoever starts the tests may ignore SIGINT (nohup, a shell's "&"), and children inherit that; a fork does not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    forked = run_forked(["program_of_a_test", *arguments], program, environment(program))
    assert forked.returncode == started.returncode
    first, *rest = forked.stdout.splitlines()
    first_of_it, *rest_of_it = started.stdout.splitlines()
    assert json.loads(first) == json.loads(first_of_it)
    assert rest == rest_of_it == ([] if arguments == ("signal",) else [b"at the end"])
    # A traceback has the frames of what has run the module, too.
    assert forked.stderr.splitlines()[0] == started.stderr.splitlines()[0] == "é".encode()
    assert forked.stderr.splitlines()[-1] == started.stderr.splitlines()[-1]


def test_it_can_be_waited_for_and_ended(program: Path) -> None:
    reading, writing = os.pipe()
    with Path(os.devnull).open("r+b") as nothing:
        process = Forked(
            ["program_of_a_test", "none"], program, environment(program), (reading, nothing.fileno(), nothing.fileno())
        )
    os.close(reading)
    assert process.poll() is None  # it reads its stdin
    assert psutil.Process(process.pid).is_running()
    process.kill()
    assert process.wait(PATIENCE) == process.poll() == process.returncode == -signal.SIGKILL
    os.close(writing)
    process.terminate()  # of what has ended: nothing


async def test_on_an_event_loop(program: Path) -> None:
    process = await AsyncForked.start(["program_of_a_test", "status", "5"], program, environment(program))
    assert process.returncode is None
    process.stdin.write(b"asked")
    process.stdin.close()
    assert json.loads(await process.stdout.readline())["read"] == "asked"
    assert (await process.stderr.read()).splitlines()[-1] == "é".encode()
    assert await process.wait() == process.returncode == 5


def test_none_outlives_the_tests(program: Path) -> None:
    """Whatever a run of tests leaves behind when it ends, however it ends."""
    script = textwrap.dedent(f"""
        import os, sys
        from pathlib import Path
        from tests.support.forks import Forked
        reading, _ = os.pipe()
        process = Forked(["program_of_a_test", "none"], Path({str(program)!r}), os.environ, (reading, 2, 2))
        print(process.pid, flush=True)
        sys.stdin.read()
    """)
    run = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment(program),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert run.stdout is not None
    forked = psutil.Process(int(run.stdout.readline()))
    parent = forked.parent()
    run.kill()
    run.communicate(timeout=PATIENCE)
    until(lambda: not any(each is not None and each.is_running() for each in (forked, parent)), "both have ended")


OWN_THINGS = """
import atexit, sys, specql_lsp
class Thing:
    def __init__(self, name):
        self.name = name
    def __del__(self):
        print(self.name, "ends")
thing = Thing("what it made")
atexit.register(print, "at the end", "specql_lsp" in sys.modules)
print(sys.argv[1:], sys.stdin.readline().strip(), __name__, flush=True)
"""


def test_what_a_text_says_is_a_program(program: Path) -> None:
    process = start_script(OWN_THINGS, "é", 1)
    process.stdin.write("said\n")
    output, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert output.splitlines() == ["['é', '1'] said __main__", "at the end True", "what it made ends"]


def test_what_an_interpreter_reads_at_its_start_needs_one() -> None:
    assert can_be_forked({"SPECQL_DB_URL": "", "NO_COLOR": "1"})
    assert not can_be_forked({"PYTHONIOENCODING": "latin-1"})
    assert not can_be_forked({"LC_ALL": "C"})
