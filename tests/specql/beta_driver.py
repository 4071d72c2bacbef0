"""SpecQL's beta line as a process: reads a JSON object per line, answers one per line, as ``driver.py`` does for 0.9.2.

Only what reads pattern files and service registries is imported: ``src.runners``, the package, needs Docker's.
"""

from __future__ import annotations

import json
import sys
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

BETA = Path(sys.argv[1])
sys.path.insert(0, str(BETA))
_RUNNERS = types.ModuleType("src.runners")
_RUNNERS.__path__ = [str(BETA / "src" / "runners")]
sys.modules["src.runners"] = _RUNNERS

from src.patterns.pattern_loader import PatternLoader  # type: ignore[import-not-found] # noqa: E402
from src.patterns.pattern_models import PatternParameter  # type: ignore[import-not-found] # noqa: E402
from src.registry.service_registry import ServiceRegistry  # type: ignore[import-not-found] # noqa: E402

ENTITY = types.SimpleNamespace(name="Contact", schema="crm")


def main() -> None:
    """Answers requests until the input ends."""
    operations: dict[str, Callable[[Any], Any]] = {"pattern": _pattern, "services": _services, "value": _value}
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, Any] = {"value": None, "error": None}
        try:
            answer["value"] = operations[request["operation"]](request["argument"])
        except Exception as error:
            answer["error"] = f"{type(error).__name__}: {error}"
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
        sys.stdout.flush()


def _pattern(argument: dict[str, str]) -> list[str]:
    """Loads the pattern of a file by a name, has every parameter compared with a value, and expands its template."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, argument["path"])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(argument["text"], encoding="utf-8")
        loader = PatternLoader(Path(folder))
        pattern = loader.load_pattern(argument["name"])
        names = [parameter.name for parameter in pattern.parameters]
        loader.validate_config(pattern, dict.fromkeys(names, "x"))
        pattern.parameters = []
        loader.expand_pattern(argument["name"], ENTITY, {})
        return names


def _services(text: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "service_registry.yaml")
        file.write_text(text, encoding="utf-8")
        return list(ServiceRegistry.from_yaml(str(file)).services_index)


def _value(argument: dict[str, Any]) -> bool:
    import yaml

    parameter = PatternParameter("x", argument["type"], required=argument["required"])
    return bool(parameter.validate_value(yaml.safe_load(argument["text"])["x"]))


main()
