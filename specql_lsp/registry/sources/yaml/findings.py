"""What the checks of a registry YAML find: a rule, a span, a sentence, and what a repair needs to know."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from specql_lsp.registry.consistency.matching import YamlNode
from specql_lsp.registry.model import RegistryPath
from specql_lsp.syntax.nodes import Entry, Scalar
from specql_lsp.syntax.text import Span


class Rule(Enum):
    """The rules of a registry YAML. ``validation.RULES`` says who applies each of them."""

    NOT_YAML = "not-yaml"
    """PyYAML, SpecQL's reader, refuses the text."""
    UNCLEAR_STRUCTURE = "unclear-structure"
    """Our parser does not understand the structure of the text."""
    NOT_A_REGISTRY = "not-a-registry"
    """The document is something else than a registry."""
    READ_DIFFERENTLY = "read-differently"
    """PyYAML reads other values from the text than our parser."""
    NOT_READ = "not-read"
    """A value has a shape that no reader takes, so that it would be lost."""
    MISREAD_TEXT = "misread-text"
    """YAML 1.1 reads another value than the text that is written."""
    MISREAD_CODE = "misread-code"
    """The same, for a table code."""
    REPEATED_KEY = "repeated-key"
    """A mapping has a key twice; every reader keeps the last value."""
    STOPS_SPECQL = "stops-specql"
    """SpecQL stops reading the registry, or does not find what is written."""


class Repair(NamedTuple):
    """What an edit needs to know in order to satisfy ``Rule.STOPS_SPECQL``."""

    title: str
    """The node in messages: ``subdomain 03 (customer)``."""
    path: RegistryPath | None = None
    """The domain, subdomain or entity; None for what belongs to the registry as a whole."""
    node: YamlNode | None = None
    missing: tuple[str, ...] = ()
    """The keys that the node lacks."""
    unusable: Entry | None = None
    """An entry whose value SpecQL cannot use although its meaning is clear."""
    unquoted: Scalar | None = None
    """A key or a text that YAML 1.1 reads as another type than text."""
    in_flow: bool = False
    """Whether the node, or the unusable entry, is in a flow mapping."""


class RegistryFinding(NamedTuple):
    """One place of a registry YAML that breaks a rule; the message says what is wrong and what to do."""

    span: Span
    rule: Rule
    message: str
    repair: Repair | None = None
