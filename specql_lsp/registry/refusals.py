"""Refusals: answers that say that an operation was not done, why, and what to do."""

from __future__ import annotations

from concurrent.futures import Future
from enum import Enum
from typing import TypeVar

from specql_lsp.registry.sources.base import SourceUnavailableError
from specql_lsp.registry.state import Provenance, Source

_Result = TypeVar("_Result")


class RefusalKind(Enum):
    """Why a command is refused: the ``kind`` in the data of an LSP error."""

    REGISTRY_READ_ONLY = "registry-read-only"
    REGISTRY_UNAVAILABLE = "registry-unavailable"
    UNKNOWN_DOMAIN = "unknown-domain"
    UNKNOWN_SUBDOMAIN = "unknown-subdomain"
    ALREADY_REGISTERED = "already-registered"
    CODE_TAKEN = "code-taken"
    CODE_RESERVED = "code-reserved"
    SUBDOMAIN_FULL = "subdomain-full"
    INVALID_ARGUMENT = "invalid-argument"
    CONFLICT = "conflict"


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure
    """A command was refused and changed nothing. The message is a sentence for the user, without secrets."""

    def __init__(self, kind: RefusalKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def closed() -> Refused:
    """The refusal of every request to a closed registry."""
    return Refused(RefusalKind.REGISTRY_UNAVAILABLE, "The registry is closed.")


def unavailable(error: SourceUnavailableError) -> Refused:
    """The refusal of a write that failed, or whose answer was lost so that its outcome is not known."""
    advice = error.advice if error.lasting else "Ask again; nothing is allocated twice."
    return Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"{error.reason} {advice}".strip())


def refuse_unwritable(provenance: Provenance, *, allocates: bool = False) -> None:
    """Refuses every write to a registry that cannot be read, or only be read.

    Args:
        provenance: of the registry.
        allocates: whether the write is an allocation, for which there may be leased codes.

    Raises:
        Refused: with the reason that the state gives.
    """
    if allocates and provenance.leased:
        return
    if provenance.source is Source.NONE:
        raise Refused(RefusalKind.REGISTRY_UNAVAILABLE, f"No registry can be read. {provenance.reason}")
    if not provenance.writable:
        raise read_only(provenance)


def read_only(provenance: Provenance) -> Refused:
    """The refusal of a write to a registry that can only be read."""
    return Refused(RefusalKind.REGISTRY_READ_ONLY, f"The registry is read-only now. {provenance.reason}".strip())


def refuse(future: Future[_Result], refusal: Refused) -> None:
    """Settles a future with a refusal, unless it was cancelled."""
    if future.set_running_or_notify_cancel():
        future.set_exception(refusal)
