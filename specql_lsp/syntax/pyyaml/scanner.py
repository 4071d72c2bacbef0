"""YAML text → tokens, by the rules of PyYAML's scanner, which is what SpecQL reads its files with.

tree-sitter says that something is wrong, but seldom where, and it refuses some texts that PyYAML reads. A text
with problems is therefore judged by PyYAML's own rules: indentation as BLOCK tokens, simple keys on one line, no
tabs between tokens. Linear in the text, no values are built; it stops at the first error.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from specql_lsp.syntax.pyyaml.tags import read_directive, read_tag
from specql_lsp.syntax.pyyaml.tokens import MAX_DEPTH, ErrorKind, Kind, Token, YamlError
from specql_lsp.syntax.text import Span


class _SimpleKey(NamedTuple):
    token_index: int
    required: bool
    start: int
    line_start: int


_B = "\n\r\x85\u2028\u2029"
_BLANKS = re.compile(rf"((?:[ ]*(?:\#[^{_B}]*)?(?:\r\n|[{_B}]))*)[ ]*(?:\#[^{_B}]*)?")
_PLAIN_BLOCK = re.compile(rf"(?:[^ \t{_B}:]|:(?![ \t{_B}]|\Z))+(?:[ ]+(?!\#)(?:[^ \t{_B}:]|:(?![ \t{_B}]|\Z))+)*")
_PLAIN_FLOW = re.compile(
    rf"(?:[^ \t{_B}:,?\[\]{{}}]|:(?![ \t{_B},\[\]{{}}]|\Z))+"
    rf"(?:[ ]+(?!\#)(?:[^ \t{_B}:,?\[\]{{}}]|:(?![ \t{_B},\[\]{{}}]|\Z))+)*"
)
_PLAIN_BREAK = re.compile(rf"[ ]*(?:\r\n|[{_B}])(?:[ ]*(?:\r\n|[{_B}]))*[ ]*")
_WORD_KEY = re.compile(rf"[A-Za-z_][A-Za-z0-9_]{{0,1000}}(:)(?=[ \t{_B}]|\Z)")
_WORD_VALUE = re.compile(
    rf"[ ]+([^ \t{_B}\-?:,\[\]{{}}\#&*!|>'\"%@`](?:[^ \t{_B}:]|:(?![ \t{_B}]))*"
    rf"(?:[ ]+(?!\#)(?:[^ \t{_B}:]|:(?![ \t{_B}]))+)*)\n([ ]*)(?=[^ \t{_B}\#])"
)
"""A plain value that ends with its line, and the indentation of the next line, which holds something."""
_SEPARATOR = re.compile(rf"(?:---|\.\.\.)(?=[ \t{_B}]|\Z)")
_SEPARATOR_LINE = re.compile(rf"[{_B}](?:---|\.\.\.)(?=[ \t{_B}]|\Z)")
_SINGLE = re.compile(r"'[^']*(?:''[^']*)*'")
_DOUBLE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BAD_ESCAPE = re.compile(
    r"(?:[^\\]|\A)(?:\\\\)*"
    rf"(\\(?!x[0-9A-Fa-f]{{2}}|u[0-9A-Fa-f]{{4}}"
    rf"|U00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{{4}}|[0abt\tnvfre \"\\/N_LP{_B}])(?s:.))"
)
_NAME = re.compile(rf"[&*][0-9A-Za-z_-]+(?=[ \t{_B}?:,\]}}%@`]|\Z)")
_BLOCK_HEADER = re.compile(rf"[|>](?:[+-]([1-9])?|([1-9])[+-]?)?(?=[ {_B}]|\Z)[ ]*(?:\#[^{_B}]*)?(\r\n|[{_B}]|\Z)")
_LEADING = re.compile(rf"((?:[ ]*(?:\r\n|[{_B}]))*)([ ]*)")
_SPACE = frozenset(" \t\n\r\x85\u2028\u2029")
_NOT_PLAIN = frozenset("-?:,[]{}#&*!|>'\"%@`")
_MAX_KEY_LENGTH = 1024
_PORTION = 400


class ScanError(Exception):
    """The scanner cannot go on; ``error`` says why."""

    def __init__(self, error: YamlError) -> None:
        super().__init__()
        self.error = error


class Scanner:
    """The tokens of a text, in portions, so that an early error costs little.

    Args:
        text: the whole text.
        start: where to begin; has to be the beginning of a line.
    """

    def __init__(self, text: str, start: int = 0) -> None:
        self.text = text
        self.at = 1 if start == 0 and text.startswith("\ufeff") else start
        self.has_marks = text.find("\ufeff", self.at) >= 0
        self.line_start = self.at
        self.tokens: list[Token] = []
        self.indent = -1
        self.indents: list[int] = []
        self.flow: list[int] = []
        """Where the open brackets stand."""
        self.key_allowed = True
        self.keys: dict[int, _SimpleKey] = {}
        self._step = 0
        """How many tokens there were before the one that is being read."""
        self._stopped: tuple[YamlError, list[Token]] | None = None
        """What the next portion begins with, where it is no token, and the tokens that PyYAML has not given out yet."""

    def _fail(self, kind: ErrorKind, start: int, end: int) -> ScanError:
        return ScanError(YamlError(kind, Span(start, max(end, start))))

    def read_more(self) -> None:
        """Appends the next portion of tokens; the last one is STREAM_END.

        Raises:
            ScanError: what comes next is no token. Tokens before it have been appended, by an earlier call if there
                are any.
        """
        if self._stopped is not None:
            error, held_back = self._stopped
            self.tokens += held_back
            raise ScanError(error)
        before = len(self.tokens)
        try:
            self._read_portion()
        except ScanError as stopped:
            # PyYAML gives out what is before an error, but for what may still turn out to be a key.
            given = min([self._step, *(key.token_index for key in self.keys.values())])
            if given <= before:
                raise
            # Not the exception itself: its traceback holds this scanner, and with it all that the text is made into.
            self._stopped = stopped.error, self.tokens[given:]
            del self.tokens[given:]

    def _read_portion(self) -> None:
        text = self.text
        size = len(text)
        target = len(self.tokens) + _PORTION
        # A pending simple key may still put a KEY before tokens that are there already.
        while len(self.tokens) < target or self.keys:
            self._step = len(self.tokens)
            self._skip_blanks()
            self._drop_stale_keys()
            at = self.at
            column = at - self.line_start if not self.has_marks else self._column(at, self.line_start)
            if not self.flow and self.indent > column:
                self._unwind(column)
            if at >= size or text[at] == "\0":
                self._unwind_at_end()
                return
            character = text[at]
            if column == 0 and character in "%-." and self._document_mark(character):
                continue
            if not self.flow and self.key_allowed:
                match = _WORD_KEY.match(text, at)
                if match:
                    self._word_key(match, column)
                    continue
            self._token(character)

    def _column(self, at: int, line_start: int) -> int:
        """The column of an offset as PyYAML counts it: a byte order mark takes none."""
        return at - line_start - (self.text.count("\ufeff", line_start, at) if self.has_marks else 0)

    def _skip_blanks(self) -> None:
        match = _BLANKS.match(self.text, self.at)
        assert match is not None  # noqa: S101 - it matches the empty text
        if match.end(1) > self.at:
            self.line_start = match.end(1)
            if not self.flow:
                self.key_allowed = True
        self.at = match.end()

    def _drop_stale_keys(self) -> None:
        for level, key in list(self.keys.items()):
            if key.line_start != self.line_start or self.at - key.start > _MAX_KEY_LENGTH:
                if key.required:
                    raise self._fail(ErrorKind.MISSING_COLON, key.start, self.tokens[-1].end)
                del self.keys[level]

    def _unwind(self, column: int) -> None:
        while self.indent > column:
            self.indent = self.indents.pop()
            self.tokens.append(Token(Kind.BLOCK_END, self.at, self.at))

    def _unwind_at_end(self) -> None:
        if not self.flow:
            self._unwind(-1)
        self._forget_key()
        self.tokens.append(Token(Kind.STREAM_END, self.at, self.at))

    def _document_mark(self, character: str) -> bool:
        if character == "%":
            directive = read_directive(self.text, self.at)
            if directive is None:
                raise self._fail(ErrorKind.BAD_DIRECTIVE, self.at, self._end_of_line(self.at))
            kind, end = Kind.DIRECTIVE, directive.end
        elif _SEPARATOR.match(self.text, self.at):
            kind = Kind.DOCUMENT_START if character == "-" else Kind.DOCUMENT_END
            end = self.at + 3
        else:
            return False
        if not self.flow:
            self._unwind(-1)
        self._forget_key()
        self.key_allowed = False
        self._add(kind, end)
        return True

    def _end_of_line(self, at: int) -> int:
        while at < len(self.text) and self.text[at] not in _B:
            at += 1
        return at

    def _add(self, kind: Kind, end: int) -> None:
        self.tokens.append(Token(kind, self.at, end))
        self.at = end

    def _word_key(self, match: re.Match[str], column: int) -> None:
        """``word:`` at the beginning of a block line, in one step, as most lines begin so."""
        self._forget_key()
        at, colon, end = match.start(), match.start(1), match.end()
        tokens = self.tokens
        if column > self.indent:
            self.indents.append(self.indent)
            self.indent = column
            tokens.append(Token(Kind.BLOCK_MAPPING_START, at, at))
        tokens.append(Token(Kind.KEY, at, at))
        tokens.append(Token(Kind.SCALAR, at, colon))
        tokens.append(Token(Kind.VALUE, colon, end))
        value = _WORD_VALUE.match(self.text, end)
        if value is not None and value.end() - value.start(2) <= column:
            tokens.append(Token(Kind.SCALAR, value.start(1), value.end(1)))
            self.line_start, self.at = value.start(2), value.end()
            self.key_allowed = True
        else:
            self.key_allowed = False
            self.at = end

    def _token(self, character: str) -> None:
        at = self.at
        following = self.text[at + 1 : at + 2]
        spaced = not following or following in _SPACE
        if character in "[{":
            if len(self.flow) > MAX_DEPTH:
                raise self._fail(ErrorKind.TOO_DEEP, at, at + 1)
            self._remember_key()
            self._add(Kind.FLOW_SEQUENCE_START if character == "[" else Kind.FLOW_MAPPING_START, at + 1)
            self.flow.append(at)
            self.key_allowed = True
        elif character in "]}":
            self._forget_key()
            self._add(Kind.FLOW_SEQUENCE_END if character == "]" else Kind.FLOW_MAPPING_END, at + 1)
            if self.flow:
                self.flow.pop()
            self.key_allowed = False
        elif character == ",":
            self.key_allowed = True
            self._forget_key()
            self._add(Kind.FLOW_ENTRY, at + 1)
        elif character == "-" and spaced:
            self._dash()
        elif character == "?" and (self.flow or spaced):
            self._question_mark()
        elif character == ":" and (self.flow or spaced):
            self._colon()
        elif character in "&*":
            self._name(character)
        elif character == "!":
            self._tag()
        elif character in "|>" and not self.flow:
            self._block_scalar()
        elif character in "'\"":
            self._quoted(character)
        elif self._begins_plain(character, spaced=spaced):
            self._plain()
        else:
            raise self._fail(ErrorKind.TAB if character == "\t" else ErrorKind.BAD_START, at, at + 1)

    def _begins_plain(self, character: str, *, spaced: bool) -> bool:
        if character in "-?:":
            return not spaced and (character == "-" or not self.flow)
        return character not in _NOT_PLAIN and character != "\t"

    def _remember_key(self) -> None:
        if self.key_allowed:
            required = not self.flow and self.indent == self._column(self.at, self.line_start)
            self._forget_key()
            self.keys[len(self.flow)] = _SimpleKey(len(self.tokens), required, self.at, self.line_start)

    def _forget_key(self) -> None:
        key = self.keys.pop(len(self.flow), None)
        if key is not None and key.required:
            raise self._fail(ErrorKind.MISSING_COLON, key.start, self.tokens[-1].end)

    def _open_block(self, kind: Kind, column: int, start: int, index: int) -> None:
        if column > self.indent:
            self.indents.append(self.indent)
            self.indent = column
            self.tokens.insert(index, Token(kind, start, start))

    def _open_here(self, kind: Kind) -> None:
        self._open_block(kind, self._column(self.at, self.line_start), self.at, len(self.tokens))

    def _dash(self) -> None:
        if not self.flow:
            if not self.key_allowed:
                raise self._fail(ErrorKind.UNEXPECTED_DASH, self.at, self.at + 1)
            self._open_here(Kind.BLOCK_SEQUENCE_START)
        self.key_allowed = True
        self._forget_key()
        self._add(Kind.BLOCK_ENTRY, self.at + 1)

    def _question_mark(self) -> None:
        if not self.flow:
            if not self.key_allowed:
                raise self._fail(ErrorKind.UNEXPECTED_QUESTION_MARK, self.at, self.at + 1)
            self._open_here(Kind.BLOCK_MAPPING_START)
        self.key_allowed = not self.flow
        self._forget_key()
        self._add(Kind.KEY, self.at + 1)

    def _colon(self) -> None:
        key = self.keys.pop(len(self.flow), None)
        if key is not None:
            self.tokens.insert(key.token_index, Token(Kind.KEY, key.start, key.start))
            if not self.flow:
                column = self._column(key.start, key.line_start)
                self._open_block(Kind.BLOCK_MAPPING_START, column, key.start, key.token_index)
            self.key_allowed = False
        else:
            if not self.flow:
                if not self.key_allowed:
                    raise self._fail(ErrorKind.UNEXPECTED_COLON, self.at, self.at + 1)
                self._open_here(Kind.BLOCK_MAPPING_START)
            self.key_allowed = not self.flow
        self._add(Kind.VALUE, self.at + 1)

    def _name(self, character: str) -> None:
        self._remember_key()
        self.key_allowed = False
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise self._fail(ErrorKind.BAD_NAME, self.at, self.at + 1)
        self._add(Kind.ALIAS if character == "*" else Kind.ANCHOR, match.end())

    def _tag(self) -> None:
        self._remember_key()
        self.key_allowed = False
        tag = read_tag(self.text, self.at)
        if tag is None:
            raise self._fail(ErrorKind.BAD_NAME, self.at, self.at + 1)
        self._add(Kind.TAG, tag.end)

    def _quoted(self, quote: str) -> None:
        self._remember_key()
        self.key_allowed = False
        match = (_SINGLE if quote == "'" else _DOUBLE).match(self.text, self.at)
        if match is None:
            raise self._fail(ErrorKind.UNCLOSED_QUOTE, self.at, self._end_of_line(self.at))
        start = self.at
        raw = match.group()
        if quote == '"' and "\\" in raw:
            bad = _BAD_ESCAPE.search(raw)
            if bad:
                raise self._fail(ErrorKind.UNKNOWN_ESCAPE, start + bad.start(1), start + bad.end(1))
        if _SEPARATOR_LINE.search(raw):
            raise self._fail(ErrorKind.UNCLOSED_QUOTE, start, self._end_of_line(start))
        self._add(Kind.SCALAR, match.end())
        self._note_lines(start, match.end())

    def _note_lines(self, start: int, end: int) -> None:
        last = max(self.text.rfind(b, start, end) for b in _B)
        if last >= 0:
            self.line_start = last + 1

    def _plain(self) -> None:
        self._remember_key()
        self.key_allowed = False
        text = self.text
        pattern = _PLAIN_FLOW if self.flow else _PLAIN_BLOCK
        start = end = self.at
        at = start
        while True:
            match = pattern.match(text, at) if text[at : at + 1] != "#" or at == start else None
            if match is None:
                break
            end = match.end()
            self.key_allowed = False
            at = end
            gap = _PLAIN_BREAK.match(text, end)
            if gap is None:
                break
            self.key_allowed = True
            if _SEPARATOR_LINE.search(text, end, min(gap.end() + 4, len(text))):
                break
            self._note_lines(end, gap.end())
            at = gap.end()
            if not self.flow and self._column(at, self.line_start) < self.indent + 1:
                break
        self.tokens.append(Token(Kind.SCALAR, start, end))
        # The blanks behind it are passed once more, for the comments among them.
        self.at = max(at, end)

    def _block_scalar(self) -> None:
        self.key_allowed = True
        self._forget_key()
        text = self.text
        start = self.at
        header = _BLOCK_HEADER.match(text, start)
        if header is None:
            raise self._fail(ErrorKind.BAD_BLOCK_HEADER, start, self._end_of_line(start))
        at = header.end()
        self.line_start = at
        least = max(self.indent + 1, 1)
        increment = header.group(1) or header.group(2)
        if increment:
            indent = least + int(increment) - 1
        else:
            leading = _LEADING.match(text, at)
            assert leading is not None  # noqa: S101 - it matches the empty text
            blank = (len(line.rstrip("\r")) for line in re.split(rf"[{_B}]", leading.group(1))[:-1])
            indent = max(least, len(leading.group(2)), *blank)
        body = re.compile(rf"(?:[ ]{{{indent}}}[^{_B}]*(?:\r\n|[{_B}]|\Z)|[ ]{{0,{indent}}}(?:\r\n|[{_B}]))+")
        # A text of one empty line would match its end for ever; \Z counts only after something.
        match = body.match(text, at) if at < len(text) else None
        end = match.end() if match else at
        self.tokens.append(Token(Kind.SCALAR, start, end))
        self.at = end
        if end > at or header.group(3):
            last_break = max(text.rfind(b, start, end) for b in _B)
            self.line_start = last_break + 1
