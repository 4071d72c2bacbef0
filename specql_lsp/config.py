"""Settings: read from every layer of the contract, validated once, frozen.

Layers, lowest to highest: defaults, ``SPECQL_DB_URL_DEFAULT``, ``specql-lsp.toml``, environment,
``initializationOptions``, client settings, command-line options. A wrong value is a warning that names its key, and the
next lower layer's value is used.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

from specql_lsp.redaction import looks_like_a_url
from specql_lsp.regular_files import CONFIG_FILE_BYTES, FileTooLargeError, NotRegularError, read_regular
from specql_lsp.url_variables import UnknownVariableError, expanded

CONFIG_FILE = "specql-lsp.toml"
BACKEND_VARIABLE = "SPECQL_REPOSITORY_BACKEND"
URL_VARIABLE = "SPECQL_DB_URL"
DEFAULT_URL_VARIABLE = "SPECQL_DB_URL_DEFAULT"
"""The database of folders whose ``specql-lsp.toml`` names none; it ranks below that file."""

_ENVIRONMENT = "the environment"


class Backend(Enum):
    """Which registry to use (``registry.backend``)."""

    AUTO = "auto"
    POSTGRESQL = "postgresql"
    YAML = "yaml"
    IN_MEMORY = "in_memory"


class UpdateYaml(Enum):
    """Whether one's own changes of the registry are put into its YAML, too (``registry.updateYaml``)."""

    ASK = "ask"
    ALWAYS = "always"
    NEVER = "never"


class SeverityOverride(Enum):
    """What a diagnostic can be turned into (``diagnostics.severity``)."""

    OFF = "off"
    HINT = "hint"
    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class UrlOrigin:
    """Where the database URL comes from; never the URL itself."""

    source: str = ""
    """The layer that gave it; empty where no layer did."""
    overridden: tuple[str, ...] = ()
    """The layers below it that name another URL, highest first."""
    withheld: bool = False
    """Whether ``specql-lsp.toml`` names a URL that is not used because the workspace is not trusted."""

    def over(self, lower: UrlOrigin) -> UrlOrigin:
        """This origin, of a URL that replaces another one."""
        return replace(self, overridden=(lower.source, *lower.overridden))

    @property
    def sentence(self) -> str:
        """Which URL overrides which, for a person; empty where none is overridden."""
        if not self.overridden:
            return ""
        lower = " and ".join(self.overridden)
        one = "the one" if len(self.overridden) == 1 else "those"
        return f"The database URL from {self.source} overrides {one} from {lower}."


NO_URL_ORIGIN = UrlOrigin()


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """The keys under ``registry``; seconds and milliseconds as their names say."""

    backend: Backend = Backend.AUTO
    database_url: str = field(default="", repr=False)
    yaml_path: str = "registry/domain_registry.yaml"
    snapshot_path: str = ""
    refresh_seconds: float = 30.0
    listen: bool = True
    connect_timeout_seconds: float = 3.0
    statement_timeout_ms: int = 5000
    lock_timeout_ms: int = 3000
    slow_query_ms: int = 100
    update_yaml: UpdateYaml = UpdateYaml.ASK
    record_author: bool = False
    url_origin: UrlOrigin = field(default=NO_URL_ORIGIN, compare=False)
    """Not a setting: where ``database_url`` comes from."""
    unread: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """Not a setting: what could not be read of the settings that say which registry is meant, the name of each in our
    spelling (empty: of a whole file) and where it is, in words. What a higher layer sets is not among them."""
    snapshot_only: bool = field(default=False, compare=False)
    """Not a setting: whether the snapshot file is the only source."""

    @property
    def is_yaml_alone(self) -> bool:
        """Whether the registry is the YAML and nothing else, so that it is right to change that alone."""
        names_none = not self.database_url and not self.url_origin.withheld and not self.unread
        return not self.snapshot_only and (
            self.backend is Backend.YAML or (self.backend is Backend.AUTO and names_none)
        )


DEFAULT_INCLUDE = ("**/*.yaml", "**/*.yml")
DEFAULT_EXCLUDE = (
    "**/.git/**",
    "**/.hg/**",
    "**/.svn/**",
    "**/.venv/**",
    "**/venv/**",
    "**/node_modules/**",
    "**/__pycache__/**",
    "**/.tox/**",
    "**/.mypy_cache/**",
    "**/build/**",
    "**/dist/**",
    "**/target/**",
)


@dataclass(frozen=True, slots=True)
class FilesSettings:
    """The keys under ``files``: globs relative to the workspace folder."""

    include: tuple[str, ...] = DEFAULT_INCLUDE
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE


@dataclass(frozen=True, slots=True)
class LanguageSettings:
    """The keys under ``language``."""

    release: str = "0.9.2"
    """The release of SpecQL whose limits are reported; empty: of none."""


@dataclass(frozen=True, slots=True)
class DiagnosticsSettings:
    """The keys under ``diagnostics``."""

    enabled: bool = True
    drift: bool = True
    debounce_ms: int = 50
    severity: Mapping[str, SeverityOverride] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InlayHintsSettings:
    """The keys under ``inlayHints``."""

    codes: bool = True
    """What a table code means."""
    references: bool = True
    """The schema of an entity that is referred to, where it is not that of the file."""
    columns: bool = True
    """The type and the nullability of a field's column, where they are not what is written."""


@dataclass(frozen=True, slots=True)
class CodeLensSettings:
    """The keys under ``codeLens``."""

    codes: bool = True
    """An entity's code, or that it has none."""
    references: bool = False
    """How often an entity is referred to."""


@dataclass(frozen=True, slots=True)
class FormatSettings:
    """The keys under ``format``."""

    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one workspace folder."""

    registry: RegistrySettings = field(default_factory=RegistrySettings)
    files: FilesSettings = field(default_factory=FilesSettings)
    language: LanguageSettings = field(default_factory=LanguageSettings)
    diagnostics: DiagnosticsSettings = field(default_factory=DiagnosticsSettings)
    inlay_hints: InlayHintsSettings = field(default_factory=InlayHintsSettings)
    code_lens: CodeLensSettings = field(default_factory=CodeLensSettings)
    format: FormatSettings = field(default_factory=FormatSettings)


@dataclass(frozen=True, slots=True)
class Layer:
    """One place where settings come from: ``name`` is said in warnings, ``values`` are nested by the keys."""

    name: str
    values: Mapping[str, Any]


class _WrongValueError(ValueError):
    """The value of a key is not what the key takes; the message says what it takes."""


def load_settings(layers: list[Layer], environment: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
    """Settings from layers, lowest first, over the defaults.

    Args:
        layers: tables as in ``specql-lsp.toml``; a ``specql`` table around them is taken off.
        environment: for ``${env:NAME}`` in ``databaseUrl``.

    Returns:
        The settings, and a sentence for every wrong value or unknown key.
    """
    settings, warnings = Settings(), []
    for layer in layers:
        settings, more = _apply(settings, layer, environment)
        warnings.extend(more)
    return settings, tuple(warnings)


def environment_layer(environment: Mapping[str, str]) -> Layer:
    """The layer of the environment variables that SpecQL's users have; empty ones count as unset."""
    registry: dict[str, str] = {}
    if environment.get(BACKEND_VARIABLE):
        registry["backend"] = environment[BACKEND_VARIABLE]
    if environment.get(URL_VARIABLE):
        registry["databaseUrl"] = environment[URL_VARIABLE]
    return Layer(_ENVIRONMENT, {"registry": registry} if registry else {})


def default_url_layer(environment: Mapping[str, str]) -> Layer:
    """The layer of ``SPECQL_DB_URL_DEFAULT``, below every other one; an empty value counts as unset."""
    url = environment.get(DEFAULT_URL_VARIABLE)
    return Layer(DEFAULT_URL_VARIABLE, {"registry": {"databaseUrl": url}} if url else {})


def file_layer(folder: Path) -> tuple[Layer | None, str | None]:
    """The layer of ``specql-lsp.toml`` in a folder, and a sentence where the file cannot be read."""
    import tomllib

    path = folder / CONFIG_FILE
    try:
        return Layer(CONFIG_FILE, tomllib.loads(_text_of(path))), None
    except FileNotFoundError:
        return None, None
    except (FileTooLargeError, NotRegularError) as error:
        return None, f"{CONFIG_FILE} is not read: {error.strerror}. Its settings are not used."
    except (OSError, UnicodeDecodeError) as error:
        return None, f"{CONFIG_FILE} could not be read ({type(error).__name__}); its settings are not used."
    except tomllib.TOMLDecodeError as error:
        return None, f"{CONFIG_FILE} is not valid TOML: {error}. Its settings are not used."


def _text_of(path: Path) -> str:
    """The text of a file, with one kind of line end."""
    return io.StringIO(read_regular(path, CONFIG_FILE_BYTES).content.decode("utf-8"), newline=None).read()


def settings_for(
    folder: Path | None, layers: list[Layer], environment: Mapping[str, str] | None = None, *, trusted: bool = True
) -> tuple[Settings, tuple[str, ...]]:
    """The settings of a workspace folder: the default URL, its file, the environment, then ``layers`` (lowest first).

    Args:
        folder: the folder; None: there is no file.
        layers: those above the environment.
        environment: instead of the process's.
        trusted: whether the file may name a database to connect to, with what ``${env:NAME}`` expands to.
    """
    environment = os.environ if environment is None else environment
    file, complaint = file_layer(folder) if folder else (None, None)
    withheld = file is not None and not trusted and _names_database(file)
    if file is not None and withheld:
        file = _without_database(file)
    below = [default_url_layer(environment), *([file] if file else [])]
    settings, warnings = load_settings([*below, environment_layer(environment), *layers], environment)
    registry = settings.registry
    if withheld:
        registry = replace(registry, url_origin=replace(registry.url_origin, withheld=True))
    if complaint is not None:
        registry = _with_unread(registry, "", CONFIG_FILE)
    if registry is not settings.registry:
        settings = replace(settings, registry=registry)
    return settings, (complaint, *warnings) if complaint else warnings


def _names_database(layer: Layer) -> bool:
    registry = _table(layer).get("registry")
    return isinstance(registry, Mapping) and any(
        _snake(key) == "database_url" and value != "" for key, value in registry.items()
    )


def _without_database(layer: Layer) -> Layer:
    """The layer with an empty ``registry.databaseUrl``: the database of a lower layer is not that of this workspace."""
    values = dict(_table(layer))
    registry = {key: value for key, value in values["registry"].items() if _snake(key) != "database_url"}
    return Layer(layer.name, {**values, "registry": {**registry, "databaseUrl": ""}})


def _table(layer: Layer) -> Mapping[str, Any]:
    """The layer's settings without the ``specql`` table around them; empty where that is no table."""
    values = layer.values.get("specql", layer.values)
    return values if isinstance(values, Mapping) else {}


def _apply(settings: Settings, layer: Layer, environment: Mapping[str, str]) -> tuple[Settings, list[str]]:
    values: Any = layer.values.get("specql", layer.values)
    if not isinstance(values, Mapping):
        registry = _with_unread(settings.registry, "", f"the settings from {layer.name}")
        complaint = f"The settings from {layer.name} are not a table; they are not used."
        return replace(settings, registry=registry), [complaint]
    warnings: list[str] = []
    changes: dict[str, Any] = {}
    for section, table in values.items():
        readers = _READERS.get(section)
        if readers is None:
            if section != "trace":  # the clients' own
                warnings.append(f"Unknown setting specql.{section} in {layer.name}; it is not used.")
            continue
        if table is None:
            continue
        if not isinstance(table, Mapping):
            warnings.append(f"specql.{section} in {layer.name} is not a table; it is not used.")
            if section == "registry":
                changes[section] = _with_unread(settings.registry, "", f"specql.{section} in {layer.name}")
            continue
        current = getattr(settings, _snake(section))
        updates: dict[str, Any] = {}
        unread: list[tuple[str, str]] = []
        for key, value in table.items():
            name = _snake(str(key))
            if name not in readers:
                warnings.append(f"Unknown setting specql.{section}.{key} in {layer.name}; it is not used.")
            elif value is not None:
                try:
                    updates[name] = readers[name](value, environment)
                except _WrongValueError as error:
                    place = f"specql.{section}.{key} in {layer.name}"
                    warnings.append(f"{place} {error}; it is not used.")
                    if section == "registry" and name in _WHICH_REGISTRY:
                        unread.append((name, place))
        if section == "registry":
            still = (each for each in settings.registry.unread if each[0] not in updates)
            updates["unread"] = (*still, *unread)
        if "database_url" in updates:
            updates["url_origin"] = _url_origin(settings.registry, updates["database_url"], layer)
        changes[_snake(section)] = replace(current, **updates)
    return replace(settings, **changes), warnings


_WHICH_REGISTRY = frozenset({"backend", "database_url", "yaml_path"})
"""The settings that say which registry is meant, in our spelling."""


def _with_unread(registry: RegistrySettings, name: str, place: str) -> RegistrySettings:
    return replace(registry, unread=(*registry.unread, (name, place)))


def _url_origin(below: RegistrySettings, url: str, layer: Layer) -> UrlOrigin:
    """Where a URL comes from that a layer puts over the one of the layers below."""
    origin = UrlOrigin(URL_VARIABLE if layer.name == _ENVIRONMENT else layer.name) if url else UrlOrigin()
    if not url or not below.database_url:
        return origin
    if url != below.database_url:
        return origin.over(below.url_origin)
    return replace(origin, overridden=below.url_origin.overridden)


def _snake(key: str) -> str:
    return re.sub(r"[A-Z]", lambda m: "_" + m.group().lower(), key)


_Reader = Callable[[Any, Mapping[str, str]], Any]

_DAY_SECONDS = 86_400
"""No time may be longer: clocks and PostgreSQL refuse absurd ones, TOML's ``inf`` and ``nan`` among them."""
_DAY_MS = 86_400_000


def _number(kind: type[int | float], minimum: float, maximum: float) -> _Reader:
    def read(value: Any, _environment: Mapping[str, str]) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not minimum <= value <= maximum:
            raise _WrongValueError(f"must be a number from {minimum:g} to {maximum:.0f}")
        return kind(value)

    return read


def _boolean(value: Any, _environment: Mapping[str, str]) -> bool:
    if not isinstance(value, bool):
        raise _WrongValueError("must be true or false")
    return value


def _text(value: Any, _environment: Mapping[str, str]) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise _WrongValueError("must be a text that is not empty")
    return value


def _path(value: Any, environment: Mapping[str, str]) -> str:
    path = _text(value, environment)
    if looks_like_a_url(path):
        raise _WrongValueError("must be a path, not a URL")
    return path


def _optional_path(value: Any, environment: Mapping[str, str]) -> str:
    return "" if value == "" else _path(value, environment)


def _url(value: Any, environment: Mapping[str, str]) -> str:
    if not isinstance(value, str):
        raise _WrongValueError("must be a text")
    try:
        return expanded(value, environment)
    except UnknownVariableError as error:
        which = f"the environment variable {error.name}" if error.name else "an environment variable"
        raise _WrongValueError(f"names {which}, which is not set") from None


def _texts(value: Any, _environment: Mapping[str, str]) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise _WrongValueError("must be a list of texts")
    return tuple(value)


def _backend(value: Any, _environment: Mapping[str, str]) -> Backend:
    try:
        return Backend(value)
    except ValueError:
        raise _WrongValueError(f"must be one of {', '.join(b.value for b in Backend)}") from None


def _update_yaml(value: Any, _environment: Mapping[str, str]) -> UpdateYaml:
    try:
        return UpdateYaml(value)
    except ValueError:
        raise _WrongValueError(f"must be one of {', '.join(u.value for u in UpdateYaml)}") from None


def _release(value: Any, _environment: Mapping[str, str]) -> str:
    known = LanguageSettings().release
    if value not in (known, ""):
        raise _WrongValueError(f'must be "{known}" or empty')
    return str(value)


def _severities(value: Any, _environment: Mapping[str, str]) -> Mapping[str, SeverityOverride]:
    try:
        return {str(code): SeverityOverride(level) for code, level in dict(value).items()}
    except (ValueError, TypeError):
        allowed = ", ".join(s.value for s in SeverityOverride)
        raise _WrongValueError(f"must map diagnostic codes to one of {allowed}") from None


_READERS: Mapping[str, Mapping[str, _Reader]] = {
    "registry": {
        "backend": _backend,
        "database_url": _url,
        "yaml_path": _path,
        "snapshot_path": _optional_path,
        "refresh_seconds": _number(float, 1, _DAY_SECONDS),
        "listen": _boolean,
        "connect_timeout_seconds": _number(float, 0.1, _DAY_SECONDS),
        "statement_timeout_ms": _number(int, 1, _DAY_MS),
        "lock_timeout_ms": _number(int, 1, _DAY_MS),
        "slow_query_ms": _number(int, 0, _DAY_MS),
        "update_yaml": _update_yaml,
        "record_author": _boolean,
    },
    "files": {"include": _texts, "exclude": _texts},
    "language": {"release": _release},
    "format": {"enabled": _boolean},
    "diagnostics": {
        "enabled": _boolean,
        "drift": _boolean,
        "debounce_ms": _number(int, 0, _DAY_MS),
        "severity": _severities,
    },
    "inlayHints": {"codes": _boolean, "references": _boolean, "columns": _boolean},
    "codeLens": {"codes": _boolean, "references": _boolean},
}
