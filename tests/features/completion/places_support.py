"""What the tests of completion in a place share: an entity file up to there, the items, and what they write."""

from __future__ import annotations

from dataclasses import replace

from specql_lsp.config import LanguageSettings, Settings
from specql_lsp.features.completion import complete
from specql_lsp.features.model import CompletionItem
from specql_lsp.workspace.documents import Document
from tests.benchmarks.completion_quality import as_shown
from tests.features.completion_support import NOW, URI, analysis, split_cursor

COMPANY = "entity: Company\nschema: crm\nfields:\n  name: text!\n  city: text\n  tier: enum(free, paid)\n"
FILES = {
    "entities/crm/company.yaml": COMPANY,
    "entities/catalog/brand.yaml": "entity: Brand\nschema: catalog\nfields:\n  owner: ref(Company)\n",
    "entities/sales/company.yaml": "entity: Company\nschema: sales\n",
    "stdlib/actions/billing/close.yaml": (
        "pattern: billing/close\ndescription: Closes it\nparameters:\n"
        "  - {name: note, type: string}\n  - {name: day, type: string, required: true}\n"
    ),
    "registry/service_registry.yaml": (
        "services:\n"
        "  - {name: mail, type: email, category: text, operations: [{name: send, input_schema: {to: s, text: s}}]}\n"
        "  - {name: pay, type: payment, category: money, operations: [{name: charge}, {name: refund}]}\n"
    ),
}
HEAD = "entity: Contact\nschema: crm\n"
FIELDS = f"""{HEAD}fields:
  email: email!
  note: text
  status: enum(lead, qualified, customer) = lead
  active: boolean
  company: ref(Company)
"""
STEPS = f"{FIELDS}actions:\n  - name: close\n    steps:\n      - "


def offered(text: str, *, uri: str = URI) -> list[CompletionItem]:
    """The items at the cursor in a client's order."""
    source, offset = split_cursor(text)
    document = Document(uri, source)
    return as_shown(document, offset, complete(analysis(FILES), document, offset, NOW).items)


def without_release(text: str) -> list[CompletionItem]:
    """The items at the cursor where the settings name no release whose limits are reported."""
    source, offset = split_cursor(text)
    settings = Settings(language=LanguageSettings(release=""))
    return list(complete(replace(analysis(FILES), settings=settings), Document(URI, source), offset, NOW).items)


def labels(text: str) -> list[str]:
    return [item.label for item in offered(text)]


def accepted(text: str, label: str, *, as_snippet: bool = False) -> str:
    """The text with an item accepted, as it is without snippets, or as they are."""
    source, _ = split_cursor(text)
    item = next(item for item in offered(text) if item.label == label)
    start, end = item.replace
    return source[:start] + (item.snippet or item.new_text if as_snippet else item.new_text) + source[end:]
