"""``specql-lsp rule``: the diagnostics, and what each of them means."""

from __future__ import annotations

import sys

import click
from click.shell_completion import CompletionItem

from specql_lsp.cli.output import Answer, CommandError, Output, terminal_width


def _complete_code(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    from specql_lsp.features.diagnostics.rules import RULES

    return [CompletionItem(code, help=rule.summary) for code, rule in RULES.items() if code.startswith(typed)]


@click.command(short_help="List the diagnostics, or explain one.")
@click.argument("code", required=False, shell_complete=_complete_code)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
@click.pass_context
def rule(context: click.Context, code: str | None, *, as_json: bool) -> None:
    """List the diagnostics, or explain the one with that CODE: what, why, an example, what to write.

    Exit status: 0 done, 2 there is no such diagnostic.
    """
    output = Output(as_json)
    try:
        answer = _explained(code) if code is not None else _listed()
    except CommandError as error:
        output.error(error)
        context.exit(error.status)
    output.answer(answer)


def _listed() -> Answer:
    from specql_lsp.cli.views.rules import overview
    from specql_lsp.features.diagnostics.pages import summary_to_json
    from specql_lsp.features.diagnostics.rules import RULES

    rules = list(RULES.values())
    return Answer([summary_to_json(each) for each in rules], overview(rules, terminal_width(sys.stdout)))


def _explained(code: str) -> Answer:
    from specql_lsp.cli.views.rules import explanation
    from specql_lsp.features.diagnostics.pages import rule_to_json
    from specql_lsp.features.diagnostics.rules import RULES
    from specql_lsp.language.names import nearest

    found = RULES.get(code.lower())
    if found is None:
        near = nearest(code, RULES)
        hint = f"Did you mean {near}?" if near else "specql-lsp rule lists them."
        raise CommandError("invalid-argument", f"There is no diagnostic {code}. {hint}", details={"nearest": near})
    return Answer(rule_to_json(found), explanation(found, terminal_width(sys.stdout)))
