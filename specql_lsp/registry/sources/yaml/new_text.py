"""Writes new YAML: a text that is not the edit of another one. SpecQL's reader, PyYAML, reads back what was given.

Edits of an existing text are ``syntax.editing``'s. ruamel.yaml is imported when a text is written, never before.
"""

from __future__ import annotations

from io import StringIO
from typing import Any

from specql_lsp.syntax.editing.values import ListValue, MapValue, RawScalar, TextScalar, YamlValue, write

_NO_LIMIT = 2**31
"""The width of a line: texts are never folded, so that an edit changes one line."""


def new_yaml(value: MapValue) -> str:
    """The YAML of a mapping in SpecQL's style: block style, two spaces, dashes not indented.

    Args:
        value: the mapping; what it marks as flow is written so. A scalar's quotes are kept; without any it is quoted if
            YAML 1.1 needs that.

    Returns:
        The text, with line feeds.
    """
    from ruamel.yaml import YAML

    emitter = YAML()
    emitter.width = _NO_LIMIT
    emitter.indent(mapping=2, sequence=2, offset=0)
    stream = StringIO()
    emitter.dump(_block(value, in_flow=False), stream)
    return stream.getvalue()


def _block(value: YamlValue, *, in_flow: bool) -> Any:
    """A value as ruamel.yaml writes it."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, MapValue):
        in_flow = in_flow or value.flow
        mapping = CommentedMap()
        for key, each in value.entries:
            mapping[_scalar(key, in_flow=in_flow)] = _block(each, in_flow=in_flow)
        if value.flow or not value.entries:
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, ListValue):
        in_flow = in_flow or value.flow
        sequence = CommentedSeq(_scalar(item, in_flow=in_flow) for item in value.items)
        if value.flow or not value.items:
            sequence.fa.set_flow_style()
        return sequence
    return _scalar(value, in_flow=in_flow)


def _scalar(value: TextScalar | RawScalar, *, in_flow: bool) -> Any:
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, PlainScalarString, SingleQuotedScalarString

    if isinstance(value, RawScalar):
        return {"true": True, "false": False}.get(value.text) if value.text in {"true", "false"} else int(value.text)
    # Which quotes a text needs is decided by PyYAML's rules, as everywhere: ruamel.yaml's own are those of YAML 1.2.
    match write(value, in_flow=in_flow)[:1]:
        case "'":
            return SingleQuotedScalarString(value.value)
        case '"':
            return DoubleQuotedScalarString(value.value)
        case _:
            return PlainScalarString(value.value)
