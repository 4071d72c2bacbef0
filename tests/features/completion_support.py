"""Completion and hover in tests: a text with ``$0`` at the cursor, and what is expected there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import yaml

from specql_lsp.features.completion import complete
from specql_lsp.features.hover import hover
from specql_lsp.features.model import CompletionItem, CompletionKind, CompletionList, Hover
from specql_lsp.index.summary import summarize
from specql_lsp.index.workspace_index import WorkspaceIndex
from specql_lsp.registry.model import Domain, Entity, Rules, Subdomain
from specql_lsp.registry.snapshot import Snapshot
from specql_lsp.registry.state import Provenance, RegistryState, Source
from specql_lsp.workspace.analysis import Analysis
from specql_lsp.workspace.documents import Document

HEAD = "entity: Contact\nschema: crm\norganization:\n"
TAG = "entity: Tag\nschema: catalog\n"

CURSOR = "$0"
URI = "file:///workspace/entities/crm/contact.yaml"
REGISTRY_URI = "file:///workspace/registry/domain_registry.yaml"
NOW = datetime(2026, 1, 1, 12, 0, 12, tzinfo=UTC)

CUSTOMER = Subdomain(
    "03",
    "customer",
    "Contacts & companies",
    5,
    (
        Entity("Contact", "012031", 1, "CNT", "2025-11-21T15:53:37.813506"),
        Entity("Company", "012032", 2),
        Entity("Account", "012033", 3),
    ),
)
FULL = Subdomain("0F", "full", entities=tuple(Entity(f"Full{n}", f"0120F{n:X}", n) for n in range(1, 16)))
CRM = Domain(
    "2",
    "crm",
    "Customer relationship management",
    multi_tenant=True,
    aliases=("management",),
    subdomains=(Subdomain("01", "core"), Subdomain("02", "sales"), CUSTOMER, FULL),
)
CATALOG = Domain(
    "3",
    "catalog",
    "Product | catalog",
    subdomains=(
        Subdomain("01", "classification", entities=(Entity("Tag", "013011", 1),)),
        Subdomain("02", "manufacturer", entities=(Entity("Manufacturer", "013211", 1),)),
    ),
)
ONE_DIGIT = Domain("4", "assets", subdomains=(Subdomain("1", "machines", entities=(Entity("Machine", "014101", 1),)),))
RULES = Rules(
    reserved_codes=frozenset({"000000", "999999", "012021"}),
    subdomain_inference={"crm": {"customer": ("contact", "company"), "sales": ("deal",)}},
)
SNAPSHOT = Snapshot((CRM, CATALOG, ONE_DIGIT), RULES)
FRESH = Provenance(
    Source.POSTGRESQL,
    writable=True,
    reason="",
    since=datetime(2026, 1, 1, 11, tzinfo=UTC),
    loaded_at=datetime(2026, 1, 1, 12, tzinfo=UTC),
)


def analysis(
    files: Mapping[str, str] | None = None,
    snapshot: Snapshot | None = SNAPSHOT,
    provenance: Provenance | None = None,
    yaml_snapshot: Snapshot | None = None,
) -> Analysis:
    """A picture with a registry and a workspace of ``files`` (path under the workspace → text)."""
    documents = [Document(f"file:///workspace/{path}", text) for path, text in (files or {}).items()]
    facts = [found for found in map(summarize, documents) if found]
    provenance = provenance or (FRESH if snapshot is not None else Provenance())
    return Analysis(registry=RegistryState(provenance, snapshot, yaml_snapshot), index=WorkspaceIndex(facts))


def split_cursor(text: str) -> tuple[str, int]:
    """The text without its ``$0``, and the cursor's offset."""
    assert text.count(CURSOR) == 1, "one cursor"
    offset = text.index(CURSOR)
    return text.replace(CURSOR, ""), offset


def document_of(text: str) -> Document:
    """An entity file, or the registry where the text looks like one."""
    return Document(REGISTRY_URI if text.lstrip().startswith(("domains:", "schema_layers:")) else URI, text)


def completions(text: str, picture: Analysis | None = None) -> CompletionList:
    """What is offered at the cursor."""
    source, offset = split_cursor(text)
    return complete(picture or analysis(), document_of(source), offset, NOW)


def labels(text: str, picture: Analysis | None = None) -> list[str]:
    """The labels at the cursor, in the client's order, without commands and snippets (see ``test_snippets``)."""
    items = [i for i in completions(text, picture).items if i.kind is not CompletionKind.SNIPPET and not i.command]
    return [item.label for item in sorted(items, key=lambda item: item.sort_text)]


def check_completion(text: str, *expected: str, picture: Analysis | None = None) -> None:
    """The labels at the cursor are exactly these, in this order."""
    assert labels(text, picture) == list(expected)


def item(text: str, label: str, picture: Analysis | None = None) -> CompletionItem:
    """The item with that label."""
    found = [candidate for candidate in completions(text, picture).items if candidate.label == label]
    assert len(found) == 1, f"{label} is not among {labels(text, picture)}"
    return found[0]


def apply(text: str, label: str, picture: Analysis | None = None) -> str:
    """The text after accepting an item, checked to be one that a client shows and can apply."""
    source, offset = split_cursor(text)
    chosen = item(text, label, picture)
    span = chosen.replace
    assert span.start <= offset <= span.end, "the range holds the cursor"
    assert "\n" not in source[span.start : span.end], "the range is on one line"
    assert "\r" not in source[span.start : span.end], "the range is on one line"
    typed = source[span.start : offset].lstrip()
    assert is_subsequence(typed, chosen.filter_text), f"VS Code hides {chosen.filter_text!r} behind {typed!r}"
    return source[: span.start] + chosen.new_text + source[span.end :]


def is_subsequence(typed: str, text: str) -> bool:
    """Whether VS Code, which compares what stands in the range before the cursor, goes on showing an item."""
    letters = iter(text.lower())
    return all(letter in letters for letter in typed.lower())


def accepted(text: str, label: str, picture: Analysis | None = None) -> dict[str, object]:
    """The file as SpecQL reads it (PyYAML) after accepting an item."""
    loaded = yaml.safe_load(apply(text, label, picture))
    assert isinstance(loaded, dict)
    return loaded


def hover_at(text: str, picture: Analysis | None = None) -> Hover | None:
    """The hover at the cursor."""
    source, offset = split_cursor(text)
    return hover(picture or analysis(), document_of(source), offset, NOW)


def check_hover(text: str, *expected: str, absent: Iterable[str] = (), picture: Analysis | None = None) -> str:
    """The hover at the cursor says all of ``expected`` and nothing of ``absent``; gives its text."""
    found = hover_at(text, picture)
    assert found is not None, "there is a hover"
    for part in expected:
        assert part in found.markdown, f"{part!r} is not in\n{found.markdown}"
    for part in absent:
        assert part not in found.markdown, f"{part!r} is in\n{found.markdown}"
    return found.markdown
