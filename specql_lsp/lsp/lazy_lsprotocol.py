"""Imports lsprotocol so that each of its attrs classes is built when it is first used.

Building its 554 classes is four fifths of a server's start; a session uses about 60 of them. While
``lsprotocol.types`` is imported, ``attrs.define`` only marks the classes of that module. A marked class is built, and
its forward references are resolved, before its first instance is made or its fields are read. The names, the class
objects and what they do are those of the plain import. One thing differs: instances have a ``__dict__`` instead of
``__slots__``, because slots would need another class object.

This relies on how lsprotocol 2025.0.0 is written. Any other release, or anything else that is unexpected, is imported
plainly.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

import attrs

logger = logging.getLogger(__name__)

RELEASE = "2025.0.0"
"""The release of lsprotocol that this module was written for."""

_PACKAGE = "lsprotocol"
_TYPES = "lsprotocol.types"
_OF_EVERY_CLASS = frozenset({"__dict__", "__weakref__"})


class UnexpectedLsprotocolError(Exception):
    """lsprotocol is not as this module expects it; the message says in what."""


def import_lsprotocol() -> bool:
    """Imports lsprotocol, before anything else does; its attrs classes are built later where that is possible.

    Returns:
        Whether they are; False after a plain import, which takes longer and does the same.
    """
    if _TYPES in sys.modules:
        logger.debug("lsprotocol was imported before; its classes are built already.")
        return False
    try:
        _check_release()
        _import_marked()
    except Exception as error:  # whatever it is, the plain import knows no such trouble
        logger.debug("The classes of lsprotocol are built at once: %s", error, exc_info=True)
        for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
            del sys.modules[name]
        importlib.import_module("lsprotocol.converters")
        return False
    return True


def _check_release() -> None:
    # importlib.metadata would take longer to import than the check may cost.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise UnexpectedLsprotocolError("it has no file")
    if not Path(spec.origin).parent.with_name(f"{_PACKAGE}-{RELEASE}.dist-info").is_dir():
        raise UnexpectedLsprotocolError(f"it is not release {RELEASE}")


def _import_marked() -> None:
    marked = _MarkedClasses()
    with _defining(marked.define):
        types = importlib.import_module(_TYPES)
    marked.check(types.__dict__, types.ALL_TYPES_MAP)
    hooks = vars(importlib.import_module("lsprotocol._hooks"))
    if hooks.get("_resolved_forward_references") is not False:
        raise UnexpectedLsprotocolError("it resolves its forward references in another way")
    hooks["_resolved_forward_references"] = True  # resolving them all would build every class
    # One class shows that building works here, with this release of attrs and this Python.
    fields = attrs.fields(types.Range)
    if [field.type for field in fields] != [types.Position, types.Position]:
        raise UnexpectedLsprotocolError("a class could not be built")


@contextmanager
def _defining(define: Callable[..., Any]) -> Iterator[None]:
    """Replaces ``attrs.define``."""
    real = attrs.define
    attrs.define = define
    try:
        yield
    finally:
        attrs.define = real


class _MarkedClasses:
    """The classes of ``lsprotocol.types`` that are still to be built, and how that is done, by one thread at a time."""

    def __init__(self) -> None:
        self._define = attrs.define
        self._lock = RLock()
        self._marked: dict[type, _Mark] = {}
        self._namespace: dict[str, Any] = {}

    def define(self, maybe_cls: type | None = None, *arguments: Any, **options: Any) -> Any:
        """``attrs.define``, which marks a class of ``lsprotocol.types`` that is defined without options."""
        if maybe_cls is None or arguments or options or maybe_cls.__module__ != _TYPES:
            return self._define(maybe_cls, *arguments, **options)
        if maybe_cls.__bases__ != (object,) or "__slots__" in maybe_cls.__dict__:
            raise UnexpectedLsprotocolError(f"{maybe_cls.__name__} derives from another class")
        mark = self._marked[maybe_cls] = _Mark(maybe_cls, self.build)
        mark.put()
        return maybe_cls

    def check(self, module: dict[str, Any], names: dict[str, Any]) -> None:
        """Takes the names by which forward references are resolved.

        Raises:
            UnexpectedLsprotocolError: a marked class has another name there.
        """
        if not self._marked:
            raise UnexpectedLsprotocolError("it defines no class with attrs.define")
        for cls in self._marked:
            if module.get(cls.__name__) is not cls or names.get(cls.__name__) is not cls:
                raise UnexpectedLsprotocolError(f"{cls.__name__} is not found by its name")
        self._namespace = names

    def build(self, cls: type) -> None:
        """Builds a marked class; does nothing for one that is built.

        Another thread sees the class either marked or whole: it is built as a twin, whose attributes it then gets.
        """
        with self._lock:
            mark = self._marked.get(cls)
            if mark is None:
                return
            twin = self._define(mark.twin(), slots=False)
            attrs.resolve_types(twin, self._namespace, {})
            mark.replace(twin)
            del self._marked[cls]


class _Mark:
    """What is in a class until it is built: it has the class built when its fields are read or an instance is made."""

    def __init__(self, cls: type, build: Callable[[type], None]) -> None:
        self._cls = cls
        self._build = build

        def __init__(instance: Any, *arguments: Any, **keywords: Any) -> None:  # noqa: N807 - it becomes the class's
            build(cls)
            cls.__init__(instance, *arguments, **keywords)  # type: ignore[misc]

        def __setstate__(instance: Any, state: dict[str, Any]) -> None:  # noqa: N807 - unpickling makes no call of __init__
            build(cls)
            instance.__dict__.update(state)

        self._own = {"__attrs_attrs__": self, "__init__": __init__, "__setstate__": __setstate__}

    def __get__(self, instance: object, owner: type) -> Any:
        """The fields of the class, which attrs and cattrs look up on it."""
        self._build(self._cls)
        return self._cls.__attrs_attrs__  # type: ignore[attr-defined]

    def put(self) -> None:
        """Marks the class."""
        for name, value in self._own.items():
            setattr(self._cls, name, value)

    def twin(self) -> type:
        """A class as this one was before it was marked."""
        namespace = {
            name: value
            for name, value in vars(self._cls).items()
            if name not in self._own and name not in _OF_EVERY_CLASS
        }
        return type(self._cls)(
            self._cls.__name__, self._cls.__bases__, {"__qualname__": self._cls.__qualname__, **namespace}
        )

    def replace(self, twin: type) -> None:
        """Gives the class the attributes of its twin; ``__init__``, which lets other threads in, comes last."""
        built = {name: value for name, value in vars(twin).items() if name not in _OF_EVERY_CLASS}
        built["__attrs_types_resolved__"] = self._cls  # attrs asks whether it is the class itself
        initialize = built.pop("__init__")
        for name in vars(self._cls).keys() - built.keys() - _OF_EVERY_CLASS - {"__init__"}:
            delattr(self._cls, name)
        for name, value in built.items():
            if vars(self._cls).get(name, self) is not value:
                setattr(self._cls, name, value)
        self._cls.__init__ = initialize  # type: ignore[misc]
