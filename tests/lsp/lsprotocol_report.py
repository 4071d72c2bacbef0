"""``python -m tests.lsp.lsprotocol_report lazy|plain FILE``: what lsprotocol makes of the documents in a file.

The file holds a JSON list of ``[class, document]``. The report, one JSON object a document, says everything that a
program can notice of the class and of the instance but for ``__slots__``.
"""

from __future__ import annotations

import copy
import json
import pickle
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from specql_lsp.lsp.lazy_lsprotocol import import_lsprotocol


def main() -> None:
    """Prints the report."""
    kind, path = sys.argv[1:]
    if kind == "lazy" and not import_lsprotocol():
        sys.exit("lsprotocol was not imported lazily")
    from lsprotocol import types

    from specql_lsp.lsp.structuring import tolerant_converter

    converter = tolerant_converter()
    seen: set[str] = set()
    for name, document in json.loads(Path(path).read_text()):
        cls = getattr(types, name)
        report = _report(cls, document, converter)
        if name not in seen:  # from the document first: that is how a message has a class built
            report |= _report_of_class(cls)
        seen.add(name)
        sys.stdout.write(_ADDRESS.sub("", json.dumps(report)) + "\n")


def _report(cls: Any, document: Any, converter: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {"class": cls.__name__}
    try:
        first, second = (converter.structure(copy.deepcopy(document), cls) for _ in range(2))
    except Exception as error:
        shown["refused"] = _complete(error)
        first = second = None
    if first is None:
        return shown
    looks: dict[str, Callable[[], Any]] = {
        "kind": lambda: (type(first) is cls, isinstance(first, cls), attrs.has(type(first))),
        "repr": lambda: first,
        "json": lambda: json.dumps(converter.unstructure(first)),
        "equal": lambda: (first == second, first != second, first == object()),
        "hash": lambda: hash(first),
        "copied": lambda: (copy.copy(first) == first, copy.deepcopy(first) == first),
        "pickled": lambda: pickle.loads(pickle.dumps(first)) == first,  # noqa: S301 - what it made itself
        "evolved": lambda: attrs.evolve(first),
        "as dict": lambda: attrs.asdict(first),
        "ordered": lambda: first < second,
    }
    shown |= {what: _outcome(look) for what, look in looks.items()}
    shown["refused values"] = [_outcome(_assignment(second, name)) for name in cls.__match_args__]
    return shown


def _report_of_class(cls: Any) -> dict[str, Any]:
    return {
        "fields": [repr(field) for field in attrs.fields(cls)],
        "parameters": list(cls.__match_args__),
        "members": sorted(name for name in vars(cls) if name.startswith("__") and name not in _OF_SLOTS),
        "derived": _outcome(lambda: attrs.fields(attrs.define(type("Derived", (cls,), {})))),
        "plainly derived": _outcome(lambda: type("Derived", (cls,), {})(no_such_argument=1)),
        "missing argument": _outcome(lambda: cls(no_such_argument=1)),
    }


def _assignment(instance: object, name: str) -> Callable[[], Any]:
    return lambda: setattr(instance, name, -(2**40))


_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_OF_SLOTS = frozenset(
    {
        "__slots__",
        "__slotnames__",
        "__dict__",
        "__weakref__",
        "__getstate__",
        "__setstate__",
        "__attrs_props__",
        "__attrs_base_of_slotted__",
    }
    | {"__attrs_own_setattr__", "__firstlineno__", "__static_attributes__"}
)


def _outcome(work: Callable[[], Any]) -> str:
    try:
        return repr(work())
    except Exception as error:
        return _complete(error)


def _complete(error: BaseException) -> str:
    inner = [_complete(each) for each in getattr(error, "exceptions", ())]
    return f"{type(error).__name__}: {error} {getattr(error, '__notes__', [])} {inner}"


if __name__ == "__main__":
    main()
