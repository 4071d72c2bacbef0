"""What every ``domain`` and ``registry`` command takes, and what it gets: an ``Invocation``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from specql_lsp.cli.enclosing import enclosing_workspace
from specql_lsp.cli.output import COULD_NOT_RUN, REFUSED, Answer, CommandError, Output, say
from specql_lsp.cli.paths import PathArgument
from specql_lsp.cli.progress import Progress, progress_for
from specql_lsp.config import Backend, Layer, RegistrySettings, Settings, UpdateYaml, load_settings, settings_for
from specql_lsp.logs import configure_logging
from specql_lsp.registry.state import Source

if TYPE_CHECKING:
    from specql_lsp.index.workspace_index import WorkspaceIndex
    from specql_lsp.registry.client import Registry
    from specql_lsp.registry.model import Domain
    from specql_lsp.registry.state import RegistryState

COMMAND_LINE = "the command line"


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a command works with."""

    folder: Path
    """The workspace's folder, absolute."""
    settings: Settings
    progress: Progress
    chosen_backend: Backend | None
    """The backend that the command line asks for, if it does."""
    update_yaml: UpdateYaml = UpdateYaml.NEVER
    """Whether what the command changes in PostgreSQL is put into the registry YAML, too; ``ASK`` only says how."""
    own: set[tuple[str, str]] = field(default_factory=set)
    """The entities that the command has written, or found written by itself, as ``written`` keeps them."""
    enclosing: Path | None = None
    """The workspace of which the folder seems to be a part only, where ``--workspace`` is not given."""
    problems: list[str] = field(default_factory=list)
    """Sentences about what could not be done beside the answer; with one, the exit status is ``COULD_NOT_RUN``."""
    unread: list[str] = field(default_factory=list)
    """Sentences about entity files whose codes ``index`` does not know."""

    @contextmanager
    def registry(self, settings: RegistrySettings | None = None) -> Iterator[Registry]:
        """The workspace's registry, read once; closed afterwards.

        Args:
            settings: instead of the workspace's.
        """
        from specql_lsp.registry.client import Registry

        # What lives for one command needs no connection of its own to hear of changes.
        settings = replace(settings or self.settings.registry, listen=False)
        with self.progress.step("Reading the registry"):
            registry = Registry(settings, self.folder)
        with registry:
            before = registry.state
            yield registry
            if self.update_yaml is not UpdateYaml.NEVER:
                self._yaml_follows(registry, before)

    def demand_whole_workspace(self) -> None:
        """Refuses to write for a part of a workspace: what its other files use, and its rules, would not be known.

        Raises:
            click.UsageError: the folder is in a workspace, and ``--workspace`` is not given.
        """
        if self.enclosing is not None:
            raise click.UsageError(
                f"This folder is in the workspace {self.enclosing}, whose registry YAML, settings and other files "
                "would not be read: name that with --workspace, or give --workspace . if this folder is one of its own."
            )

    def demand_known_registry(self) -> None:
        """Refuses to write where settings that say which registry is meant cannot be read: it might be another one.

        Raises:
            CommandError: with what is to be mended.
        """
        from specql_lsp.registry.refusals import RefusalKind

        unread = self.settings.registry.unread
        if unread:
            places = " and ".join(dict.fromkeys(place for _, place in unread))
            raise CommandError(
                RefusalKind.REGISTRY_UNAVAILABLE.value,
                "Nothing was changed: it might have been in another registry than the settings mean. "
                f"Mend {places} first.",
            )

    def written(self, domain: Domain, *entities: str) -> None:
        """Takes note of entities whose difference from the YAML is the command's own, also where it was there before.

        A command that was killed between PostgreSQL and the YAML finds its change made when it is run again.
        """
        self.own.update((domain.number.upper(), entity.lower()) for entity in entities)

    def _yaml_follows(self, registry: Registry, before: RegistryState) -> None:
        """Puts into the YAML what differs now and did not differ when the registry was opened, or says how to."""
        from specql_lsp.registry.consistency.comparison import path_key
        from specql_lsp.registry.refusals import Refused

        now, (_, name) = registry.state, self.registry_file(None)
        always = self.update_yaml is UpdateYaml.ALWAYS
        if now.discrepancies is None:
            problem = registry.service.rules_problem
            is_changed = before.snapshot is not None and now.snapshot != before.snapshot
            if always and problem is not None and is_changed and now.provenance.source is Source.POSTGRESQL:
                self.problems.append(f"PostgreSQL was changed, {name} was not. {problem}")
            return
        known = {path_key(each) for each in before.discrepancies or ()}
        new = [
            each
            for each in now.discrepancies
            if path_key(each) not in known
            or (always and each.entity is not None and (each.domain.upper(), each.entity.lower()) in self.own)
        ]
        if not new:
            return
        if not always:
            advice = "run specql-lsp registry sync --keep postgresql, or give the command --update-yaml"
            say(f"{name} does not have this yet: {advice}.")
            return
        try:
            made = registry.resolve_discrepancies("postgresql", new)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self.problems.append(f"PostgreSQL was changed, but the file {name} cannot be written ({reason}).")
            return
        except Refused as refused:
            self.problems.append(f"PostgreSQL was changed, {name} was not. {refused.message}")
            return
        self.problems.extend(f"{each.discrepancy.message} {each.message}" for each in made.refused)
        if made.resolved:
            say(likewise(name))

    def index(self) -> WorkspaceIndex:
        """The workspace's entity files: what they use is not free."""
        from specql_lsp.check_workspace import workspace_index

        with self.progress.step("Reading the entity files"):
            index, notices = workspace_index(self.folder, self.settings)
        self.unread[:] = notices
        for notice in notices:
            say(notice)
        return index

    def postgresql_settings(self) -> RegistrySettings:
        """The settings for a command that is about PostgreSQL, whatever ``registry.backend`` says.

        It says ``yaml`` before a team has moved to PostgreSQL, and after it went back: the very times at which these
        commands are needed.

        Raises:
            CommandError: no URL is known.
            click.UsageError: the command line asks for another backend.
        """
        from specql_lsp.registry.refusals import RefusalKind

        if self.chosen_backend in {Backend.YAML, Backend.IN_MEMORY}:
            raise click.UsageError(
                f"This command is about PostgreSQL, so --backend {self.chosen_backend.value} cannot be given."
            )
        if not self.settings.registry.database_url:
            raise CommandError(
                RefusalKind.REGISTRY_UNAVAILABLE.value,
                "No database URL is set; set registry.databaseUrl or SPECQL_DB_URL, or give --database-url.",
            )
        return replace(self.settings.registry, backend=Backend.POSTGRESQL)

    def registry_file(self, given: str | None) -> tuple[Path, str]:
        """The path of the registry YAML, and how it is called in sentences.

        Args:
            given: on the command line, relative to the working directory; None: the workspace's own.
        """
        if given is not None:
            return Path(given), given
        configured = Path(self.settings.registry.yaml_path)
        return self.folder / configured, configured.as_posix()


def registry_command(command: Callable[..., Answer]) -> Callable[..., None]:
    """Makes a function from an ``Invocation`` to an ``Answer`` a command with the options that all have in common.

    The function may raise ``Refused``, ``SourceUnavailableError`` and ``CommandError``.
    """

    @wraps(command)
    def run(*, as_json: bool, workspace: str, database_url: str | None, backend: str | None, **arguments: Any) -> None:
        configure_logging("error", None)
        output = Output(as_json)
        invocation = _invocation(workspace, database_url, backend, progress_for(as_json=as_json))
        writes = _UPDATES in arguments
        if writes:
            wanted = arguments.pop(_UPDATES)
            chosen = {None: invocation.settings.registry.update_yaml, True: UpdateYaml.ALWAYS, False: UpdateYaml.NEVER}
            invocation = replace(invocation, update_yaml=chosen[wanted])
            invocation.demand_whole_workspace()
        elif invocation.enclosing is not None:
            say(f"This folder is in the workspace {invocation.enclosing}, which is not read: --workspace names it.")
        try:
            if writes:
                invocation.demand_known_registry()
            answer = _answer(command, invocation, arguments)
        except CommandError as error:
            output.error(error)
            click.get_current_context().exit(error.status)
        if invocation.problems:
            answer = replace(answer, status=COULD_NOT_RUN, notes=(*answer.notes, *invocation.problems))
        output.answer(answer)
        click.get_current_context().exit(answer.status)

    for option in (
        click.option("--backend", type=click.Choice([b.value for b in Backend]), help="Which registry to use."),
        click.option("--database-url", metavar="URL", help="PostgreSQL, as a libpq URI or DSN."),
        click.option(
            "--workspace",
            type=PathArgument(file_okay=False),
            default=".",
            metavar="DIR",
            help="The workspace's folder. Default: this one.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text."),
    ):
        run = option(run)
    return run


def writing_command(command: Callable[..., Answer]) -> Callable[..., None]:
    """A ``registry_command`` that changes the registry: its YAML may get the same change."""
    return click.option(
        "--update-yaml/--no-update-yaml",
        _UPDATES,
        default=None,
        help="Put what is changed in PostgreSQL into the registry YAML, too. Default: as registry.updateYaml says.",
    )(registry_command(command))


def likewise(name: str) -> str:
    """Says that the registry YAML with that name followed a change of PostgreSQL."""
    return f"{name} was changed likewise."


_UPDATES = "update_yaml"


def demand_command(context: click.Context) -> None:
    """Shows the help of a group that was called without a command, and ends with the status of a wrong call."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(COULD_NOT_RUN)


def _invocation(workspace: str, database_url: str | None, backend: str | None, progress: Progress) -> Invocation:
    folder = Path(workspace).resolve()
    if not folder.is_dir():
        raise click.UsageError(f"The workspace {workspace} is not a folder.")
    given = {"databaseUrl": database_url, "backend": backend}
    layer = Layer(COMMAND_LINE, {"registry": {key: value for key, value in given.items() if value is not None}})
    # What was asked for in so many words is not replaced by another setting: that may be another database.
    wrong = load_settings([layer], os.environ)[1]
    if wrong:
        raise click.UsageError(" ".join(wrong))
    settings, warnings = settings_for(folder, [layer])
    for warning in warnings:
        say(warning)
    source = click.get_current_context().get_parameter_source("workspace")
    is_chosen = source is not ParameterSource.DEFAULT
    enclosing = None if is_chosen else enclosing_workspace(folder, settings.registry.yaml_path)
    return Invocation(folder, settings, progress, Backend(backend) if backend else None, enclosing=enclosing)


def _answer(command: Callable[..., Answer], invocation: Invocation, arguments: dict[str, Any]) -> Answer:
    """The command's answer; every way in which it can fail becomes a ``CommandError``."""
    from specql_lsp.registry.refusals import RefusalKind, Refused
    from specql_lsp.registry.sources.base import SourceUnavailableError

    unavailable = RefusalKind.REGISTRY_UNAVAILABLE
    try:
        return command(invocation, **arguments)
    except Refused as refused:
        status = COULD_NOT_RUN if refused.kind is unavailable else REFUSED
        raise CommandError(refused.kind.value, refused.message, status) from None
    except SourceUnavailableError as error:
        raise CommandError(unavailable.value, error.reason) from None
