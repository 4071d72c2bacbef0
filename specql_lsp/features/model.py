"""What features answer with: plain, immutable data in spans of offsets (code points from 0)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from specql_lsp.index.symbols import Place
from specql_lsp.registry.state import Discrepancy
from specql_lsp.severity import Severity as Severity
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.text import Span
from specql_lsp.workspace.documents import Document


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that a finding speaks of."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic before it becomes the protocol's. ``code`` is one of the contract's."""

    span: Span
    code: str
    severity: Severity
    message: str
    related: tuple[Related, ...] = ()
    discrepancy: Discrepancy | None = None
    """For drift: what differs, so that a fix can resolve it."""
    unnecessary: bool = False
    replacements: tuple[str, ...] = ()
    """Texts, best first, that may replace the span as they are."""
    safe: bool = False
    """Whether the first of them changes no meaning to SpecQL."""


@dataclass(frozen=True, slots=True)
class CommandCall:
    """A command of the contract with its argument."""

    command: str
    arguments: Mapping[str, Any]


class CompletionKind(Enum):
    """What an item stands for; the values are those of LSP's CompletionItemKind."""

    MODULE = 9
    CLASS = 7
    VALUE = 12
    ENUM_MEMBER = 20
    FOLDER = 19
    KEYWORD = 14
    PROPERTY = 10
    SNIPPET = 15
    FIELD = 5
    FUNCTION = 3
    OPERATOR = 24
    VARIABLE = 6
    EVENT = 23
    TYPE = 25
    """LSP's TypeParameter."""


class DocumentationKey(NamedTuple):
    """What ``completionItem/resolve`` needs to write an item's documentation, on its own (jedi's lesson)."""

    kind: str
    """``domain``, ``subdomain``, ``code``, ``entity``, ``layer``, ``key``, ``type``, ``pattern`` or ``function``."""
    values: Mapping[str, str] = MappingProxyType({})


class CompletionItem(NamedTuple):
    """One proposal: ``new_text`` replaces ``replace``."""

    label: str
    kind: CompletionKind
    replace: Span
    new_text: str
    detail: str = ""
    """Stands behind the label at once."""
    description: str = ""
    """Stands at the end of the row, where a client has room (labelDetails.description)."""
    filter_text: str = ""
    sort_text: str = ""
    preselect: bool = False
    documentation: DocumentationKey | None = None
    snippet: str = ""
    """What replaces the span instead where a client expands snippets (LSP 3.17, "Snippet Syntax"); the lines behind the
    first have the indentation that they have beyond the line's own."""
    signature: str = ""
    """What is right behind the label, such as a function's arguments (labelDetails.detail)."""
    asks_again: bool = False
    """Whether there is a list for what is typed next: a client that can opens it."""
    not_read: bool = False
    """Whether SpecQL reads no such thing: it is shown as deprecated."""
    command: CommandCall | None = None
    """What the client calls when the item is accepted."""


@dataclass(frozen=True, slots=True)
class CompletionList:
    """The best proposals; ``incomplete`` asks the client to ask again as the user types on."""

    items: tuple[CompletionItem, ...] = ()
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Hover:
    """A text in Markdown for a span."""

    markdown: str
    span: Span
    from_registry: bool = False
    """Whether the registry was asked for it."""


class Link(NamedTuple):
    """Where a name leads."""

    origin: Span
    """The name in the document that was asked about."""
    target: Place


class OutlineKind(Enum):
    """What a symbol of a document is; the values are those of LSP's SymbolKind."""

    DOMAIN = 3
    """LSP's Namespace."""
    SUBDOMAIN = 4
    """LSP's Package."""
    ENTITY = 5
    """LSP's Class."""
    ACTION = 6
    """LSP's Method."""
    FIELD = 8
    STEP = 25
    """LSP's Operator."""
    CODE = 20
    """LSP's Key: a table code."""
    PATTERN = 12
    """LSP's Function."""
    PARAMETER = 13
    """LSP's Variable."""
    SERVICE = 11
    """LSP's Interface; its operations are methods, as actions are."""


class OutlineSymbol(NamedTuple):
    """A symbol of a document, with those in it."""

    name: str
    """Never empty."""
    kind: OutlineKind
    span: Span
    """All of it; it holds ``selection`` and the spans of its children."""
    selection: Span
    """What is selected when it is gone to."""
    detail: str = ""
    children: tuple[OutlineSymbol, ...] = ()


class ActionKind(Enum):
    """The kind of a code action (LSP's CodeActionKind)."""

    QUICK_FIX = "quickfix"
    REFACTOR_REWRITE = "refactor.rewrite"
    FIX_ALL = "source.fixAll.specql"
    """What may be done to a whole file at once, as when it is saved: it changes no meaning."""
    UP_TO_DATE = "source.specql.upToDate"
    """What is done to a whole registry YAML, if its user asks for it."""


class NewFile(NamedTuple):
    """A file that an action creates."""

    uri: str
    text: str


class EditsElsewhere(NamedTuple):
    """The edits of another document than the one for which an action is offered; of its text, and of no later one."""

    document: Document
    edits: tuple[TextEdit, ...]


@dataclass(frozen=True, slots=True)
class CodeAction:
    """A change offered: an edit, or a command that makes one. ``disabled`` says why it cannot be done now."""

    title: str
    kind: ActionKind
    fixes: tuple[Finding, ...] = ()
    edits: tuple[TextEdit, ...] = ()
    """Edits of the document for which the action is offered."""
    command: CommandCall | None = None
    preferred: bool = False
    disabled: str | None = None
    safe: bool = False
    """Whether it changes no meaning to SpecQL, so that an editor may do it unasked to a whole file."""
    later: Callable[[], tuple[TextEdit, ...]] | None = field(default=None, compare=False)
    """Makes the edits where that takes more than a moment: they are asked for when the action is chosen."""
    new_files: tuple[NewFile, ...] = ()
    """Files that are created beside the edits; an existing file is never overwritten."""
    needs_new_files: bool = False
    """Whether its command has the editor create a file."""
    elsewhere: tuple[EditsElsewhere, ...] = ()

    def all_edits(self) -> tuple[TextEdit, ...]:
        """The edits of the document, made now if they were not yet."""
        return self.later() if self.later is not None else self.edits

    @property
    def has_edit(self) -> bool:
        """Whether it changes files itself, without a command."""
        return bool(self.edits or self.new_files or self.elsewhere) or self.later is not None
