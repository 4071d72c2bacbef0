"""Attributes that are worked out when they are first asked for, and shared between threads without waiting."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

_Value = TypeVar("_Value")


class lazily(Generic[_Value]):  # noqa: N801 - used as a decorator, like property
    """A property whose value is worked out once and then kept in the instance's ``__dict__``.

    It holds no lock while it works: ``functools.cached_property`` of Python 3.11 holds one for all instances of a
    class, so that one thread waits for what another works out for another object. Two threads that ask the same
    object at the same time may both work the value out; both get the one that was kept first.
    """

    def __init__(self, work_out: Callable[[Any], _Value]) -> None:
        self._work_out = work_out
        self._name = work_out.__name__
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> lazily[_Value]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> _Value: ...

    def __get__(self, instance: object | None, owner: type) -> lazily[_Value] | _Value:
        if instance is None:
            return self
        # Not setattr: frozen dataclasses refuse it. setdefault is one step that no other thread can come between.
        value: _Value = instance.__dict__.setdefault(self._name, self._work_out(instance))
        return value

    if TYPE_CHECKING:
        # It has none, so that the kept value is found before it; an instance's attribute may be set all the same.
        def __set__(self, instance: object, value: _Value) -> None: ...
