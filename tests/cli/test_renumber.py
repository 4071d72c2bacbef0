"""``specql-lsp registry renumber`` in real git repositories: who keeps a code, and what is written."""

from __future__ import annotations

from tests.cli.renumber_support import (
    COMMAND,
    REGISTRY,
    add,
    code_in,
    entity,
    path_of,
    registered,
    registry,
    texts,
    undecided,
)
from tests.cli.renumber_support import merged as merged
from tests.cli.renumber_support import repository as repository
from tests.cli.support import answer, refusal, run
from tests.support.git import FIRST_MOMENT, GitFolder


def test_both_ends_have_the_finding(merged: GitFolder) -> None:
    done = run(merged.folder, "check", "--format", "json")
    assert done.returncode == 1
    assert done.stdout.count('"table-code-taken"') == 4  # both files, both entries of the registry YAML


def test_the_later_one_gets_a_free_code_in_registry_and_file(merged: GitFolder) -> None:
    before = texts(merged)
    preview = answer(merged.folder, *COMMAND, "--dry-run")
    assert texts(merged) == before
    (row,) = preview["renumbered"]
    assert row == {
        "entity": "Deal",
        "domain": {"number": "2", "name": "crm"},
        "subdomain": {"number": "03", "name": "customer"},
        "previousTableCode": "012032",
        "tableCode": "012033",
        "keeps": "Lead",
        "files": ["entities/deal.yaml"],
    }
    assert (preview["undecided"], preview["base"], preview["dryRun"], preview["registry"]) == ([], None, True, "yaml")
    shown = run(merged.folder, *COMMAND, "--dry-run")
    assert shown.stdout == (
        "Deal: 012032 → 012033 in crm / customer (entities/deal.yaml). Lead keeps 012032.\n\n"
        "1 entity would get another code. Nothing was changed.\n"
    )
    done = run(merged.folder, *COMMAND)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\n1 entity got another code.\n")
    assert registered(merged) == {"Contact": "012031", "Lead": "012032", "Deal": "012033"}
    assert (code_in(merged, "Lead"), code_in(merged, "Deal")) == ("012032", "012033")
    # Nothing else has changed: comments, counter, the other entities.
    text = before[merged.folder / REGISTRY].decode()
    head, tail = text.split("          Deal:\n")
    new = head + "          Deal:\n" + tail.replace("012032", "012033")
    assert (merged.folder / REGISTRY).read_text(encoding="utf-8") == new
    assert (merged.folder / path_of("Deal")).read_text(encoding="utf-8") == entity("Deal", "012033")
    assert run(merged.folder, *COMMAND).stdout == "Every table code is one entity's: nothing to do.\n"
    assert '"table-code-taken"' not in run(merged.folder, "check", "--format", "json").stdout


def test_the_direction_of_the_merge_does_not_matter(repository: GitFolder) -> None:
    repository.run("checkout", "--quiet", "-b", "deals")
    add(repository, "Deal", "012032", ("Contact", "012031"))
    repository.commit("Deal")
    repository.run("checkout", "--quiet", "main")
    add(repository, "Lead", "012032", ("Contact", "012031"))
    repository.commit("Lead")
    repository.run("checkout", "--quiet", "deals")
    repository.merge("main")
    repository.write(REGISTRY, registry(("Contact", "012031"), ("Deal", "012032"), ("Lead", "012032")))
    repository.commit("Mend the merge")
    (row,) = answer(repository.folder, *COMMAND)["renumbered"]
    assert (row["entity"], row["keeps"]) == ("Lead", "Deal")


def test_with_a_base_what_is_not_in_it_is_the_later_one(merged: GitFolder) -> None:
    (row,) = answer(merged.folder, *COMMAND, "--base", "deals", "--dry-run")["renumbered"]
    assert (row["entity"], row["keeps"]) == ("Lead", "Deal")
    (row,) = answer(merged.folder, *COMMAND, "--base", "main~2")["renumbered"]
    assert (row["entity"], row["keeps"]) == ("Deal", "Lead")


def test_what_a_base_does_not_decide_is_listed(merged: GitFolder) -> None:
    assert undecided(merged, "--base", "main~3") == "None of them has it in main~3: change one of the codes yourself."
    assert undecided(merged, "--base", "HEAD") == (
        "Deal and Lead have it in HEAD, too: change one of the codes yourself."
    )
    kind, message = refusal(merged.folder, *COMMAND, "--base", "-x; rm", status=2)
    assert (kind, message) == ("unknown-revision", "'-x; rm' names no commit of this repository.")


def test_moved_files_and_renamed_folders_keep_their_age(merged: GitFolder) -> None:
    merged.run("mv", path_of("Lead"), "entities/a lead; with\nodd 'name'.yaml")
    merged.commit("Move")
    merged.run("mv", "entities", "models")
    merged.commit("Move the folder")
    (row,) = answer(merged.folder, *COMMAND, "--dry-run")["renumbered"]
    assert (row["entity"], row["files"]) == ("Deal", ["models/deal.yaml"])
    # Not committed yet, and without git's help.
    (merged.folder / "models").rename(merged.folder / "more")
    (row,) = answer(merged.folder, *COMMAND, "--dry-run")["renumbered"]
    assert (row["entity"], row["files"]) == ("Deal", ["more/deal.yaml"])


def test_a_file_that_was_made_from_another_one_is_the_later_one(repository: GitFolder) -> None:
    text = (repository.folder / path_of("Contact")).read_text(encoding="utf-8")
    repository.write(path_of("Person"), text.replace("Contact", "Person"))
    repository.commit("Person")
    (row,) = answer(repository.folder, *COMMAND)["renumbered"]
    assert (row["entity"], row["keeps"], row["tableCode"]) == ("Person", "Contact", "012032")
    # It is registered from now on, so that its code is not given to others.
    assert registered(repository) == {"Contact": "012031", "Person": "012032"}
    assert code_in(repository, "Person") == "012032"


def test_what_is_not_committed_is_the_later_one(repository: GitFolder) -> None:
    repository.write(path_of("Person"), entity("Person", "012031"))
    (row,) = answer(repository.folder, *COMMAND, "--dry-run")["renumbered"]
    assert (row["entity"], row["keeps"]) == ("Person", "Contact")
    repository.write(path_of("Deal"), entity("Deal", "012039"))
    repository.write(path_of("Lead"), entity("Lead", "012039"))
    found = answer(repository.folder, *COMMAND, "--dry-run", status=1)
    (left,) = found["undecided"]
    assert left["entities"] == ["Deal", "Lead"] and left["tableCode"] == "012039"
    assert left["message"].startswith("Deal and Lead are not committed yet. Name the branch")


def test_during_a_merge_both_sides_count(repository: GitFolder) -> None:
    repository.run("checkout", "--quiet", "-b", "deals")
    repository.write(path_of("Deal"), entity("Deal", "012032"))
    repository.commit("Deal")
    repository.run("checkout", "--quiet", "main")
    repository.write(path_of("Lead"), entity("Lead", "012032"))
    repository.commit("Lead")
    repository.run("merge", "--quiet", "--no-commit", "--no-ff", "deals")
    (row,) = answer(repository.folder, *COMMAND, "--dry-run")["renumbered"]
    assert (row["entity"], row["keeps"]) == ("Lead", "Deal")


def test_one_commit_or_one_moment_decides_nothing(repository: GitFolder) -> None:
    repository.write(path_of("Deal"), entity("Deal", "012039"))
    repository.write(path_of("Lead"), entity("Lead", "012039"))
    repository.commit("Both")
    assert undecided(repository).startswith("They got the code at the same time.")


def test_an_ancestor_is_earlier_whatever_the_clocks_say(repository: GitFolder) -> None:
    repository.write(path_of("Deal"), entity("Deal", "012039"))
    repository.commit("Deal", at=FIRST_MOMENT + 900_000)
    repository.write(path_of("Lead"), entity("Lead", "012039"))
    repository.commit("Lead", at=FIRST_MOMENT + 800_000)
    (row,) = answer(repository.folder, *COMMAND, "--dry-run")["renumbered"]
    assert (row["entity"], row["keeps"]) == ("Lead", "Deal")


def test_a_code_that_was_given_up_meanwhile_does_not_count(repository: GitFolder) -> None:
    repository.write(path_of("Deal"), entity("Deal", "012039"))
    repository.commit("Deal")
    repository.write(path_of("Deal"), entity("Deal", "012038"))
    repository.commit("Give up")
    repository.write(path_of("Lead"), entity("Lead", "012039"))
    repository.commit("Lead")
    repository.write(path_of("Deal"), entity("Deal", "012039"))
    repository.commit("Take it back")
    (row,) = answer(repository.folder, *COMMAND, "--dry-run")["renumbered"]
    assert (row["entity"], row["keeps"]) == ("Deal", "Lead")


def test_three_entities_of_one_code(merged: GitFolder) -> None:
    merged.write(path_of("Note"), entity("Note", "012032", schema="sales"))
    merged.commit("Note")
    rows = answer(merged.folder, *COMMAND)["renumbered"]
    assert {row["entity"]: row["tableCode"] for row in rows} == {"Deal": "012033", "Note": "012034"}
    assert registered(merged) == {"Contact": "012031", "Lead": "012032", "Deal": "012033", "Note": "012034"}


def test_an_entity_that_was_renamed_by_hand_is_no_other_entity(repository: GitFolder) -> None:
    repository.write(path_of("Contact"), entity("Person", "012031"))
    repository.commit("Rename")
    assert undecided(repository) == (
        "It is registered to Contact, which no file defines, and used by Person: if that is the new name, run "
        "specql-lsp domain rename-entity 2 Contact Person."
    )


def test_what_gets_no_code_is_listed_with_its_reason(repository: GitFolder) -> None:
    repository.write(path_of("Person"), entity("Person", "012031", schema="nowhere"))
    repository.commit("Person")
    found = answer(repository.folder, *COMMAND, status=1)
    (left,) = found["undecided"]
    assert left["kind"] == "unknown-domain" and "no domain 'nowhere'" in left["message"]
