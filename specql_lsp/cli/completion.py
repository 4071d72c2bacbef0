"""Completion in the shell: the script that asks for it, and the domains and subdomains of the registry YAML.

No database is asked, and nothing here fails: a shell waits for it while somebody types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem, get_completion_class

from specql_lsp.cli.output import COMPLETION_VARIABLE, PROGRAM, print_text
from specql_lsp.cli.tables import plain
from specql_lsp.config import settings_for
from specql_lsp.printable import printable

if TYPE_CHECKING:
    from specql_lsp.registry.model import Domain, Subdomain
    from specql_lsp.registry.snapshot import Snapshot


@click.command(short_help="Print the script that completes words in a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands, options, domains and subdomains in a shell.

    \b
    bash: eval "$(specql-lsp completion bash)" in ~/.bashrc
    zsh:  eval "$(specql-lsp completion zsh)" in ~/.zshrc, after compinit
    fish: specql-lsp completion fish > ~/.config/fish/completions/specql-lsp.fish
    """
    scripts = get_completion_class(shell)
    assert scripts is not None, shell  # noqa: S101 - click has had these three from its version 8.0 on
    root = click.get_current_context().find_root().command
    print_text(scripts(root, {}, PROGRAM, COMPLETION_VARIABLE).source().rstrip("\n"))


def complete_domain(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The numbers, names and aliases of domains that begin with what is typed."""
    snapshot = _snapshot(context)
    domains = snapshot.domains if snapshot else ()
    return _items(typed, ((each, (each.name, *each.aliases)) for each in domains))


def complete_subdomain(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The numbers and names of the subdomains of the domain that was typed before."""
    snapshot, parent = _snapshot(context), context.params.get("domain")
    domain = snapshot.domain(parent) if snapshot and isinstance(parent, str) else None
    return _items(typed, ((each, (each.name,)) for each in (domain.subdomains if domain else ())))


def complete_entry(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The names of the entries of a catalog, as far as files have them, that contain what is typed."""
    from specql_lsp.check_workspace import workspace_index
    from specql_lsp.registry.catalogs import catalog
    from specql_lsp.registry.catalogs.model import listing

    try:
        group = context.parent.info_name if context.parent is not None else None
        folder = Path(context.params.get("workspace") or ".").resolve()
        settings, _ = settings_for(folder, [])
        listed = listing(catalog(group or ""), workspace_index(folder, settings)[0], {})
    except Exception:  # Whatever it is, a shell is no place to say so.
        return []
    entries = [each.entry for each in listed.entries if typed.lower() in each.entry.name.lower()]
    return [CompletionItem(each.name, help=plain(each.kind)) for each in entries if _is_one_word(each.name)]


def _snapshot(context: click.Context) -> Snapshot | None:
    """The registry YAML of the workspace; None where it cannot be read."""
    from specql_lsp.registry.sources.yaml.source import YamlSource

    try:
        folder = Path(context.params.get("workspace") or ".")
        settings, _ = settings_for(folder, [])
        return YamlSource(folder / settings.registry.yaml_path).load()
    except Exception:  # Whatever it is, a shell is no place to say so.
        return None


def _items(typed: str, named: Iterable[tuple[Domain | Subdomain, tuple[str, ...]]]) -> list[CompletionItem]:
    return [item for item in _all_items(named) if item.value.lower().startswith(typed.lower())]


def _all_items(named: Iterable[tuple[Domain | Subdomain, tuple[str, ...]]]) -> Iterator[CompletionItem]:
    for each, names in named:
        if not each.number.isalnum():
            continue  # whatever it is, a shell would take it for something else
        # Some shells take a backslash for their own, so that line breaks become blanks here.
        about = f": {plain(' '.join(each.description.split()))}" if each.description else ""
        yield CompletionItem(each.number, help=plain(each.name) + about)
        # A name with a space in it would be several words to the shell, and a control character a command.
        yield from (CompletionItem(name, help=each.number + about) for name in names if _is_one_word(name))


def _is_one_word(name: str) -> bool:
    return len(name.split()) == 1 and printable(name) == name
