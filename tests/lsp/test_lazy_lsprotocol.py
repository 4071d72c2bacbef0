"""lsprotocol whose classes are built when they are used does what lsprotocol does; another one is imported plainly."""

from __future__ import annotations

import collections.abc
import importlib.metadata
import json
import os
import pickle
import random
import shutil
import subprocess
import sys
import types as python_types
import typing
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import lsprotocol
import pytest
from lsprotocol import types
from lsprotocol.converters import get_converter

from specql_lsp.lsp.lazy_lsprotocol import RELEASE
from tests.support.effort import SEED

COUNT_BUILT = """
from lsprotocol import types
classes = [cls for cls in vars(types).values() if isinstance(cls, type) and "__attrs_attrs__" in vars(cls)]
print(len(classes), sum(isinstance(vars(cls)["__attrs_attrs__"], tuple) for cls in classes))
"""
ROOT = Path(__file__).resolve().parents[2]
CLASSES = [cls for cls in vars(types).values() if isinstance(cls, type) and attrs.has(cls)]


class Documents:
    """Makes JSON that fits the types of lsprotocol's fields, and now and then does not."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def of(self, kind: Any, depth: int = 0) -> Any:
        """JSON for a type."""
        if self._random.random() < 0.02:
            return self._random.choice([None, [], {}, "text", -1, True, {"kind": "unknown"}])
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin in (typing.Union, python_types.UnionType):
            return self.of(self._random.choice(arguments), depth)
        if origin is typing.Literal:
            return self._random.choice(arguments)
        if origin is tuple:
            return [self.of(argument, depth + 1) for argument in arguments]
        if origin is collections.abc.Mapping or origin is dict:
            count = self._random.randrange(0, 3 if depth < 4 else 1)
            return {f"key{number}": self.of(arguments[1], depth + 1) for number in range(count)}
        if origin is not None:
            return [self.of(arguments[0], depth + 1) for _ in range(self._random.randrange(0, 3 if depth < 4 else 1))]
        if isinstance(kind, type) and attrs.has(kind):
            return self.of_class(kind, depth)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return self._random.choice(list(kind)).value
        simple = {str: "text", int: 7, float: 0.5, bool: True, type(None): None}
        return simple.get(kind, {"any": [1, "thing", None]})

    def of_class(self, cls: type, depth: int = 0) -> dict[str, Any]:
        """A JSON object for an attrs class; which of the optional fields it has differs."""
        has_optional = depth < 4 and self._random.random() < 0.7
        return {
            _camel_case(field.name): self.of(field.type, depth + 1)
            for field in attrs.fields(cls)
            if field.default is attrs.NOTHING or (has_optional and self._random.random() < 0.6)
        }


def _camel_case(name: str) -> str:
    first, *others = name.rstrip("_").split("_")
    return first + "".join(word.title() for word in others)


def run(*arguments: str, path: Path | None = None) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*([str(path)] if path else []), str(ROOT)])}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_every_class_does_what_it_does_after_a_plain_import(tmp_path: Path) -> None:
    get_converter()  # resolves the forward references
    documents, chance = Documents(SEED), random.Random(SEED)
    cases = [(cls.__name__, documents.of_class(cls)) for cls in CLASSES for _ in range(3)]
    chance.shuffle(cases)  # any class may be the first that is used
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    lazy, plain = (
        run("-m", "tests.lsp.lsprotocol_report", kind, str(tmp_path / "cases.json")).splitlines()
        for kind in ("lazy", "plain")
    )
    assert len(plain) == len(cases)
    reports = [json.loads(line) for line in plain]
    assert [json.loads(line) for line in lazy] == reports
    accepted = {report["class"] for report in reports if "refused" not in report}
    assert len(accepted) > 0.9 * len(CLASSES)  # the comparison is one of instances, not of refusals


def test_this_is_the_lsprotocol_that_it_was_written_for() -> None:
    """Where this fails: see what has changed in lsprotocol and whether the reports are equal, then name the release."""
    assert importlib.metadata.version("lsprotocol") == RELEASE
    script = f"""
from specql_lsp.lsp.lazy_lsprotocol import import_lsprotocol
assert import_lsprotocol()
{COUNT_BUILT}
"""
    assert run("-c", script).split() == [str(len(CLASSES)), "1"]  # Range alone, to see that it works


def test_two_threads_that_use_a_class_first_at_once_both_get_it_whole() -> None:
    script = """
import sys
from threading import Barrier, Thread
sys.setswitchinterval(1e-6)
from specql_lsp.lsp.lazy_lsprotocol import import_lsprotocol
assert import_lsprotocol()
import attrs
from lsprotocol import types
classes = [cls for cls in vars(types).values() if isinstance(cls, type) and "__attrs_attrs__" in vars(cls)]
together = Barrier(4)
seen = [[], [], [], []]

def by_fields(cls):
    return [(field.name, field.type) for field in attrs.fields(cls)]

def by_instance(cls):
    try:
        return by_fields(type(cls(no_such_argument=1)))
    except TypeError as error:
        assert "no_such_argument" in str(error), error
    return by_fields(cls)

def use(number):
    for cls in classes:
        together.wait()
        try:
            seen[number].append((by_fields if number % 2 else by_instance)(cls))
        except Exception as error:
            seen[number].append(repr(error))

threads = [Thread(target=use, args=(number,)) for number in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert seen[0] == seen[1] == seen[2] == seen[3]
assert not [one for one in seen[0] if isinstance(one, str)]
assert not [kind for one in seen[0] for _, kind in one if isinstance(kind, str)]
print(len(seen[0]))
"""
    assert int(run("-c", script)) == len(CLASSES)


CHANGES = {
    "another release": ("METADATA", "", ""),
    "a class that derives from another": ("types.py", "class Hover:", "class Hover(Location):"),
    "a class with slots": ("types.py", "class Range:\n", "class Range:\n    __slots__ = ()\n"),
    "a class that is not found by its name": ("types.py", '"Range": Range,', '"Range": Position,'),
    "fields that are declared in another way": ("types.py", "@attrs.define\n", "@attrs.define()\n"),
    "forward references that are resolved in another way": (
        "_hooks.py",
        "_resolved_forward_references = False",
        "_resolved_forward_references = None",
    ),
    "a forward reference that is none": (
        "types.py",
        '    start: "Position" = attrs.field()',
        '    start: "Nothing" = attrs.field()',
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_lsprotocol_is_imported_plainly(change: str, tmp_path: Path) -> None:
    package = Path(lsprotocol.__file__).parent
    shutil.copytree(package, tmp_path / "lsprotocol")
    name, before, after = CHANGES[change]
    if name == "METADATA":
        (tmp_path / "lsprotocol-2026.0.0.dist-info").mkdir()
    else:
        (tmp_path / f"lsprotocol-{RELEASE}.dist-info").mkdir()
        text = (tmp_path / "lsprotocol" / name).read_text()
        assert before in text
        (tmp_path / "lsprotocol" / name).write_text(text.replace(before, after))
    script = f"""
from specql_lsp.lsp.lazy_lsprotocol import import_lsprotocol
assert not import_lsprotocol()
import attrs
from lsprotocol import types
assert types.__file__.startswith({str(tmp_path)!r}), types.__file__
assert attrs.define.__module__ == "attr._next_gen"
assert types.TextDocumentIdentifier("text").uri == "text"
{COUNT_BUILT}
"""
    assert run("-c", script, path=tmp_path).split() == [str(len(CLASSES))] * 2


def test_what_another_process_pickled_has_its_class_built() -> None:
    pickled = pickle.dumps([types.Position(1, 2), types.TextDocumentIdentifier("file:///a")])
    script = f"""
import pickle
from specql_lsp.lsp.lazy_lsprotocol import import_lsprotocol
assert import_lsprotocol()
print(pickle.loads({pickled!r}))
"""
    assert run("-c", script).strip() == "[1:2, TextDocumentIdentifier(uri='file:///a')]"


def test_a_second_import_changes_nothing() -> None:
    script = """
import lsprotocol.types
from specql_lsp.lsp.lazy_lsprotocol import import_lsprotocol
before = lsprotocol.types.Range
assert not import_lsprotocol()
assert lsprotocol.types.Range is before and isinstance(vars(before)["__attrs_attrs__"], tuple)
"""
    run("-c", script)
