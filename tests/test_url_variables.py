"""What a variable holds arrives at PostgreSQL unchanged: libpq itself reads the URLs here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from specql_lsp.config import Layer, load_settings
from specql_lsp.url_variables import expanded

AWKWARD = "a@b/c%41 d:e?f#g[h]&i='j\\k\"+ü"
TEMPLATES = [
    "postgresql://u:${env:PW}@h/d",
    "postgres://u:${env:PW}@h",
    "postgresql://u:${env:PW}@h1:1,h2:2/d?sslmode=disable",
    "postgresql://u@h/d?password=${env:PW}",
    "postgresql://h/d?user=u&password=${env:PW}&sslmode=disable",
    "host=h password=${env:PW} user=u",
    "host=h user=u password = ${env:PW}",
    "host=h password='${env:PW}' user=u",
]
passwords = st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize("template", TEMPLATES)
@given(password=passwords)
def test_a_password_arrives_as_it_is(template: str, password: str) -> None:
    for value in (password, AWKWARD, ""):
        read = conninfo_to_dict(expanded(template, {"PW": value}))
        assert (read.get("password") or "") == value
        assert (read["host"].split(",")[0][0], read["user"]) == ("h", "u")


@given(user=passwords.filter(bool), password=passwords)
def test_a_user_too(user: str, password: str) -> None:
    read = conninfo_to_dict(expanded("postgresql://${env:U}:${env:P}@h/d", {"U": user, "P": password}))
    assert (read["user"], read.get("password") or "", read["host"]) == (user, password, "h")
    read = conninfo_to_dict(expanded("postgresql://x${env:U}y:1${env:P}2@h/d", {"U": user, "P": password}))
    assert (read["user"], read["password"]) == (f"x{user}y", f"1{password}2")


@pytest.mark.parametrize(
    ("template", "environment", "expected"),
    [
        ("${env:URL}", {"URL": "postgresql://u:a%40b@h/d"}, "postgresql://u:a%40b@h/d"),
        ("${env:URL}", {"URL": "host=h password='a b'"}, "host=h password='a b'"),
        ("${env:URL}?sslmode=disable", {"URL": "postgresql://u@h/d"}, "postgresql://u@h/d?sslmode=disable"),
        ("postgresql://u@${env:HOST}/d", {"HOST": "h1:1,h2:2"}, "postgresql://u@h1:1,h2:2/d"),
        ("postgresql://${env:HOST}/d", {"HOST": "[::1]:5432"}, "postgresql://[::1]:5432/d"),
        ("postgresql://u@h/${env:REST}", {"REST": "d?sslmode=disable"}, "postgresql://u@h/d?sslmode=disable"),
        ("host=h ${env:MORE}", {"MORE": "user=u dbname=d"}, "host=h user=u dbname=d"),
        ("${env:MORE} host=h", {"MORE": "user=u dbname=d"}, "user=u dbname=d host=h"),
        ("${env:SCHEME}://u@h/d", {"SCHEME": "postgresql"}, "postgresql://u@h/d"),
    ],
)
def test_what_is_no_value_stays(template: str, environment: dict[str, str], expected: str) -> None:
    assert expanded(template, environment) == expected


@pytest.mark.parametrize("name", ["not a name", "x@h/d", ""])
def test_what_is_no_name_is_not_repeated(name: str) -> None:
    layer = Layer("the file", {"registry": {"databaseUrl": f"postgresql://u:p${{env:{name}}}@h/d"}})
    _, (warning,) = load_settings([layer], {})
    assert warning == (
        "specql.registry.databaseUrl in the file names an environment variable, which is not set; it is not used."
    )
