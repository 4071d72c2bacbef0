"""What is logged holds no password."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.logs import RedactingFormatter, configure_logging, redact

SECRET = "S3cr3t"


@pytest.mark.parametrize(
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
def test_passwords_are_hidden(text: str) -> None:
    hidden = redact(text)
    assert SECRET not in hidden
    assert "***" in hidden
    # As the text of another message: pygls logs whole ones.
    if '{"databaseUrl' not in text:  # quoted twice the key is no key any more
        assert SECRET not in redact(json.dumps({"a": text}))
        assert SECRET not in redact(repr({"a": text}))


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


def test_tracebacks_too() -> None:
    try:
        raise ValueError(f"postgresql://u:{SECRET}@h/d")
    except ValueError:
        record = logging.LogRecord("n", logging.ERROR, "p", 1, "%s", (f"password={SECRET}",), sys.exc_info())
    line = RedactingFormatter("%(message)s").format(record)
    assert "ValueError" in line
    assert SECRET not in line


def test_the_log_file(tmp_path: Path) -> None:
    root, pygls = logging.getLogger(), logging.getLogger("pygls")
    before = (root.handlers[:], root.level, pygls.level)
    try:
        configure_logging("debug", tmp_path / "log")
        logging.getLogger("pygls.x").debug("postgresql://u:%s@h/d", SECRET)
        configure_logging("warning", tmp_path / "log")
        logging.getLogger("pygls.x").error("silent")
        logging.getLogger("specql_lsp.x").warning("Größe")
        with pytest.raises(OSError, match=r"."):
            configure_logging("warning", tmp_path)
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:], _ = before[0], root.setLevel(before[1])
        pygls.setLevel(before[2])
    text = (tmp_path / "log").read_text(encoding="utf-8")
    assert "u:***@h" in text
    assert "Größe" in text
    assert "silent" not in text
