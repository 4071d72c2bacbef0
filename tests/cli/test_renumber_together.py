"""``registry renumber``: registry, YAML and files change together or not at all; a killed run can be run again."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import yaml

from tests.cli.renumber_support import COMMAND, entity
from tests.cli.support import NOT_IN_YAML, answer, codes, environment, run
from tests.support.forks import run_forked
from tests.support.git import GitFolder

REGISTRY = "registry/domain_registry.yaml"
LIKEWISE = f"specql-lsp: {REGISTRY} was changed likewise.\n"
NAMES = ("Lead", "Deal")
MERGED = """\
          Lead:  # of the sales branch
            table_code: '012031'
            entity_code: LED
            assigned_at: '2026-03-01T10:00:00'
"""


def file_of(workspace: Path, name: str) -> Path:
    return workspace / f"entities/crm/{name.lower()}.yaml"


@pytest.fixture
def merged(workspace: Path, workspace_url: str) -> Path:
    """Lead and Deal came in with Contact's code; Lead, which the YAML has, is not in PostgreSQL yet."""
    (workspace / "entities/catalog/product.yaml").unlink()
    repository = GitFolder(workspace).begin()
    repository.commit("Begin")
    path = workspace / REGISTRY
    text = path.read_text(encoding="utf-8")
    place = "          Company:\n"
    assert text.count(place) == 1
    path.write_text(text.replace(place, MERGED + place), encoding="utf-8")
    for name in NAMES:
        file_of(workspace, name).write_text(entity(name, "012031"), encoding="utf-8")
    repository.commit("Merge")
    return workspace


def texts(workspace: Path) -> dict[str, str]:
    """Every file of the workspace, those of git not."""
    found = (path for path in workspace.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(workspace).as_posix(): path.read_text(encoding="utf-8") for path in found}


def in_yaml(workspace: Path) -> dict[str, str]:
    registry = yaml.safe_load((workspace / REGISTRY).read_text(encoding="utf-8"))
    held = registry["domains"]["2"]["subdomains"]["03"]["entities"]
    return {name: each["table_code"] for name, each in held.items()}


def in_file(workspace: Path, name: str) -> str:
    code: str = yaml.safe_load(file_of(workspace, name).read_text(encoding="utf-8"))["organization"]["table_code"]
    return code


def test_registry_yaml_and_files_change_together(merged: Path, workspace_url: str) -> None:
    before = texts(merged)
    preview = answer(merged, *COMMAND, "--dry-run", "--update-yaml", url=workspace_url)
    assert texts(merged) == before and preview["yamlChanged"] is False
    done = run(merged, *COMMAND, "--update-yaml", url=workspace_url)
    assert (done.returncode, done.stderr) == (0, LIKEWISE)
    new = {row["entity"]: row["tableCode"] for row in preview["renumbered"]}
    assert set(new) == set(NAMES)
    for name in NAMES:
        assert codes(workspace_url, name) == [new[name]] == [in_file(merged, name)]
    assert in_yaml(merged) == {"Contact": "012031", "Company": "012032", **new}
    after = texts(merged)
    # The entry that was there keeps its place, its comment and its other values.
    entry = MERGED.replace("012031", new["Lead"])
    assert entry in after[REGISTRY]
    assert set(after) == set(before)
    report = answer(merged, "registry", "verify", url=workspace_url)
    assert report["consistent"]
    again = answer(merged, *COMMAND, "--update-yaml", url=workspace_url)
    assert (again["renumbered"], again["yamlChanged"]) == ([], False)
    assert texts(merged) == after


def test_the_setting_decides_and_what_is_left_is_said(merged: Path, workspace_url: str) -> None:
    before = texts(merged)
    done = run(merged, *COMMAND, url=workspace_url)
    assert (done.returncode, done.stderr) == (0, NOT_IN_YAML)
    assert texts(merged)[REGISTRY] == before[REGISTRY]
    assert in_yaml(merged)["Lead"] == "012031" != in_file(merged, "Lead")
    # The YAML alone has the shared code now: the next run that is to keep it in step mends it.
    (merged / "specql-lsp.toml").write_text('[registry]\nupdateYaml = "always"\n')
    done = run(merged, *COMMAND, url=workspace_url)
    assert (done.returncode, done.stderr) == (0, LIKEWISE)
    assert in_yaml(merged)["Lead"] == in_file(merged, "Lead")


def test_never_is_silent(merged: Path, workspace_url: str) -> None:
    done = run(merged, *COMMAND, "--no-update-yaml", url=workspace_url)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_registry_yaml_there_is_nothing_to_keep_in_step(merged: Path, workspace_url: str) -> None:
    (merged / REGISTRY).unlink()
    done = run(merged, *COMMAND, "--update-yaml", url=workspace_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (merged / REGISTRY).exists()


def unreadable_registry(workspace: Path) -> None:
    (workspace / REGISTRY).write_text("domains: [", encoding="utf-8")


def shared_anchor(workspace: Path) -> None:
    text = "entity: Deal\nschema: crm\norganization: {table_code: &c '012031'}\nnote: *c\n"
    file_of(workspace, "Deal").write_text(text, encoding="utf-8")


def name_too_long(workspace: Path) -> None:
    """The file can be read, but there is no place beside it: names have 255 bytes at most."""
    file_of(workspace, "Deal").rename(file_of(workspace, "d" * 245))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (unreadable_registry, "--no-update-yaml leaves"),
        (shared_anchor, "write it out there"),
        (name_too_long, "File name too long"),
    ],
)
def test_a_file_that_cannot_be_changed_keeps_everything_as_it_was(
    merged: Path, workspace_url: str, damage: Callable[[Path], None], words: str
) -> None:
    damage(merged)
    before = texts(merged)
    done = run(merged, *COMMAND, "--update-yaml", url=workspace_url)
    assert done.returncode in {1, 2} and words in done.stderr, done.stderr
    assert "othing was changed" in done.stderr
    assert texts(merged) == before
    assert codes(workspace_url, "Lead") == codes(workspace_url, "Deal") == []


@pytest.mark.parametrize("with_yaml", [True, False])
def test_a_run_that_is_killed_can_be_run_again(merged: Path, workspace_url: str, *, with_yaml: bool) -> None:
    option = "--update-yaml" if with_yaml else "--no-update-yaml"
    states: set[tuple[bool, bool, int]] = set()
    old = texts(merged)
    for number in range(50):
        command = ["tests.support.killed_program", str(merged), str(number), *COMMAND, option]
        killed = run_forked(command, merged, environment(workspace_url))
        if killed.returncode == 0:
            break
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        is_registered = bool(codes(workspace_url, "Lead"))
        changed = [name for name in old if texts(merged)[name] != old[name]]
        assert is_registered or not changed, "no file has a code that the registry has not given"
        states.add((is_registered, REGISTRY in changed, len(changed)))
        done = run(merged, *COMMAND, option, url=workspace_url)
        assert done.returncode == 0, done.stderr
        for name in NAMES:
            (code,) = codes(workspace_url, name)
            assert code == in_file(merged, name) != "012031"
            if with_yaml:
                assert in_yaml(merged)[name] == code
        for path, text in old.items():
            (merged / path).write_text(text, encoding="utf-8")
        _release(workspace_url)
    else:
        pytest.fail("the run never came to its end")
    files = len(NAMES) + with_yaml
    assert (False, False, 0) in states, "killed before the registry was changed"
    assert {count for registered, _, count in states if registered} == set(range(files)), "and between all files"


def _release(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "DELETE FROM specql_registry.tb_entity_registration WHERE entity_name = ANY(%s)", ([*NAMES],)
        )


def test_where_the_yaml_is_the_registry_a_killed_run_can_be_run_again(merged: Path) -> None:
    old = texts(merged)
    seen: set[int] = set()
    for number in range(50):
        killed = run_forked(["tests.support.killed_program", str(merged), str(number), *COMMAND], merged, environment())
        if killed.returncode == 0:
            break
        seen.add(sum(texts(merged)[name] != old[name] for name in old))
        assert run(merged, *COMMAND).returncode == 0
        for name in NAMES:
            assert in_yaml(merged)[name] == in_file(merged, name) != "012031"
        for path, text in old.items():
            (merged / path).write_text(text, encoding="utf-8")
    else:
        pytest.fail("the run never came to its end")
    assert seen == {0, 1, 2}
