"""``specql-lsp domain rename-entity``, ``move-entity`` and ``release-code``: corrections, and the files concerned."""

from __future__ import annotations

from specql_lsp.cli.options import Invocation
from specql_lsp.cli.output import COULD_NOT_RUN, Answer
from specql_lsp.cli.views import domains
from specql_lsp.cli.written_codes import shown, unwritten_to_json, write_code
from specql_lsp.config import UpdateYaml
from specql_lsp.features.registered_files import files_left_behind, files_of_code, own_files
from specql_lsp.registry.client import Registry
from specql_lsp.registry.corrections import refuse_unknown_files, refuse_used
from specql_lsp.registry.refusals import RefusalKind, Refused
from specql_lsp.registry.requests import EntityMove
from specql_lsp.registry.serialization import moving_to_json, released_to_json, renaming_to_json
from specql_lsp.workspace.analysis import Analysis


def rename(invocation: Invocation, domain: str, old: str, new: str, subdomain: str | None, *, dry_run: bool) -> Answer:
    """Renames a registration, and names the files that have the old name. Raises as ``Registry.rename_entity``."""
    index = invocation.index()
    with invocation.registry() as registry, invocation.progress.step(f"Renaming {old}"):
        renaming = registry.rename_entity(domain, old, new, subdomain=subdomain, dry_run=dry_run)
        if not dry_run:
            invocation.written(renaming.domain, renaming.entity, old)
        analysis = Analysis(invocation.settings, registry.state, index)
        files = own_files(analysis, renaming.domain, old, renaming.table_code)
    paths = [shown(each.uri, invocation.folder) for each in files if each.name != renaming.entity]
    document = {**renaming_to_json(renaming), "files": paths}
    return Answer(document, domains.renamed(renaming, old, paths, dry_run=dry_run))


def move(invocation: Invocation, domain: str, entity: str, subdomain: str, *, dry_run: bool) -> Answer:
    """Moves an entity, and writes its new code into its file.

    Raises as ``Registry.move_entity``, and ``Refused`` where the registry YAML is to follow and could not: it would
    have the entity at another place than PostgreSQL.
    """
    index = invocation.index()
    used = frozenset(index.codes())
    with invocation.registry() as registry, invocation.progress.step(f"Moving {entity}"):
        before = Analysis(invocation.settings, registry.state, index)
        if invocation.update_yaml is UpdateYaml.ALWAYS:
            _refuse_unfollowed(invocation, registry, EntityMove(domain, entity, subdomain, used=used))
        moving = registry.move_entity(domain, entity, subdomain, used=used, dry_run=dry_run)
        if not dry_run:
            invocation.written(moving.domain, moving.entity)
    if moving.moved:
        files = own_files(before, moving.domain, moving.entity, moving.previous_code)
    else:
        files = files_left_behind(before, moving.domain, moving.entity, moving.table_code)
    holding = () if dry_run else (each for each in files if each.code is not None)
    written = (write_code(each.uri, moving.entity, moving.table_code, each.code) for each in holding)
    unwritten = [each for each in written if each is not None]
    paths = [shown(each.uri, invocation.folder) for each in files]
    document = {**moving_to_json(moving), "files": paths, "unwritten": unwritten_to_json(unwritten, invocation.folder)}
    text = domains.moved(moving, paths, dry_run=dry_run)
    status = COULD_NOT_RUN if unwritten else 0
    return Answer(document, text, status, notes=tuple(each.message for each in unwritten))


def release(invocation: Invocation, domain: str, entity: str, subdomain: str | None, *, dry_run: bool) -> Answer:
    """Takes a registration back. Raises as ``Registry.release_code``, and ``Refused`` while a file uses the code."""
    index = invocation.index()
    with invocation.registry() as registry, invocation.progress.step(f"Releasing the code of {entity}"):
        found = registry.release_code(domain, entity, subdomain=subdomain, dry_run=True)
        analysis = Analysis(invocation.settings, registry.state, index)
        users = files_of_code(analysis, found.domain, found.entity, found.table_code)
        refuse_used(found.entity, found.table_code, tuple(shown(each.uri, invocation.folder) for each in users))
        refuse_unknown_files(found.entity, found.table_code, invocation.unread)
        if not dry_run:
            found = registry.release_code(domain, entity, subdomain=found.subdomain.number, table_code=found.table_code)
    return Answer(released_to_json(found, released=not dry_run), domains.released(found, dry_run=dry_run))


def _refuse_unfollowed(invocation: Invocation, registry: Registry, request: EntityMove) -> None:
    """Refuses a move that the registry YAML could not follow, before anything is written."""
    refused = registry.refused_move_in_yaml(request)
    if refused is not None:
        _, name = invocation.registry_file(None)
        raise Refused(
            RefusalKind.CONFLICT,
            f"{request.entity} cannot be moved in {name}, so nothing was changed. {refused.message} "
            "With --no-update-yaml PostgreSQL alone is changed.",
        )
