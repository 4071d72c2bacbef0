"""The garbage collector paused while many nodes are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pauses the cyclic garbage collector: it would walk half a million new nodes again and again.

    A tree has no cycles to collect, and without the collector a registry of 46,000 lines loads in half the time.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def gc_ignores_new_objects() -> Iterator[None]:
    """Pauses the collector, and hides what was made from it: a walk of a large tree stops every thread for 200 ms.

    What is garbage already is collected before, so that it is not kept with it; but not while the collector is switched
    off, as it is during a start, which makes little garbage and waits for this.
    """
    if gc.isenabled():
        gc.collect()
    with gc_paused():
        yield
        gc.freeze()
