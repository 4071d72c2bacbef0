"""SpecQL's beta line (``specql-generator`` 0.5.0b0) in the interpreter of ``make test-specql``, as a process."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.specql.reference import INTERPRETER, Answer

DRIVER = Path(__file__).with_name("beta_driver.py")
BETA = INTERPRETER.parents[1] / "beta"
"""Where its modules are."""


class Beta:
    """The beta line as a process. Not for several threads."""

    def __init__(self) -> None:
        assert BETA.exists(), f"There is no beta line of SpecQL in {BETA}: run make test-specql."
        self._process = subprocess.Popen(
            [INTERPRETER, "-I", DRIVER, BETA],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(60) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()

    def pattern(self, path: str, text: str, name: str) -> Answer:
        """Loads, by its name, the pattern of a file at a path under ``stdlib/actions``; the parameters' names."""
        return self._ask("pattern", {"path": path, "text": text, "name": name})

    def services(self, text: str) -> Answer:
        """Loads a service registry; the services' names."""
        return self._ask("services", text)

    def takes(self, type_: str, text: str, *, required: bool = False) -> bool:
        """Whether a parameter of a type takes the value of ``x`` in a YAML text."""
        answer = self._ask("value", {"type": type_, "text": text, "required": required})
        assert answer.error is None, answer.error
        return bool(answer.value)

    def _ask(self, operation: str, argument: Any) -> Answer:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"operation": operation, "argument": argument}) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        return Answer(answer["value"], answer["error"])
