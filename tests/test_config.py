"""Settings: every layer, their order, and wrong values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specql_lsp.config import (
    Backend,
    Layer,
    Settings,
    SeverityOverride,
    UpdateYaml,
    environment_layer,
    load_settings,
    settings_for,
)

RIGHT: dict[str, tuple[Any, Any]] = {
    "registry.backend": ("in_memory", Backend.IN_MEMORY),
    "registry.databaseUrl": ("postgresql://h/d", "postgresql://h/d"),
    "registry.yamlPath": ("a.yaml", "a.yaml"),
    "registry.snapshotPath": ("a.json", "a.json"),
    "registry.refreshSeconds": (5, 5.0),
    "registry.listen": (False, False),
    "registry.connectTimeoutSeconds": (0.5, 0.5),
    "registry.statementTimeoutMs": (10, 10),
    "registry.lockTimeoutMs": (11, 11),
    "registry.slowQueryMs": (0, 0),
    "registry.updateYaml": ("always", UpdateYaml.ALWAYS),
    "files.include": (["a/*.yaml"], ("a/*.yaml",)),
    "files.exclude": ([], ()),
    "language.release": ("", ""),
    "format.enabled": (False, False),
    "diagnostics.enabled": (False, False),
    "diagnostics.drift": (False, False),
    "diagnostics.debounceMs": (0, 0),
    "diagnostics.severity": ({"a": "off"}, {"a": SeverityOverride.OFF}),
    "inlayHints.codes": (False, False),
    "inlayHints.references": (False, False),
    "inlayHints.columns": (False, False),
    "codeLens.codes": (False, False),
    "codeLens.references": (True, True),
}
NAN, INFINITE = float("nan"), float("inf")
WRONG: dict[str, list[Any]] = {
    "registry.backend": ["oracle", 1, [], {}],
    "registry.databaseUrl": [1, [], {}, "${env:NO_SUCH_VARIABLE}"],
    "registry.yamlPath": ["", 1, "a\0b"],
    "registry.snapshotPath": [1, "a\0b", "postgresql://h/d", []],
    "registry.refreshSeconds": [0, -1, "5", True, NAN, INFINITE, 1e300, []],
    "registry.listen": [1, "true"],
    "registry.connectTimeoutSeconds": [0, NAN, INFINITE, "x"],
    "registry.statementTimeoutMs": [0, NAN, INFINITE, 10**12],
    "registry.lockTimeoutMs": [-1, NAN],
    "registry.slowQueryMs": [-1, INFINITE, "x"],
    "registry.updateYaml": ["yes", True, []],
    "files.include": ["**/*.yaml", [1], {}],
    "files.exclude": ["x", 1],
    "language.release": ["0.5", 0, []],
    "format.enabled": ["yes", 0],
    "diagnostics.enabled": ["yes", 0],
    "diagnostics.drift": ["no"],
    "diagnostics.debounceMs": [-1, NAN, INFINITE],
    "inlayHints.codes": ["yes", 0],
    "inlayHints.references": [1],
    "inlayHints.columns": [[]],
    "codeLens.codes": ["no"],
    "codeLens.references": [{}],
    "diagnostics.severity": [{"a": "loud"}, {"a": 1}, "off", ["a"], 3, {"a": []}],
}


def table(key: str, value: Any) -> dict[str, Any]:
    section, name = key.split(".")
    return {section: {name: value}}


def value_of(settings: Settings, key: str) -> Any:
    section, name = ("".join("_" + c.lower() if c.isupper() else c for c in part) for part in key.split("."))
    return getattr(getattr(settings, section), name)


@pytest.mark.parametrize("key", RIGHT)
def test_every_key_in_every_layer(key: str, tmp_path: Path) -> None:
    given_value, read = RIGHT[key]
    settings, warnings = load_settings([Layer("x", table(key, given_value))], {})
    assert (value_of(settings, key), warnings) == (read, ())
    wrapped, warnings = load_settings([Layer("x", {"specql": table(key, given_value)})], {})
    assert (wrapped, warnings) == (settings, ())
    assert load_settings([Layer("x", table(key, None))], {}) == (Settings(), ())
    assert settings_for(tmp_path, [Layer("x", table(key, given_value))], {}) == (settings, ())


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in WRONG.items() for value in values])
def test_a_wrong_value_is_said_and_the_next_lower_one_counts(key: str, value: Any) -> None:
    given_value, read = RIGHT[key]
    layers = [Layer("below", table(key, given_value)), Layer("above", table(key, value))]
    settings, (warning,) = load_settings(layers, {})
    assert value_of(settings, key) == read
    assert f"specql.{key} in above" in warning
    defaults, _ = load_settings([Layer("above", table(key, value))], {})
    assert defaults == Settings()


def test_the_order_of_the_layers(tmp_path: Path) -> None:
    toml = '[registry]\nyamlPath = "file"\nbackend = "yaml"\ndatabaseUrl = "file"\nrefreshSeconds = 7\n'
    (tmp_path / "specql-lsp.toml").write_text(toml)
    environment = {"SPECQL_DB_URL": "environment", "SPECQL_REPOSITORY_BACKEND": "postgresql"}
    above = [
        Layer("initializationOptions", {"registry": {"backend": "auto"}}),
        Layer("client", {"registry": {"backend": "in_memory"}}),
        Layer("command line", {"registry": {"backend": "yaml"}}),
    ]
    expected = [Backend.POSTGRESQL, Backend.AUTO, Backend.IN_MEMORY, Backend.YAML]
    for count, backend in enumerate(expected):
        settings, warnings = settings_for(tmp_path, above[:count], environment)
        assert (settings.registry.backend, warnings) == (backend, ())
        registry = settings.registry
        assert (registry.database_url, registry.yaml_path, registry.refresh_seconds) == ("environment", "file", 7)
    assert settings_for(tmp_path, [], {})[0].registry.backend is Backend.YAML
    assert settings_for(None, [], {}) == (Settings(), ())


def test_the_environment() -> None:
    assert environment_layer({"SPECQL_DB_URL": "", "SPECQL_REPOSITORY_BACKEND": ""}).values == {}
    _, (warning,) = load_settings([environment_layer({"SPECQL_REPOSITORY_BACKEND": "x"})], {})
    assert "registry.backend in the environment" in warning


@pytest.mark.parametrize("layer", ["file", "options"])
def test_variables_in_the_url(layer: str, tmp_path: Path) -> None:
    url = "postgresql://${env:USER_NAME}:${env:SECRET}@h/d"
    environment = {"USER_NAME": "u", "SECRET": "a$b"}
    layers = []
    if layer == "file":
        (tmp_path / "specql-lsp.toml").write_text(f'[registry]\ndatabaseUrl = "{url}"\n')
    else:
        layers = [Layer("options", {"registry": {"databaseUrl": url}})]
    settings, warnings = settings_for(tmp_path, layers, environment)
    assert (settings.registry.database_url, warnings) == ("postgresql://u:a$b@h/d", ())
    settings, (warning,) = settings_for(tmp_path, layers, {"USER_NAME": "u"})
    assert settings.registry.database_url == ""
    assert "SECRET" in warning
    assert "registry.databaseUrl" in warning


def test_unknown_keys_are_named() -> None:
    layer = Layer(
        "x", {"registry": {"databaseURL": "a", "refresh_seconds": 1}, "regsitry": {}, "trace": {"server": "off"}}
    )
    settings, warnings = load_settings([layer], {})
    assert any("specql.registry.databaseURL" in w for w in warnings)
    assert any("specql.regsitry" in w for w in warnings)
    assert not any("trace" in w for w in warnings)
    assert settings.registry.database_url == ""


@pytest.mark.parametrize("values", [{"specql": 1}, {"specql": []}, {"registry": 1}, {"registry": []}])
def test_what_is_no_table(values: dict[str, Any]) -> None:
    settings, (warning,) = load_settings([Layer("x", values)], {})
    assert settings == Settings()
    assert "not a table" in warning


@pytest.mark.parametrize("content", [b"[registry", b"\xff\xfe", b"registry = 1 = 2"])
def test_a_file_that_cannot_be_read(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "specql-lsp.toml").write_bytes(content)
    settings, (warning,) = settings_for(tmp_path, [], {})
    assert settings == Settings()
    assert warning.startswith("specql-lsp.toml ")


def test_a_folder_instead_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "specql-lsp.toml").mkdir()
    settings, warnings = settings_for(tmp_path, [], {})
    assert (settings, len(warnings)) == (Settings(), 1)


def test_a_url_is_not_shown_by_repr() -> None:
    settings, _ = load_settings([Layer("x", {"registry": {"databaseUrl": "postgresql://u:S3cr3t@h/d"}})], {})
    assert "S3cr3t" not in repr(settings)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(list(RIGHT)), json_values)
def test_no_value_is_too_much(key: str, value: Any) -> None:
    settings, warnings = load_settings([Layer("x", table(key, value))], {})
    assert isinstance(settings, Settings)
    assert len(warnings) <= 1
