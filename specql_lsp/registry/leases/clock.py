"""The clocks of this machine."""

from __future__ import annotations

import time
from pathlib import Path

from specql_lsp.registry.leases.model import Moment

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now() -> Moment:
    """What they show now. Where the start of the machine has no name (not Linux), only the time of day can be used."""
    try:
        boot = _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        boot = ""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return Moment(time.time(), boot, time.clock_gettime(clock) if clock is not None else time.monotonic())
