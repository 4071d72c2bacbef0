"""Edits that change the value of an attribute that a node of the registry YAML has already."""

from __future__ import annotations

from specql_lsp.registry.sources.yaml.lowering import SEQUENCE_KEYS
from specql_lsp.registry.state import Value
from specql_lsp.registry.yaml_edits.style import RegistryStyle
from specql_lsp.syntax.editing.edits import YamlWriter
from specql_lsp.syntax.editing.removal import removals, removals_of_items
from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.editing.values import ListValue, Quotes, RawScalar, TextScalar, YamlValue, quotes_of, write_flow
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree
from specql_lsp.syntax.yaml11 import is_null


class AttributeEdits:
    """The edits of one document."""

    def __init__(self, tree: SyntaxTree, writer: YamlWriter, style: RegistryStyle) -> None:
        self._tree = tree
        self._writer = writer
        self._style = style

    def written(self, attribute: str, value: Value) -> YamlValue | None:
        """The value to write for an attribute; None if the attribute is left out."""
        if isinstance(value, list):
            return self._style.alias_items(value) if value else None
        if value is None and attribute != "description":
            return None
        if attribute == "table_code":
            return self._style.code_text(str(value))
        return _scalar(value, self._style.text_quotes(attribute))

    def changed(self, holder: Entry, body: Mapping, attribute: str, value: Value) -> tuple[TextEdit, ...] | None:
        """Changes the value of an attribute of a body.

        Args:
            holder: the node's entry, whose value the body is.
            body: the node's mapping.
            attribute: as a discrepancy names it.
            value: what PostgreSQL holds.

        Returns:
            The edits; None if the body does not have the attribute.
        """
        entry = last_of(body, SEQUENCE_KEYS if attribute == "sequence" else (attribute,))
        if entry is None:
            return None
        if isinstance(value, list):
            return self._aliases(body, entry, value)
        if self.written(attribute, value) is None:
            return removals(self._writer, body, [entry], holder)
        old = self._tree.resolve(entry.value)
        quotes = quotes_of(old) if isinstance(old, Scalar) else self._style.text_quotes(attribute)
        if attribute == "table_code":
            quotes = quotes or Quotes.SINGLE
        return self._writer.set_scalar(entry, _scalar(value, quotes), in_flow=body.flow)

    def _aliases(self, body: Mapping, entry: Entry, wanted: list[str]) -> tuple[TextEdit, ...]:
        old = entry.value
        if isinstance(old, Sequence) and not old.flow and old.items:
            return self._change_block_items(entry, old, wanted)
        if isinstance(old, Sequence) and old.items and "#" in self._tree.raw(old):
            return self._change_flow_items(old, wanted)
        quotes = (
            [quotes_of(item) for item in old.items if isinstance(item, Scalar)] if isinstance(old, Sequence) else []
        )
        texts = tuple(TextScalar(alias, quotes[0] if quotes else Quotes.AS_NEEDED) for alias in wanted)
        if body.flow or not wanted or (isinstance(old, Sequence) and old.flow and old.items):
            flow = ListValue(texts, flow=True)
            return (self._replace_value(entry, " " + write_flow(flow)),)
        shape = self._style.alias_items(wanted)
        lines = self._writer.block_lines(TextScalar("aliases"), ListValue(texts, shape.flow, shape.indented), 0)
        pad = " " * self._writer.margin(entry.span.start)
        line_break = self._writer.line_break
        new_text = lines[0].removeprefix("aliases:") + "".join(line_break + pad + line for line in lines[1:])
        return (self._replace_value(entry, new_text),)

    def _replace_value(self, entry: Entry, new_text: str) -> TextEdit:
        start = self._writer.after_colon(entry)
        end = self._writer.content_end(entry.value.span) if entry.value is not None else start
        return self._writer.edit(start, end, new_text)

    def _change_block_items(self, entry: Entry, old: Sequence, wanted: list[str]) -> tuple[TextEdit, ...]:
        """Takes items out and puts others in, line by line, so that the comments between them stay."""
        kept = [item for item in old.items if isinstance(item, Scalar) and item.value in wanted]
        values = {item.value for item in kept}
        new = [alias for alias in dict.fromkeys(wanted) if alias not in values]
        edits = [
            self._writer.edit(*self._item_lines(item), "")
            for item in old.items
            if item not in kept and not (wanted and isinstance(item, Scalar) and is_null(item))
        ]
        if not wanted:
            at = self._writer.after_colon(entry)
            edits.insert(0, self._writer.edit(at, at, " []"))
        if new:
            model = kept[-1] if kept else old.items[0]
            quotes = quotes_of(model) if isinstance(model, Scalar) else Quotes.AS_NEEDED
            texts = self._writer.block_lines(
                TextScalar("aliases"), ListValue(tuple(TextScalar(alias, quotes) for alias in new)), 0
            )
            lines = [" " * self._writer.margin(model.span.start) + text for text in texts[1:]]
            if kept:
                edits.append(self._writer.lines_after(self._writer.content_end(model.span), lines))
            else:
                start = self._item_lines(model).start
                edits.append(self._writer.edit(start, start, "".join(each + self._writer.line_break for each in lines)))
        return tuple(edits)

    def _change_flow_items(self, old: Sequence, wanted: list[str]) -> tuple[TextEdit, ...]:
        """The same in flow style, for a list of several lines with comments between them."""
        kept = [item for item in old.items if isinstance(item, Scalar) and item.value in wanted]
        values = {item.value for item in kept}
        texts = [write_flow(TextScalar(alias)) for alias in dict.fromkeys(wanted) if alias not in values]
        gone = [item for item in old.items if item not in kept]
        edits = []
        if texts and kept:
            at = self._writer.content_end(kept[-1].span)
            edits.append(self._writer.edit(at, at, "".join(f", {text}" for text in texts)))
        elif texts:
            first = gone.pop(0).span
            edits.append(self._writer.edit(first.start, self._writer.content_end(first), ", ".join(texts)))
        return (*edits, *removals_of_items(self._writer, old, gone))

    def _item_lines(self, item: Node) -> Span:
        """The whole lines of an item of a block sequence."""
        lines = self._writer.lines
        first = lines.line_of(item.span.start)
        last = lines.line_of(self._writer.content_end(item.span))
        return Span(lines.line_start(first), lines.line_start(last + 1))


def last_of(body: Mapping, names: tuple[str, ...]) -> Entry | None:
    """The last entry that has one of the names: the one that is read."""
    return next((entry for entry in reversed(body.entries) if entry.name in names), None)


def _scalar(value: Value, quotes: str) -> TextScalar | RawScalar:
    if isinstance(value, bool):
        return RawScalar("true" if value else "false")
    if isinstance(value, int):
        return RawScalar(str(value))
    return TextScalar(str(value or ""), quotes)
