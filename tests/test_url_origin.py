"""Which of several database URLs is used, and how that is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from specql_lsp.config import CONFIG_FILE, Layer, UrlOrigin, settings_for
from specql_lsp.registry.service.source_selection import primary_source_for
from specql_lsp.registry.state import Source

DEFAULT = "SPECQL_DB_URL_DEFAULT"
URL = "SPECQL_DB_URL"


def _file(folder: Path, url: str | None) -> None:
    text = "" if url is None else f'[registry]\ndatabaseUrl = "{url}"\n'
    (folder / CONFIG_FILE).write_text(text, encoding="utf-8")


def _layer(url: str) -> Layer:
    return Layer("the client's settings", {"registry": {"databaseUrl": url}})


@pytest.mark.parametrize(
    ("environment", "file", "client", "url", "source", "overridden"),
    [
        ({}, None, None, "", "", ()),
        ({DEFAULT: "d"}, None, None, "d", DEFAULT, ()),
        ({DEFAULT: ""}, None, None, "", "", ()),
        ({DEFAULT: "d"}, "f", None, "f", CONFIG_FILE, (DEFAULT,)),
        ({DEFAULT: "d"}, "", None, "", "", ()),
        ({DEFAULT: "d", URL: "e"}, "f", None, "e", URL, (CONFIG_FILE, DEFAULT)),
        ({URL: "e"}, "f", "c", "c", "the client's settings", (URL, CONFIG_FILE)),
        ({URL: "same"}, "same", None, "same", URL, ()),
        ({URL: "same"}, "same", "c", "c", "the client's settings", (URL,)),
        ({URL: "e"}, None, "", "", "", ()),
        ({URL: "e"}, "f", "${env:MISSING}", "e", URL, (CONFIG_FILE,)),
        ({URL: "e", "ONE": "postgresql://u:p%40@h/d"}, None, "${env:ONE}", "postgresql://u:p%40@h/d", "c", (URL,)),
    ],
)
def test_the_url_that_is_used(
    tmp_path: Path,
    environment: dict[str, str],
    file: str | None,
    client: str | None,
    url: str,
    source: str,
    overridden: tuple[str, ...],
) -> None:
    _file(tmp_path, file)
    settings, _ = settings_for(tmp_path, [_layer(client)] if client is not None else [], environment)
    source = "the client's settings" if source == "c" else source
    assert (settings.registry.database_url, settings.registry.url_origin) == (url, UrlOrigin(source, overridden))


def test_the_sentence_names_no_url() -> None:
    assert UrlOrigin("SPECQL_DB_URL").sentence == ""
    one = UrlOrigin("SPECQL_DB_URL", (CONFIG_FILE,))
    assert one.sentence == "The database URL from SPECQL_DB_URL overrides the one from specql-lsp.toml."
    two = UrlOrigin("the client's settings", ("SPECQL_DB_URL", CONFIG_FILE))
    assert two.sentence == (
        "The database URL from the client's settings overrides those from SPECQL_DB_URL and specql-lsp.toml."
    )


def test_the_origin_is_no_setting(tmp_path: Path) -> None:
    layer = Layer("options", {"registry": {"urlOrigin": "x", "url_origin": "y"}})
    settings, warnings = settings_for(tmp_path, [layer], {})
    assert settings.registry.url_origin == UrlOrigin()
    assert ["Unknown setting" in warning for warning in warnings] == [True, True]


@pytest.mark.parametrize("table", ["registry", "specql.registry"])
def test_the_file_of_an_untrusted_workspace_keeps_the_default_away(tmp_path: Path, table: str) -> None:
    """Its database is another one: the registry of the default would be shown as that of this workspace."""
    (tmp_path / CONFIG_FILE).write_text(f'[{table}]\ndatabaseUrl = "f"\n', encoding="utf-8")
    settings, _ = settings_for(tmp_path, [], {DEFAULT: "d"}, trusted=False)
    assert settings.registry.database_url == ""
    assert primary_source_for(settings.registry) == (
        None,
        "specql-lsp.toml names a database; it is used once you trust this workspace.",
    )
    settings, _ = settings_for(tmp_path, [], {URL: "e"}, trusted=False)
    assert primary_source_for(settings.registry) == (Source.POSTGRESQL, "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[registry]\ndatabaseUrl = "f"\nbackend = "postgresql"\n', "once you trust this workspace"),
        ('[registry]\ndatabaseUrl = "f"\nbackend = "yaml"\n', "registry.backend is yaml"),
        ('[registry]\ndatabaseUrl = "${env:MISSING}"\n', "once you trust this workspace"),
        ('[registry]\ndatabaseUrl = ""\n', "No database URL is set"),
        ('[registry]\nbackend = "auto"\n', "No database URL is set"),
        ("registry = 3\n", "No database URL is set"),
        ("specql = 3\n", "No database URL is set"),
        ("[registry\n", "No database URL is set"),
    ],
)
def test_what_an_untrusted_workspace_is_said_to_lack(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / CONFIG_FILE).write_text(text, encoding="utf-8")
    settings, warnings = settings_for(tmp_path, [], {}, trusted=False)
    assert sentence in primary_source_for(settings.registry)[1]
    assert not any("MISSING" in warning for warning in warnings)


def test_a_file_that_names_no_database_leaves_the_default(tmp_path: Path) -> None:
    (tmp_path / CONFIG_FILE).write_text("[registry]\nrefreshSeconds = 7\n", encoding="utf-8")
    settings, warnings = settings_for(tmp_path, [], {DEFAULT: "d"}, trusted=False)
    values: tuple[Any, ...] = (settings.registry.database_url, settings.registry.refresh_seconds, warnings)
    assert values == ("d", 7, ())
