"""JSON that a client sent, read tolerantly: what is not of the expected kind counts as missing.

A newer or careless client must not be refused for one value that it does not need to send. Imports nothing of the
protocol, because ``initialize`` is answered before that is imported.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def _ignore(_path: str) -> None:
    """Reports nothing."""


class ClientObject:
    """A JSON object of the client, or an empty one.

    Args:
        value: the JSON value; anything but an object is as an empty object.
        path: where it is in the message, for ``on_unreadable``: names joined by dots.
        on_unreadable: called with the path of each value that is present and not of the expected kind.
    """

    __slots__ = ("_members", "_on_unreadable", "path")

    def __init__(self, value: Any, path: str = "", on_unreadable: Callable[[str], object] = _ignore) -> None:
        self._members: Mapping[str, Any] = value if isinstance(value, dict) else {}
        self.path = path
        self._on_unreadable = on_unreadable

    def has_object(self, name: str) -> bool:
        """Whether the member is an object, even an empty one."""
        return self._member(name, dict) is not None

    def object(self, name: str) -> ClientObject:
        """The member as an object; an empty one if it is none."""
        return ClientObject(self._member(name, dict), self._path(name), self._on_unreadable)

    def objects(self, name: str) -> list[ClientObject] | None:
        """The objects in an array; None if the member is no array."""
        array = self._member(name, list)
        if array is None:
            return None
        paths = [f"{self._path(name)}.{index}" for index in range(len(array))]
        self._report(path for path, item in zip(paths, array, strict=True) if not isinstance(item, dict))
        return [
            ClientObject(item, path, self._on_unreadable)
            for path, item in zip(paths, array, strict=True)
            if isinstance(item, dict)
        ]

    def text(self, name: str) -> str | None:
        """The member as a text; None if it is none."""
        text: str | None = self._member(name, str)
        return text

    def texts(self, name: str) -> list[str]:
        """The texts in an array; none of them if the member is no array."""
        array = self._member(name, list) or []
        self._report(f"{self._path(name)}.{index}" for index, item in enumerate(array) if not isinstance(item, str))
        return [item for item in array if isinstance(item, str)]

    def integer(self, name: str) -> int | None:
        """The member as an integer; None if it is none."""
        value = self._members.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self._report([self._path(name)])
        return None

    def flag(self, name: str) -> bool:
        """Whether the member is true; anything that JavaScript or Python takes for true counts."""
        return bool(self._members.get(name))

    def value(self, name: str) -> Any:
        """The member as it came; None if there is none."""
        return self._members.get(name)

    def _member(self, name: str, kind: type) -> Any:
        value = self._members.get(name)
        if isinstance(value, kind):
            return value
        if value is not None:
            self._report([self._path(name)])
        return None

    def _path(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _report(self, paths: Any) -> None:
        for path in paths:
            self._on_unreadable(path)
