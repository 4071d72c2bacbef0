"""The reference: SpecQL 0.9.2 in the interpreter of ``make test-specql``, asked through one long-lived process."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("driver.py")
INTERPRETER = Path(os.environ.get("SPECQL_TEST_INTERPRETER") or ROOT / ".venv-specql" / "bin" / "python")
"""The Python that has SpecQL."""


class Answer(NamedTuple):
    """What SpecQL makes of a text; ``error`` is the exception that stopped it, None where none did."""

    value: Any
    error: str | None


class Reference:
    """SpecQL as a process. Not for several threads."""

    def __init__(self) -> None:
        assert INTERPRETER.exists(), f"There is no SpecQL in {INTERPRETER}: run make test-specql."
        self._process = subprocess.Popen(
            [INTERPRETER, "-I", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(60) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()

    def registry(self, text: str) -> Answer:
        """Loads a registry YAML and asks it everything that the generator asks."""
        return self._ask("registry", text)

    def entity(self, text: str) -> Answer:
        """Parses an entity file."""
        return self._ask("entity", text)

    def keys(self, kind: Literal["entity", "registry"], text: str) -> frozenset[tuple[str, ...]]:
        """The paths of the keys that SpecQL asks for while it reads a file, which it must be able to read."""
        answer = self._ask(f"{kind}_keys", text)
        assert answer.error is None, (answer.error, text)
        return frozenset(map(tuple, answer.value))

    def fields(self, text: str) -> Answer:
        """What SpecQL makes of the fields of an entity file, by their names."""
        return self._ask("fields", text)

    def action(self, text: str) -> str:
        """The SQL that SpecQL generates for the only action of an entity file, which it must be able to read."""
        answer = self._ask("action", text)
        assert answer.error is None, (answer.error, text)
        return str(answer.value)

    def table(self, text: str) -> str:
        """The SQL of the table that SpecQL generates for an entity file, which it must be able to read."""
        answer = self._ask("table", text)
        assert answer.error is None, (answer.error, text)
        return str(answer.value)

    def generates(self, text: str) -> bool:
        """Whether SpecQL generates the table of an entity file."""
        return self._ask("table", text).error is None

    def sql(self, statement: str) -> Answer:
        """What PostgreSQL's own parser, which SpecQL comes with, makes of a statement."""
        return self._ask("sql", statement)

    def refused_sql(self, text: str) -> Answer:
        """The parts of the SQL that SpecQL generates for an entity file which PostgreSQL's parser refuses."""
        return self._ask("refused_sql", text)

    def short_code(self, name: str) -> str:
        """The entity code that SpecQL derives from a name."""
        answer = self._ask("short_code", name)
        assert answer.error is None
        return str(answer.value)

    def reads(self, text: str) -> dict[str, list[str]]:
        """The entities that SpecQL finds in a registry YAML, which it must be able to read: table code, short code.

        Also looks at what SpecQL leaves to chance: that the keys are texts, and that there are no other documents.
        """
        answer = self.registry(text)
        assert answer.error is None, (answer.error, text)
        assert answer.value["keysThatAreNoTexts"] == [], text
        for table_code, entity_code in answer.value["entities"].values():
            assert isinstance(table_code, str), text
            assert isinstance(entity_code, str), text
        for domain in yaml.safe_load(text)["domains"].values():
            for subdomain in (domain.get("subdomains") or {}).values():
                for entity in (subdomain.get("entities") or {}).values():
                    assert entity["assigned_at"], text
        entities: dict[str, list[str]] = answer.value["entities"]
        return entities

    def _ask(self, operation: str, argument: str) -> Answer:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"operation": operation, "argument": argument}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, f"SpecQL's process has ended with status {process.wait(60)}."
        answer = json.loads(line)
        return Answer(answer["value"], answer["error"])
