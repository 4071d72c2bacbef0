"""Valid YAML that tree-sitter-yaml refuses or reads otherwise, and changes of real files that make such."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

_SNIPPETS = (
    *('a: "x\ny"', "a: 'x\ny'", "a: [b,\nc]", "a: {b: c,\nd: e}", "a: [b\nc]", "a: [?a]", "a: [? a]", "a: {?a: b}"),
    *("a: [a]#c", 'a: "a"#c', "a: {a: b}#c", "a: [a,#c\n b]", "a: [#c\n b]", "&a: b", "- &a: b", "*a : b"),
    *("&x a: b\n*x : c", "a: &x b\nc: {*x: d}", "a: &x b\nc: [*x, *x]", "a: &x b\nc: {*x : d}", "a: {b:c}"),
    *('a: {"b":c}', "a: [b:c]", 'a: ["b":c]', "a: [a: b]", "a: [? a : b]", "a: {a, b}", "a: {? a}", "a: {?}"),
    *("a: [-a, -]", "a: [:a]", "a: [a:]", "a: {a:}", "a: {a: }", "a: ?b", "?a: b", ":a: b", "a: [a?b]", "a: {a?b: c}"),
    *("a: [a b\n,c]", 'a:\n- "x\ny"', '- "x\ny"', "- [x,\ny]", '? "a\nb"\n: c', "? [a,\nb]\n: c", "a: !t, b"),
    *("a: [!t b, !t, c]", "a: [!t , c]", "a: [&x , c]", "a: {&x b: c}", "a: {!t b: c}", "a: !t &x b", "a: &x\n  b: c"),
    *("a: >\n  b\n c", "a: |\n b\n#c\nd: e", "a: |2\n   b", "a: |-\n", 'a: "\\\n  b"', 'a: "b\\\nc"', 'a: "\n\nb"'),
    *(
        "a: '\nb'",
        '"a":\n  b',
        "a : b",
        "[a]: b",
        "{a: b}: c",
        "? - a\n: - b",
        "? a",
        "?\n: b",
        "- - a\n  - b",
        "--- a",
    ),
    *("a: b\n---\nc: d", "a: b c\n  d", "a: [b #c\n, d]", "a: [b,]", 'a: "x\n%y"', 'a: "x\n#y"', 'a: "x\n- y"'),
    *('a: [x,\n"y"]', 'a: {x: y,\nz: "w"}', "a: {x:\ny}", "a: {x\n: y}", 'a: "x\n\ty"', "a: 'x\n\ty'", 'a: "é\nè"'),
    *("a: é\u2028b", 'a: "x\u2028y"', "a: [b,\u2028c]", "\ufeffa: b", "a: \ufeffb", "a: b\ufeff", 'c: "d\r\ne"'),
    *(
        'a: "b\rc"',
        "- a\n-b",
        "a:\n - b\n- c",
        "- ? a\n  : b",
        "- &x\n  a: b",
        "- &x a: b\n  c: d",
        "&x\na: b",
        "&x\n- a",
    ),
    *("a: [a, ? b]", "a:\n  -\n# c", "a:\n-\n-\nb: c", "a:\n- &x\nb: c", "a:\n- !t\n", "a: &x\nb: !t\n", "- -\n- a"),
)
ODD = tuple(text + end for text in _SNIPPETS for end in ("", "\n", "\nz: y\n"))
"""Small texts, most of them valid to PyYAML; each with three ends."""

_VALUE = re.compile(r"(?<=: )[A-Za-z][A-Za-z ]*$|(?<=- )[A-Za-z][A-Za-z ]*$", re.MULTILINE)
_CLOSED = re.compile(r"[\]}'\"](?=\n)")
_FLOW_SPACE = re.compile(r"(?<=[,\[{]) |(?<=[a-z]) (?=[}\]])|(?<=,) ")
_IN_QUOTES = re.compile(r"(?<=['\"][A-Za-z])[A-Za-z]*( )(?=[A-Za-z ]*['\"]$)", re.MULTILINE)
_VALUES = (
    "'{0}\n{1}'",
    '"{0}\n{1}"',
    '"{0}\n\n{1}"',
    "[{0},\n{1}]",
    "{{{0}: x,\n{1}}}",
    "[?{0}]",
    "[{0}]#{1}",
    '"{0}\\\n{1}"',
)


def for_pyyaml_only(text: str, chance: random.Random, count: int) -> Iterator[str]:
    """Texts made of one by up to three changes that tree-sitter does not bear, and PyYAML does."""
    for _ in range(count):
        changed = text
        for _ in range(chance.choice((1, 1, 2, 3))):
            changed = _changed(changed, chance)
        yield changed.replace("\n", "\r\n") if chance.random() < 0.1 else changed


def _changed(text: str, chance: random.Random) -> str:
    pattern = chance.choice((_VALUE, _VALUE, _VALUE, _CLOSED, _FLOW_SPACE, _IN_QUOTES))
    found = list(pattern.finditer(text)) or list(_VALUE.finditer(text))
    if not found:
        return text + "\n"
    match = chance.choice(found)
    start, end = match.span()
    if match.re is _VALUE:
        first, _, rest = match.group().partition(" ")
        new = chance.choice(_VALUES).format(first, rest or "more")
    elif match.re is _CLOSED:
        new = match.group() + "#c"
    elif match.re is _FLOW_SPACE:
        new = "\n"
    else:
        start, end, new = match.start(1), match.end(1), "\n"
    return text[:start] + new + text[end:]
