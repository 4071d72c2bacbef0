"""Passwords are hidden in every form in which a URL or a connection string reaches a message."""

from __future__ import annotations

import json
from pathlib import Path, PureWindowsPath
from urllib.parse import quote

import pytest

from specql_lsp.redaction import looks_like_a_url, redact

SECRET = "S3cr3t"
URL = f"postgresql://u:{SECRET}@h/d"


@pytest.mark.parametrize(
    "text",
    [
        # Path libraries fold two slashes into one.
        str(Path(URL)),
        str(Path("/somewhere") / URL),
        str(PureWindowsPath(URL)),
        f"mysql:/u:{SECRET}@h/d",
        # A password that should have been percent-encoded.
        f"postgresql://u:my {SECRET}@h/d",
        f"postgresql://u:{SECRET} x@h/d",
        f"postgresql://u:a\n{SECRET}@h/d",
        f"postgresql://u:{SECRET}\nx@h/d",
        f"postgresql://my user:{SECRET}@h/d",
        f"postgresql://a/b:{SECRET}@h/d",
        f"postgresql://u:1234 {SECRET}@h/d",
        f"postgresql+psycopg://u:my {SECRET}@h/d",
        # The @ is missing, or encoded.
        f"postgresql://u:{SECRET}",
        f"postgresql://u:{SECRET}/d",
        f"postgresql://u:{SECRET}%40h/d",
        f"postgresql://u:{SECRET},h2/d",
        # Keywords of the query may be percent-encoded.
        f"postgresql://h/d?pass%77ord={SECRET}",
        f"postgresql://h/d?%70%61%73%73%77%6F%72%64={SECRET}&x=1",
        f"postgresql://h/d?user=u&ssl%50assword={SECRET}",
        f"postgresql://h/d?password=my {SECRET}",
        f"postgresql://h/d?oauth_client_secret={SECRET}",
        # Connection strings.
        f"host=h password=my {SECRET} user=u",
        f"host=h user=u password=my {SECRET}",
        f"password={SECRET}\nhost=h",
        f"SPECQL_PASSWORD={SECRET}",
        f"PGPASSWORD={SECRET}",
        f"scram_client_key={SECRET}",
    ],
)
def test_hidden(text: str) -> None:
    for shown in (text, repr(text), json.dumps({"a": text}), f"There is no file or folder {text}.", f"'{text}' x@y"):
        assert SECRET not in redact(shown)
        assert "***" in redact(shown)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://h:5432/d",
        "postgresql://h:5432 is away.",
        "postgresql://h1:5432,h2:5433/d?target_session_attrs=any",
        "postgresql://[::1]:5432/d",
        "postgresql://u@[::1]:5432/d",
        "PostgreSQL at db.example.org:5432/registry",
        "entities/crm/contact.yaml:6:15: error [x] a@b",
        "The password of a role is not shown.",
        "C:/Users/a@b/x.yaml",
    ],
)
def test_not_hidden(text: str) -> None:
    assert redact(text) == text


def test_the_next_keyword_stays_readable() -> None:
    assert redact(f"host=h password={SECRET} user=u dbname=d") == "host=h password=*** user=u dbname=d"


@pytest.mark.parametrize("around", [("", ""), ("@", ""), ("", " @"), ("", "\n@")])
def test_the_work_grows_with_the_text(around: tuple[str, str]) -> None:
    """Each of these would take minutes if each beginning of a secret were searched to the end of the text."""
    before, after = around
    for text in ("postgresql://u:", "postgres:/", "password=", "password= ", "p%61ssword=x ", "ab:/b:", "ab://b:"):
        redact(before + text * 20_000 + after)
    redact(before + "password=" + " " * 200_000 + after)
    redact(before + "postgresql://" + "x" * 200_000 + after)


@pytest.mark.parametrize("text", [URL, str(Path(URL)), f"host=h password={SECRET}", "postgres:x", "file:///tmp/a"])
def test_what_is_no_path(text: str) -> None:
    assert looks_like_a_url(text)


@pytest.mark.parametrize("text", ["entities/a.yaml", "/srv/x", "C:/Users/x", "C:\\Users", ".", "a@b:c", "", "a b.yaml"])
def test_what_may_be_a_path(text: str) -> None:
    assert not looks_like_a_url(text)


def test_an_encoded_password() -> None:
    assert redact(f"postgresql://u:{quote('a@/ ' + SECRET, safe='')}@h:5432/d is away") == (
        "postgresql://u:***@h:5432/d is away"
    )
