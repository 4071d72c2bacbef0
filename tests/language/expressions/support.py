"""Expressions printed as nested lists, and checks that hold for the parse of any text."""

from __future__ import annotations

from specql_lsp.language.expressions.nodes import (
    Aliased,
    Assignment,
    Call,
    Case,
    Cast,
    Clause,
    Expression,
    Group,
    Literal,
    Missing,
    NameRole,
    Operation,
    Parameter,
    Path,
    Prefix,
    Query,
    Skipped,
    children,
    walk,
)

ROLES = {
    NameRole.VALUE: "",
    NameRole.FUNCTION: "",
    NameRole.TABLE: "table:",
    NameRole.TYPE: "type:",
    NameRole.ALIAS: "alias:",
    NameRole.KEYWORD: "word:",
}


def show(node: Expression) -> str:
    """The tree on one line; operators are after their operands, as in ``(a b AND)``."""
    match node:
        case Path():
            return ROLES[node.role] + node.text
        case Parameter():
            return "$" + ".".join([node.name.text, *(part.text for part in node.parts)])
        case Literal():
            return f"{node.kind.value}:{node.value}{'' if node.closed else '…'}"
        case Missing():
            return "?"
        case Skipped():
            return "skipped"
        case Operation():
            words = [o.text or "_" for o in node.operators]
            return f"({' '.join(map(show, node.operands))} {' '.join(words)})"
        case Prefix():
            return f"({' '.join(o.text for o in node.operators)} {show(node.operand)})"
        case Cast():
            return f"({show(node.operand)} :: {show(node.type)})"
        case Call():
            arguments = [f"{a.name.text} => {show(a.value)}" if a.name else show(a.value) for a in node.arguments]
            return f"{node.function.text}({', '.join(arguments)}{')' if node.closed else '…'}"
        case Group():
            return f"[{', '.join(map(show, node.items))}{']' if node.closed else '…'}"
        case Query():
            return f"<{' '.join(map(show_clause, node.clauses))}{'>' if node.closed else '…'}"
        case Case():
            return f"<{' '.join(map(show_clause, node.clauses))}{' END>' if node.closed else '…'}"
        case Aliased():
            return f"{show(node.operand)} AS {show(node.alias)}"


def show_clause(clause: Clause) -> str:
    """A clause: its words and its items."""
    return f"{clause.words} {', '.join(map(show, clause.items))}".strip()


def show_assignments(assignments: tuple[Assignment, ...]) -> list[str]:
    """One text for each assignment."""
    return [
        f"{a.target.text if a.target else ''}{' = ' if a.equals else ' '}{show(a.value)}".strip() for a in assignments
    ]


def check_spans(text: str, *expressions: Expression) -> None:
    """Spans lie in the text, children inside their parents, siblings in the text's order; names are what is there."""
    for node in walk(*expressions):
        assert 0 <= node.span.start <= node.span.end <= len(text)
        at = node.span.start
        for child in children(node):
            assert at <= child.span.start <= child.span.end <= node.span.end, (text, node, child)
            at = child.span.end if not isinstance(node, Call) else child.span.start
        if isinstance(node, Path):
            for part in node.parts:
                written = text[part.span.start : part.span.end]
                assert written == part.text or part.quoted
                assert node.span.start <= part.span.start <= part.span.end <= node.span.end
        if isinstance(node, Operation):
            assert len(node.operators) == len(node.operands) - 1
            for left, operator, right in zip(node.operands, node.operators, node.operands[1:], strict=False):
                assert left.span.end <= operator.span.end
                assert operator.span.start <= right.span.start
