"""The keys of pattern files (``stdlib/actions/**``) and of the service registry (``registry/service_registry.yaml``).

Source: SpecQL's beta line (``specql-generator`` 0.5.0b0), ``patterns/pattern_models.py`` and
``registry/service_registry.py``: ``required`` keys are those without which it stops, and ``needed`` values those that
have to be texts. SpecQL 0.9.2 reads neither file.
"""

from __future__ import annotations

from specql_lsp.language.keys import KeySpec, Level, Meaning, ValueSpec
from specql_lsp.language.release import Release
from specql_lsp.language.tables.values import ANY, BOOLEAN, NUMBER, TEXT, choice, listed, mapping, needed

EXECUTION_TYPES = ("http", "shell", "docker", "serverless")
"""What ``execution_type`` can be; the beta line compares without regard to case."""
PARAMETER_TYPES = ("string", "integer", "boolean", "array<string>", "array<object>", "object", "enum[a, b]", "array")
"""The types of a parameter whose values the beta line checks, most used first."""
UNCHECKED_TYPES = ("number", "enum")
"""Types of SpecQL's own patterns that the beta line takes any value for."""


def pattern_levels() -> tuple[Level, ...]:
    """The levels of a pattern file."""
    return (Level("pattern file", _pattern()), Level("parameter of a pattern", _parameter()), Level("example"))


def service_levels() -> tuple[Level, ...]:
    """The levels of a service registry."""
    services = _key(
        "services",
        listed(mapping("service")),
        "The services that `call_service` can call.",
        "the services",
        snippet=("services:", "  - name: ${1:stripe}", *_SERVICE_LINES),
    )
    return (
        Level("service registry", (services,)),
        Level("service", _service()),
        Level("operation of a service", _operation()),
        Level(
            "schema of an operation", any_key=_key("*", ANY, "A value that the operation takes or gives.", "a value")
        ),
    )


_SERVICE_LINES = (
    "    type: ${2:payment}",
    "    category: ${3:financial}",
    "    operations:",
    "      - name: ${4:create_charge}$0",
)


def _key(
    name: str,
    value: ValueSpec,
    documentation: str,
    detail: str,
    *,
    required: bool = False,
    meaning: Meaning = Meaning.KEY,
    snippet: tuple[str, ...] = (),
) -> KeySpec:
    return KeySpec(name, value, documentation, detail, required, Release.BETA, meaning=meaning, snippet=snippet)


def _pattern() -> tuple[KeySpec, ...]:
    return (
        _key(
            "pattern",
            ValueSpec(Meaning.ACTION_PATTERN),
            "The name of the pattern: the path of this file under `stdlib/actions`, without `.yaml`. Actions name it. "
            "`pattern: state_machine/transition`",
            "the pattern's name",
            required=True,
        ),
        _key("version", TEXT, "The pattern's version. `version: 1.0`", "its version", required=True),
        _key("description", TEXT, "What an action of the pattern does.", "what it does", required=True),
        _key("author", TEXT, "Who wrote it.", "who wrote it"),
        _key(
            "parameters",
            listed(mapping("parameter of a pattern")),
            "What an action says under `config`.",
            "what an action configures",
            snippet=(
                "parameters:",
                "  - name: ${1:to_state}",
                "    type: ${2:string}",
                "    required: ${3|true,false|}$0",
            ),
        ),
        _key(
            "template",
            needed(TEXT),
            "The steps of the action as a Jinja template: parameters by their names, the entity as `entity`, all "
            "parameters as `config`.",
            "its steps",
            required=True,
            snippet=("template: |", "  steps:", "    - $0"),
        ),
        _key("examples", listed(ANY), "Examples of a `config`; nothing is generated of them.", "examples"),
    )


def _parameter() -> tuple[KeySpec, ...]:
    return (
        _key(
            "name", ValueSpec(Meaning.PARAMETER), "The key under `config`. `name: to_state`", "the key", required=True
        ),
        _key(
            "type",
            needed(ValueSpec(Meaning.PARAMETER_TYPE)),
            "What its value has to be: `string`, `integer`, `boolean`, `array`, `object`, `array<T>` or `enum[a, b]`.",
            "what its value has to be",
            required=True,
        ),
        _key("required", BOOLEAN, "Whether an action without it is refused.", "whether it has to be there"),
        _key(
            "default",
            ANY,
            "What it usually is. The template says what is done without the parameter.",
            "what it usually is",
        ),
        _key("description", TEXT, "What it is for.", "what it is for"),
    )


def _service() -> tuple[KeySpec, ...]:
    return (
        _key(
            "name", needed(TEXT), "The service's name; case does not matter. `name: stripe`", "its name", required=True
        ),
        _key(
            "type", TEXT, "What it does: `email`, `payment`, `webhook`, `notification` …", "what it does", required=True
        ),
        _key("category", TEXT, "`communication`, `financial`, `integration` …", "its category", required=True),
        _key(
            "execution_type",
            choice(*EXECUTION_TYPES),
            "How a job of the service is run; `http` without the key.",
            "how it is run",
        ),
        _key(
            "operations",
            listed(mapping("operation of a service")),
            "What the service can be called for.",
            "its operations",
            required=True,
            snippet=("operations:", "  - name: ${1:create_charge}$0"),
        ),
        _key(
            "runner_config", ANY, "Settings of the runner, a mapping: they go into each job.", "settings of the runner"
        ),
        _key("security_policy", ANY, "The security context, a mapping: it goes into each job.", "the security context"),
    )


def _operation() -> tuple[KeySpec, ...]:
    schema = mapping("schema of an operation")
    return (
        _key("name", TEXT, "The operation's name. `name: create_charge`", "its name", required=True),
        _key("input_schema", schema, "What it takes: names and their types. `{amount: integer}`", "what it takes"),
        _key("output_schema", schema, "What it gives: names and their types. `{charge_id: string}`", "what it gives"),
        _key("timeout", NUMBER, "Seconds after which a call has failed; 30 without the key.", "seconds"),
        _key("max_retries", NUMBER, "How often a failed call is tried again; 3 without the key.", "how often to retry"),
    )
