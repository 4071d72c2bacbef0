"""The smallest text edits that change a YAML document: entries put in, taken out, or given another value.

What is not changed keeps every character: comments, quotes, order, line endings. Edits of one answer do not overlap.
"""

from __future__ import annotations

import re
from collections.abc import Sequence as Sized

from specql_lsp.syntax.editing.text_edit import TextEdit
from specql_lsp.syntax.editing.values import ListValue, MapValue, RawScalar, TextScalar, YamlValue, write, write_flow
from specql_lsp.syntax.empty_items import empty_items
from specql_lsp.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from specql_lsp.syntax.text import Span
from specql_lsp.syntax.tree import SyntaxTree

_DEFAULT_STEP = 2
_PROPERTIES = re.compile(r"(?:[ \t]*[&!][^\s,{}\[\]]*)*")
_TAG = re.compile(r"[ \t]+![^\s,{}\[\]]*")
_LONE_COLON = re.compile(r" *: +")
_KEPT = re.compile(r"[|>](?:\+|\d\+)")
_MOST_PROPERTIES = 300
_ENTRY_BEGINS = re.compile(r"(?:(?<=[\s\[{,])\?[ \t]+)?(?:(?<=[\s\[{,])[&!][^\s,{}\[\]]*[ \t]+)*\Z")
_EXPLICIT = re.compile(r"(?:^|(?<=[\s\[{,]))\?\s+(?:[&!]\S*\s+)*\Z")
_LATER_COLON = re.compile(r"(?:[ \t]*(?:(?<=\s)#[^\r\n]*)?[\r\n]+)*[ \t]*:(?=\s|\Z)")


class YamlWriter:
    """A document's line ending and indentation, and the edits that follow them."""

    def __init__(self, tree: SyntaxTree) -> None:
        self.tree = tree
        self.text = tree.text
        self.lines = tree.lines
        found = re.search(r"\r\n|\n|\r", self.text)
        self.line_break = found.group() if found else "\n"
        self.step = self._step()
        self._separations: dict[Span, bool] = {}

    def _step(self) -> int:
        """The indentation of the first mapping inside another."""
        pending: list[Node | None] = [self.tree.root]
        while pending:
            node = pending.pop(0)
            if not isinstance(node, Mapping) or node.flow:
                continue
            for entry in node.entries:
                if isinstance(entry.value, Mapping) and not entry.value.flow:
                    step = self.column(entry.value.span.start) - self.column(entry.span.start)
                    if step > 0:
                        return step
        return _DEFAULT_STEP

    def column(self, offset: int) -> int:
        """The column of an offset."""
        return self.lines.position(offset).column

    def entry_start(self, entry: Entry) -> int:
        """Where an entry begins: with a ``?``, an anchor or a tag on the line of its key, which its span leaves out."""
        start = entry.key.span.start
        line = self.lines.line_start(self.lines.line_of(start))
        found = _ENTRY_BEGINS.search(self.text, max(start - _MOST_PROPERTIES, line), start)
        return found.start() if found is not None else start

    def is_pair(self, mapping: Mapping) -> bool:
        """Whether a mapping is a lone ``key: value`` in a flow sequence, without braces."""
        return mapping.flow and self.text[mapping.span.start] != "{"

    def margin(self, offset: int) -> int:
        """The indentation of a block entry: anchors before its key do not count, the colon of an explicit key does."""
        line = self.lines.line_text(self.lines.line_of(offset))
        blanks = len(line) - len(line.lstrip(" "))
        colon = _LONE_COLON.match(line)
        return colon.end() if colon is not None and colon.end() <= self.column(offset) else blanks

    def end_of_line(self, offset: int) -> int:
        """The end of the line that holds ``offset``, before its line break."""
        return self.lines.line_span(self.lines.line_of(offset)).end

    def content_end(self, span: Span) -> int:
        """The end of what is written; a block scalar's span may hold the empty lines behind it."""
        end = span.end
        while end > span.start and self.text[end - 1] in " \t\r\n":
            end -= 1
        return end

    def entry_end(self, entry: Entry) -> int:
        """The end of what is written for an entry, with the empty lines that a block scalar with ``+`` keeps."""
        end = max(self.content_end(entry.span), entry.key.span.end)
        node = entry.value
        while isinstance(node, Mapping | Sequence) and not node.flow:
            children = [each.value for each in node.entries] if isinstance(node, Mapping) else node.items
            node = children[-1] if children else None
        if not isinstance(node, Scalar) or _KEPT.match(self.text, node.span.start) is None:
            return end
        line = self.lines.line_of(end)
        while line + 1 < self.lines.line_count and not self.lines.line_text(line + 1).strip():
            line += 1
        return max(end, self.lines.line_span(line).end)

    def extent(self, entry: Entry) -> Span:
        """The whole lines of a block entry, line break included, with the deeper comments that follow it."""
        first = self.lines.line_of(entry.span.start)
        last = self.lines.line_of(self.entry_end(entry))
        column = self.margin(entry.span.start)
        for number in range(last + 1, self.lines.line_count):
            line = self.lines.line_text(number)
            bare = line.lstrip(" ")
            if not bare.strip():
                continue
            if not bare.startswith("#") or len(line) - len(bare) <= column:
                break
            last = number
        return Span(self.lines.line_start(first), self.lines.line_start(last + 1))

    def edit(self, start: int, end: int, new_text: str) -> TextEdit:
        """The edit that replaces ``start`` to ``end``."""
        return TextEdit(Span(start, end), new_text)

    # Writing

    def block_lines(self, key: TextScalar | RawScalar, value: YamlValue, indent: int) -> list[str]:
        """An entry in block style, as lines."""
        pad = " " * indent
        head = f"{pad}{write(key, in_flow=False)}:"
        if isinstance(value, MapValue) and value.entries and not value.flow:
            return [head, *(line for k, v in value.entries for line in self.block_lines(k, v, indent + self.step))]
        if isinstance(value, ListValue) and value.items and not value.flow:
            dash = " " * (indent + (self.step if value.indented else 0)) + "- "
            return [head, *(dash + write(item, in_flow=False) for item in value.items)]
        if isinstance(value, TextScalar | RawScalar):
            return [f"{head} {write(value, in_flow=False)}"]
        return [f"{head} {write_flow(value)}"]

    def lines_after(self, offset: int, lines: Sized[str]) -> TextEdit:
        """Puts lines behind the line that holds ``offset``."""
        end = self.end_of_line(offset)
        return self.edit(end, end, "".join(self.line_break + line for line in lines))

    # Values

    def is_explicit(self, entry: Entry) -> bool:
        """Whether the key of an entry is marked with ``?``, so that its colon, if there is one, may be lines below."""
        start = entry.key.span.start
        return _EXPLICIT.search(self.text, max(start - _MOST_PROPERTIES, 0), start) is not None

    def after_colon(self, entry: Entry) -> int:
        """The offset behind the colon of an entry and behind anchor and tag, where its value begins."""
        at = entry.key.span.end
        if self.is_explicit(entry):
            colon = _LATER_COLON.match(self.text, at)
            if colon is None:
                return at
            at = colon.end()
        else:
            while self.text[at : at + 1] in {" ", "\t"}:
                at += 1
            if self.text[at : at + 1] == ":":
                at += 1
        properties = _PROPERTIES.match(self.text, at)
        return properties.end() if properties else at

    def value_start(self, entry: Entry) -> int:
        """The offset where an entry's value begins, with the anchor and the tag that are on its line."""
        at = entry.key.span.end
        while self.text[at : at + 1] in {" ", "\t"}:
            at += 1
        at += self.text[at : at + 1] == ":"
        while self.text[at : at + 1] in {" ", "\t"}:
            at += 1
        node = entry.value
        if node is None:
            return at
        properties = _PROPERTIES.fullmatch(self.text[at : node.span.start].strip(" \t"))
        return at if at <= node.span.start and properties else node.span.start

    def _first_value(self, entry: Entry, written: str, *, in_flow: bool) -> TextEdit:
        """Gives an entry a value where none is written, on one line, and the colon where that is missing, too.

        A tag is taken away, as ``!!null`` would make nothing of the value.
        """
        at = self.after_colon(entry)
        tag = _TAG.search(self.text, entry.key.span.end, at)
        if tag is not None:
            return self.edit(tag.start(), at, f"{self.text[tag.end() : at]} {written}")
        has_colon = ":" in self.text[entry.key.span.end : at]
        if has_colon or in_flow or not self.is_explicit(entry):
            colon = "" if has_colon else " :" if self.is_explicit(entry) else ":"
            return self.edit(at, at, f"{colon} {written}")
        mark = self.text.rindex("?", 0, entry.key.span.start)
        return self.lines_after(at, [" " * self.column(mark) + f": {written}"])

    def set_scalar(self, entry: Entry, value: TextScalar | RawScalar, *, in_flow: bool) -> tuple[TextEdit, ...]:
        """Gives an entry a scalar for its value; a tag is taken away, as it would make something else of it."""
        written = write(value, in_flow=in_flow)
        node = entry.value
        if node is None:
            return (self._first_value(entry, written, in_flow=in_flow),)
        if isinstance(node, Scalar) and node.tag is None:
            return (self.edit(node.span.start, self.content_end(node.span), written),)
        if isinstance(node, Scalar):
            start = self.text.find(node.tag or "", entry.key.span.end, node.span.start)
            between = self.text[start + len(node.tag or "") : node.span.start].strip()
            anchor = between + " " if between else ""
            return (self.edit(start, self.content_end(node.span), anchor + written),)
        return (self._instead_of_collection(entry, node, written),)

    def _instead_of_collection(self, entry: Entry, node: Node, written: str) -> TextEdit:
        """Writes a scalar behind the colon, where a collection is or begins below; a comment on that line stays."""
        start = at = self.after_colon(entry)
        comment = ""
        if self.lines.line_of(at) < self.lines.line_of(node.span.start):
            comment = self.text[at : self.end_of_line(at)].rstrip()
        tag = _TAG.search(self.text, entry.key.span.end, at)
        anchor = ""
        if tag is not None:
            start, anchor = tag.start(), self.text[tag.end() : at]
        dashes = empty_items(self.text, node) if isinstance(node, Sequence) else ()
        end = max([self.content_end(node.span), *(dash.end for dash in dashes)])
        return self.edit(start, end, f"{anchor} {written}{comment}")

    def set_flow(self, entry: Entry, value: YamlValue, *, in_flow: bool = False) -> tuple[TextEdit, ...]:
        """Gives an entry a value in flow style, whatever it had; ``in_flow`` says whether the entry is in one."""
        node = entry.value
        if node is None:
            return (self._first_value(entry, write_flow(value), in_flow=in_flow),)
        new = self.edit(self.after_colon(entry), self.content_end(node.span), f" {write_flow(value)}")
        return (*self._untagged(entry, value), new)

    def set_entries(self, entry: Entry, value: MapValue, *, in_flow: bool) -> tuple[TextEdit, ...]:
        """Gives an entry a mapping where it has nothing, null, an empty collection, or what cannot stay.

        A tag by which it would be no mapping is taken away.
        """
        if in_flow or value.flow or not value.entries or self.is_explicit(entry):
            return self.set_flow(entry, value, in_flow=in_flow)
        node = entry.value
        at = self.after_colon(entry)
        end = self.content_end(node.span) if node is not None else at
        indent = self.margin(entry.span.start) + self.step
        lines = [line for k, v in value.entries for line in self.block_lines(k, v, indent)]
        untagged = self._untagged(entry, value)
        if end == at:
            return (*untagged, self.lines_after(at, lines))
        if self.end_of_line(end) == end:
            return (*untagged, self.edit(at, end, "".join(self.line_break + line for line in lines)))
        # A comment right behind a bracket is one; right behind the colon it would be a part of the key.
        return (*untagged, self.edit(at, end, " " if self.text[end] == "#" else ""), self.lines_after(end, lines))

    def _untagged(self, entry: Entry, value: YamlValue) -> tuple[TextEdit, ...]:
        """Takes the tag of an entry's value away, unless it is that of the new value."""
        found = _TAG.search(self.text, entry.key.span.end, self.after_colon(entry))
        if found is None or found[0].strip() == ("!!map" if isinstance(value, MapValue) else "!!seq"):
            return ()
        return (self.edit(*found.span(), ""),)

    # Entries

    def add(
        self, mapping: Mapping, key: TextScalar, value: YamlValue, *, after: Entry | None, holder: Entry | None = None
    ) -> tuple[TextEdit, ...]:
        """Puts an entry into a mapping that has entries, behind ``after`` or, where that is None, first.

        Args:
            mapping: the mapping.
            key: the new key.
            value: the new value.
            after: the entry before it.
            holder: the entry whose value the mapping is: what is put first is placed right below its key, above the
                comments that belong to the next entry.
        """
        if mapping.flow:
            return self._add_in_flow(mapping, key, value, after)
        indent = self.margin(mapping.entries[0].span.start)
        lines = self.block_lines(key, value, indent)
        if after is not None:
            if isinstance(value, MapValue) and self._separated(mapping):
                lines.insert(0, "")
            return (self.lines_after(max(self.extent(after).end - 1, after.span.start), lines),)
        first = mapping.entries[0]
        line_start = self.lines.line_start(self.lines.line_of(first.span.start))
        if holder is not None and self.lines.line_of(holder.key.span.end) < self.lines.line_of(first.span.start):
            following = self.lines.line_of(holder.key.span.end) + 1
            if isinstance(value, MapValue) and self._separated(mapping) and not self._is_empty(following):
                lines.append("")
            return (self.lines_after(holder.key.span.end, lines),)
        return (self.edit(line_start, line_start, "".join(line + self.line_break for line in lines)),)

    def _add_in_flow(
        self, mapping: Mapping, key: TextScalar, value: YamlValue, after: Entry | None
    ) -> tuple[TextEdit, ...]:
        written = f"{write(key, in_flow=True)}: {write_flow(value)}"
        if self.is_pair(mapping):
            (entry,) = mapping.entries
            start, end = self.entry_start(entry), max(self.content_end(entry.span), entry.key.span.end)
            if after is None:
                return (self.edit(start, start, f"{{{written}, "), self.edit(end, end, "}"))
            return (self.edit(start, start, "{"), self.edit(end, end, f", {written}}}"))
        if after is not None:
            at = max(self.content_end(after.span), after.key.span.end)
            return (self.edit(at, at, f", {written}"),)
        at = mapping.span.start + 1
        while self.text[at : at + 1] in {" ", "\t"}:
            at += 1
        ending = "," if self.text[at : at + 1] in {"\r", "\n"} else ", "
        return (self.edit(at, at, written + (ending if mapping.entries else "")),)

    def _separated(self, mapping: Mapping) -> bool:
        """Whether there are empty lines between the entries of a mapping, above the comments on the next one."""
        known = self._separations.get(mapping.span)
        if known is None:
            starts = (self.lines.line_of(entry.span.start) for entry in mapping.entries[1:])
            known = any(self._is_empty(self._first_of_comments(line) - 1) for line in starts)
            self._separations[mapping.span] = known
        return known

    def _first_of_comments(self, line: int) -> int:
        """The first of the lines with nothing but comments right above a line; the line itself where there are none."""
        while self.lines.line_text(line - 1).lstrip(" ").startswith("#"):
            line -= 1
        return line

    def _is_empty(self, line: int) -> bool:
        return not self.lines.line_text(line).strip()
