"""``registry renumber`` in repositories that know little, mislead or are damaged: nothing is guessed."""

from __future__ import annotations

from pathlib import Path

from tests.cli.renumber_support import (
    COMMAND,
    REGISTRY,
    add,
    entity,
    path_of,
    texts,
    undecided,
)
from tests.cli.renumber_support import merged as merged
from tests.cli.renumber_support import repository as repository
from tests.cli.support import answer, refusal
from tests.support.git import GitFolder


def test_a_shallow_clone_says_what_it_does_not_know(merged: GitFolder, tmp_path: Path) -> None:
    clone = GitFolder(tmp_path / "clone")
    clone.folder.mkdir()
    clone.run("clone", "--quiet", "--depth", "1", merged.folder.as_uri(), ".")
    assert undecided(clone).startswith("The history of this clone is cut off before they got the code. Fetch the whole")
    _, message = refusal(clone.folder, *COMMAND, "--base", "HEAD~1", status=2)
    assert message.endswith("It may be beyond what this shallow clone has: git fetch --unshallow.")
    clone.write(path_of("Note"), entity("Note", "012031"))
    rows = answer(clone.folder, *COMMAND, status=1)["renumbered"]
    assert [row["entity"] for row in rows] == ["Note"]  # what is committed is older than what is not
    clone.run("fetch", "--quiet", "--unshallow")
    assert [row["entity"] for row in answer(clone.folder, *COMMAND)["renumbered"]] == ["Deal"]


def test_a_workspace_in_a_folder_of_a_repository(tmp_path: Path) -> None:
    whole = GitFolder(tmp_path).begin()
    inner = GitFolder(tmp_path / "services" / "crm")
    inner.folder.mkdir(parents=True)
    add(inner, "Contact", "012031")
    whole.commit("Begin")
    inner.write(path_of("Person"), entity("Person", "012031"))
    whole.commit("Person")
    (row,) = answer(inner.folder, *COMMAND)["renumbered"]
    assert (row["entity"], row["files"]) == ("Person", ["entities/person.yaml"])


def test_without_git_or_outside_of_a_repository(repository: GitFolder, tmp_path: Path) -> None:
    repository.write(path_of("Person"), entity("Person", "012031"))
    _, message = refusal(repository.folder, *COMMAND, status=2, PATH=str(tmp_path / "nothing"))
    assert message.startswith("git is not installed, or not in PATH: ")
    (repository.folder / ".git").rename(tmp_path / "elsewhere")
    kind, message = refusal(repository.folder, *COMMAND, status=2, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert kind == "git-unavailable"
    assert message == (
        f"{repository.folder} is in no git repository that can be read: which of two entities came in later is read "
        "from its history."
    )
    # Where there is nothing to decide, git is not asked.
    (repository.folder / path_of("Person")).unlink()
    assert answer(repository.folder, *COMMAND, PATH=str(tmp_path / "nothing"))["renumbered"] == []


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    empty = GitFolder(tmp_path).begin()
    add(empty, "Contact", "012031")
    empty.write(path_of("Person"), entity("Person", "012031"))
    assert undecided(empty).startswith("Contact and Person are not committed yet.")


def test_files_that_git_does_not_keep_are_not_guessed_about(repository: GitFolder) -> None:
    repository.write(".gitignore", "generated/\n")
    repository.write("generated/person.yaml", entity("Person", "012031"))
    repository.commit("Ignore")
    assert undecided(repository).startswith("The file of Person is not in this git repository. Name the branch")


def test_a_repository_that_is_damaged_decides_nothing(merged: GitFolder) -> None:
    tree = merged.run("rev-parse", "HEAD^{tree}").strip()
    (merged.folder / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    before = texts(merged)
    kind, message = refusal(merged.folder, *COMMAND, status=2)
    assert kind == "git-unavailable" and message.startswith("git grep failed: ")
    assert texts(merged) == before


def test_no_program_that_the_repository_names_is_run(merged: GitFolder, tmp_path: Path) -> None:
    trap, ran = tmp_path / "trap", tmp_path / "ran"
    trap.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    trap.chmod(0o755)
    for setting in (
        "core.pager",
        "core.fsmonitor",
        "diff.external",
        "diff.trap.textconv",
        "gpg.program",
        "core.editor",
    ):
        merged.run("config", setting, str(trap))
    merged.run("config", "log.showSignature", "true")
    (merged.folder / ".git" / "info" / "attributes").write_text("*.yaml diff=trap\n")
    (row,) = answer(merged.folder, *COMMAND, "--dry-run")["renumbered"]
    assert row["entity"] == "Deal"
    assert not ran.exists()


def test_variables_of_another_repository_do_not_mislead(merged: GitFolder, tmp_path: Path) -> None:
    other = str(tmp_path / "x")
    (row,) = answer(merged.folder, *COMMAND, "--dry-run", GIT_DIR=other, GIT_WORK_TREE=other, GIT_INDEX_FILE=other)[
        "renumbered"
    ]
    assert row["entity"] == "Deal"


def test_a_registry_with_conflict_markers_is_not_changed(merged: GitFolder) -> None:
    text = (merged.folder / REGISTRY).read_text(encoding="utf-8")
    merged.write(REGISTRY, text + "<<<<<<< HEAD\n=======\n>>>>>>> deals\n")
    before = texts(merged)
    kind, _ = refusal(merged.folder, *COMMAND, status=2)
    assert kind == "registry-unavailable" and texts(merged) == before
