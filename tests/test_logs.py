"""What is logged holds no password, has fields that programs can read, and goes on when the disk does not."""

from __future__ import annotations

import json
import logging
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.logs import JsonFormatter, RedactingFormatter, configure_logging, fields
from specql_lsp.redaction import redact
from tests.support.patience import PATIENCE

SECRET = "S3cr3t"
SECRETS = pytest.mark.parametrize(
    "text",
    [
        f"postgresql://u:{SECRET}@h/d",
        f"postgres://u:{SECRET}@h",
        f"see postgresql://u:a@{SECRET}@h/d now",
        f"postgresql://u:a/{SECRET}@h/d",
        f"postgresql://u:a'{SECRET}@h/d",
        f'postgresql://u:a"{SECRET}@h/d',
        f"postgresql://:{SECRET}@h/d",
        f"postgres//u:{SECRET}@h/d",
        f"postgresql://h/d?user=u&password={SECRET}",
        f"postgresql://h/d?password=a,{SECRET}&x=1",
        f"host=h password={SECRET} user=u",
        f"host=h password = '{SECRET} {SECRET}' user=u",
        f"host=h password='it\\'s {SECRET}' user=u",
        f"host=h PASSWORD=a;b,c'{SECRET}",
        f"password='{SECRET}",
        f"sslpassword={SECRET}",
        f"{{'password': '{SECRET}'}}",
        json.dumps({"password": SECRET}),
        json.dumps({"databaseUrl": f"x {SECRET} 'y"}),
        json.dumps({"databaseUrl": f'x "{SECRET} y'}),
        f"Object(databaseUrl='x {SECRET}')",
        f"RegistrySettings(database_url='x {SECRET}')",
        f"SPECQL_DB_URL='x {SECRET}'",
    ],
)


@pytest.fixture
def restored() -> Iterator[None]:
    """The process's logging as it was, after the test."""
    root, pygls = logging.getLogger(), logging.getLogger("pygls")
    before = (root.handlers[:], root.level, pygls.level)
    yield
    for handler in root.handlers:
        if handler not in before[0]:
            handler.close()
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    pygls.setLevel(before[2])


def record_of(text: str, /, *arguments: object, **extra: Any) -> logging.LogRecord:
    """A warning with an event and other fields; ``error`` is an exception."""
    error = extra.pop("error", None)
    trace = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("specql_lsp.x", logging.WARNING, "p", 1, text, arguments, trace)
    vars(record).update(fields(event=extra.pop("event", "tested"), **extra))
    return record


@SECRETS
def test_passwords_are_hidden(text: str) -> None:
    hidden = redact(text)
    assert SECRET not in hidden
    assert "***" in hidden
    # As the text of another message: pygls logs whole ones.
    if '{"databaseUrl' not in text:  # quoted twice the key is no key any more
        assert SECRET not in redact(json.dumps({"a": text}))
        assert SECRET not in redact(repr({"a": text}))
    # And twice, as a message and its traceback have it: a quote that is not closed is not closed by the next one.
    assert SECRET not in redact(f"{text}\nValueError: {text}\nKeyError: {text}")


@pytest.mark.parametrize(
    "text",
    [
        "PostgreSQL refused the login: password authentication failed.",
        "http://localhost:8080/path and file:///tmp/a.yaml",
        "postgresql://u@h:5432/d",
        "The time is 12:30, mail a@b.c",
        "",
    ],
)
def test_what_holds_none_stays(text: str) -> None:
    assert redact(text) == text


def test_where_it_is_stays_readable() -> None:
    assert redact(f"postgresql://u:{SECRET}@h:5432/d is away") == "postgresql://u:***@h:5432/d is away"


@given(st.text(alphabet="abc\\'\"@:/ =password.&?{}\n", max_size=200))
def test_it_never_raises_nor_hangs(text: str) -> None:
    redact("postgresql://u:" + text)
    redact("password='" + text)


def test_long_texts_are_quick() -> None:
    redact("password='" + "\\" * 50_000)
    redact("postgresql://u:" + "x" * 200_000)
    redact("password='" + "x" * 200_000)
    redact("password='x " * 20_000)
    redact("database_url='x " * 20_000)


def test_tracebacks_too() -> None:
    try:
        raise ValueError(f"postgresql://u:{SECRET}@h/d")
    except ValueError:
        record = logging.LogRecord("n", logging.ERROR, "p", 1, "%s", (f"password={SECRET}",), sys.exc_info())
    line = RedactingFormatter("%(message)s").format(record)
    assert "ValueError" in line
    assert SECRET not in line


# --- structured fields --------------------------------------------------------------------------------------


def pairs(line: str) -> dict[str, str]:
    """The fields of a line of a text log, as any reader of logfmt finds them."""
    return dict(token.split("=", 1) for token in shlex.split(line) if "=" in token)


def test_fields_follow_the_message() -> None:
    record = record_of(
        "It took %d ms.", 312, event="slow_query", ms=312.4, statement="allocate_look", failed=True, nothing=None
    )
    line = RedactingFormatter("%(levelname)s %(name)s: %(message)s").format(record)
    assert line == (
        "WARNING specql_lsp.x: It took 312 ms. event=slow_query ms=312.4 statement=allocate_look failed=true"
    )


@pytest.mark.parametrize(
    "value", ["two words", 'a "quoted" one', "a=b", "", "back\\slash", "two\nlines", "tab\there", "Größe", "plain"]
)
def test_values_are_quoted_where_they_need_it(value: str) -> None:
    line = RedactingFormatter("%(message)s").format(record_of("Told.", reason=value))
    assert "\n" not in line
    quoted = line.partition(" reason=")[2]
    assert (json.loads(quoted) if quoted.startswith('"') else quoted) == value
    assert quoted.startswith('"') == (value not in {"Größe", "plain"})


def test_the_fields_stand_on_the_first_line_of_a_traceback() -> None:
    try:
        raise ValueError("bad")
    except ValueError as error:
        record = record_of("It failed.", error=error, kind="x")
    first, *rest = RedactingFormatter("%(message)s").format(record).split("\n")
    assert first == "It failed. event=tested kind=x"
    assert rest[0].startswith("Traceback")
    assert rest[-1] == "ValueError: bad"


def test_json_has_one_object_a_line() -> None:
    try:
        raise ValueError("bad")
    except ValueError as error:
        record = record_of(
            "Two\nlines, \u2028 and Größe.", error=error, event="slow_query", ms=1.5, failed=False, no=None
        )
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert len(line.splitlines()) == 1
    logged = json.loads(line)
    assert list(logged) == ["time", "level", "logger", "message", "event", "ms", "failed", "exception"]
    assert (logged["level"], logged["logger"], logged["message"]) == (
        "warning",
        "specql_lsp.x",
        "Two\nlines, \u2028 and Größe.",
    )
    assert (logged["event"], logged["ms"], logged["failed"]) == ("slow_query", 1.5, False)
    assert logged["exception"].endswith("ValueError: bad")
    assert logged["time"].endswith("Z")


def test_a_field_does_not_replace_what_every_record_has() -> None:
    logged = json.loads(JsonFormatter().format(record_of("Told.", message="other", level="none", ms=float("inf"))))
    assert (logged["message"], logged["level"], logged["ms"]) == ("Told.", "warning", "inf")


@SECRETS
@pytest.mark.parametrize("formatter", [RedactingFormatter(), JsonFormatter()], ids=["text", "json"])
def test_fields_hold_no_password(text: str, formatter: logging.Formatter) -> None:
    try:
        raise ValueError(text)
    except ValueError as error:
        record = record_of(text, error=error, reason=text, after="still there")
    line = formatter.format(record)
    assert SECRET not in line
    if isinstance(formatter, JsonFormatter):
        assert json.loads(line)["after"] == "still there"
    else:
        assert pairs(line.split("\n")[0])["after"] == "still there"


@pytest.mark.parametrize("name", ["password", "database_url", "databaseUrl", "sslpassword"])
def test_a_field_that_is_a_password_is_hidden_as_a_whole(name: str) -> None:
    record = record_of("Told.", **{name: SECRET})
    assert SECRET not in RedactingFormatter().format(record)
    assert json.loads(JsonFormatter().format(record))[name] == "***"


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_logged(message: str, value: str) -> None:
    record = record_of("%s", message, reason=value)
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert json.loads(line)["event"] == "tested"
    RedactingFormatter().format(record).encode("utf-8", "backslashreplace")


# --- where it goes ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("restored")
def test_the_log_file(tmp_path: Path) -> None:
    configure_logging("debug", tmp_path / "log")
    logging.getLogger("pygls.x").debug("postgresql://u:%s@h/d", SECRET)
    configure_logging("warning", tmp_path / "log")
    logging.getLogger("pygls.x").error("silent")
    logging.getLogger("specql_lsp.x").warning("Größe \udc80")
    with pytest.raises(OSError, match=r"."):
        configure_logging("warning", tmp_path)
    text = (tmp_path / "log").read_text(encoding="utf-8")
    assert "u:***@h" in text
    assert "Größe" in text
    assert "silent" not in text


@pytest.mark.usefixtures("restored")
def test_a_log_file_is_appended_to_and_shared(tmp_path: Path) -> None:
    """The servers of several editors write to one file, and none cuts another's lines."""
    log = tmp_path / "log"
    log.write_text("before\n")
    program = (
        "import logging, pathlib, sys; from specql_lsp.logs import configure_logging, fields\n"
        "configure_logging('info', pathlib.Path(sys.argv[1]), 'json')\n"
        "for n in range(200): logging.getLogger('x').info('y' * 3000, extra=fields(event=sys.argv[2], n=n))\n"
    )
    servers = [subprocess.Popen([sys.executable, "-c", program, str(log), name]) for name in ("a", "b")]
    assert [server.wait(60) for server in servers] == [0, 0]
    first, *rest = log.read_text().splitlines()
    assert first == "before"
    logged = [json.loads(line) for line in rest]
    for name in ("a", "b"):
        assert [entry["n"] for entry in logged if entry["event"] == name] == list(range(200))


@pytest.mark.usefixtures("restored")
def test_a_log_file_that_is_rotated_is_begun_anew(tmp_path: Path) -> None:
    log, old = tmp_path / "log", tmp_path / "log.1"
    configure_logging("warning", log)
    logger = logging.getLogger("specql_lsp.x")
    logger.warning("one")
    log.rename(old)
    logger.warning("two")
    assert ("one" in old.read_text(), "two" in old.read_text(), "two" in log.read_text()) == (True, False, True)
    log.unlink()
    logger.warning("three")
    assert "three" in log.read_text()


@pytest.mark.usefixtures("restored")
def test_a_log_whose_folder_is_gone_is_told_once_and_comes_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    configure_logging("warning", folder / "log")
    logger = logging.getLogger("specql_lsp.x")
    logger.warning("one")
    (folder / "log").unlink()
    folder.rmdir()
    for _ in range(3):
        logger.warning("lost: password=%s", SECRET)
    said = capsys.readouterr().err
    assert said == f"specql-lsp: the log file {folder / 'log'} cannot be written now: No such file or directory.\n"
    folder.mkdir()
    logger.warning("two")
    assert "two" in (folder / "log").read_text()
    (folder / "log").unlink()
    folder.rmdir()
    logger.warning("lost again")
    assert "cannot be written now" in capsys.readouterr().err


@pytest.mark.skipif(not os.access("/dev/full", os.W_OK), reason="only Linux has a device that is always full")
@pytest.mark.usefixtures("restored")
def test_a_full_disk_is_told_once_and_ends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("warning", Path("/dev/full"))
    for _ in range(50):
        logging.getLogger("specql_lsp.x").warning("lost: password=%s %s", SECRET, "x" * 1000)
    assert capsys.readouterr().err == (
        "specql-lsp: the log file /dev/full cannot be written now: No space left on device.\n"
    )


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("to_file", [True, False])
def test_a_message_that_cannot_be_formatted_is_not_shown(
    to_file: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python would print it with its arguments."""
    configure_logging("warning", tmp_path / "log" if to_file else None)
    logging.getLogger("specql_lsp.x").warning("%d", f"password={SECRET}")
    said = capsys.readouterr().err
    assert said == "specql-lsp: A log message of specql_lsp.x could not be written (TypeError).\n"


def test_stderr_that_nobody_reads_any_more_ends_nothing() -> None:
    program = (
        "import logging, sys; from specql_lsp.logs import configure_logging\n"
        "configure_logging('warning', None); sys.stdin.read()\n"
        "for n in range(3): logging.getLogger('x').warning('nobody reads this')\n"
        "print('alive')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin and process.stdout and process.stderr
    process.stderr.close()
    process.stdin.close()
    assert process.stdout.read() == b"alive\n"
    process.stdout.close()
    process.wait(PATIENCE)
