"""What every part of the demo stands on: the copied workspace, the screen, and the checks that it does what it says."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from lsprotocol import types

from tests.demo.editor import clean_environment
from tests.demo.screen import Screen
from tests.support.guardian import guardian

FIXTURES = Path(__file__).parents[2] / "fixtures" / "workspace"
REGISTRY = "registry/domain_registry.yaml"


class DemoError(Exception):
    """A step did not answer what the demo claims."""


@dataclass(frozen=True)
class Scenario:
    """The workspace of the demo and where it is shown."""

    folder: Path
    screen: Screen

    @classmethod
    def on_copy_of_fixtures(cls, temporary: Path, screen: Screen) -> Scenario:
        """A scenario whose workspace may be changed."""
        folder = temporary.resolve() / "workspace"
        shutil.copytree(FIXTURES, folder)
        return cls(folder, screen)

    def expect(self, holds: Any, claim: str) -> None:
        """Fails the demo where a claim does not hold."""
        if not holds:
            raise DemoError(f"it does not hold that {claim}.")

    def find(self, what: str, candidates: Iterable[Any], fits: Callable[[Any], bool]) -> Any:
        """The one candidate that fits; fails the demo where there is none."""
        found = next((candidate for candidate in candidates if fits(candidate)), None)
        self.expect(found is not None, f"there is {what}")
        return found

    def expect_nothing_runs(self) -> None:
        """Fails the demo where a process that it started still runs; the guardian ends with the demo itself."""
        left = [process for process in psutil.Process().children(recursive=True) if process.pid != guardian().pid]
        self.expect(not left, f"nothing is left running ({', '.join(str(process.pid) for process in left)})")

    async def run_check(self, *arguments: str) -> tuple[list[str], int]:
        """Runs ``specql-lsp check`` in the workspace: its lines, and its exit status."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "specql_lsp",
            "check",
            *arguments,
            cwd=self.folder,
            env=clean_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        assert process.returncode is not None
        return output.decode().splitlines(), process.returncode


def labels(items: Sequence[types.CompletionItem]) -> list[str]:
    """The labels of completion items."""
    return [item.label for item in items]


def rows(items: Sequence[types.CompletionItem]) -> list[tuple[str, ...]]:
    """Completion items as an editor's list shows them: label, detail, and what stands at the row's end beside it."""
    found: list[tuple[str, ...]] = []
    for item in items:
        at_end = (item.label_details.description if item.label_details else "") or ""
        found.append((item.label, item.detail or "", at_end if at_end != item.detail else ""))
    return found
