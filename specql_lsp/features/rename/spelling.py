"""How a new name is written where the old one is written: in the same case, and back again the same."""

from __future__ import annotations


def respelled(written: str, old: str, new: str) -> str:
    """The new name in the case in which the old one is written.

    Args:
        written: the name as a place has it; it differs from ``old`` in case at most.
        old: the name as its definition has it.
        new: the new name.
    """
    if written == old:
        return new
    if written == old.lower():
        return new.lower()
    if written == old.upper():
        return new.upper()
    if written == _swapped(old):
        return _swapped(new)
    return new


def _swapped(name: str) -> str:
    """The name with its first letter in the other case."""
    return name[:1].swapcase() + name[1:]
