"""``specql-lsp registry renumber`` in real git repositories: who keeps a code, what is written, what is not guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.support import answer, codes, refusal, run
from tests.support.git import FIRST_MOMENT, GitFolder

COMMAND = ("registry", "renumber")
REGISTRY = "registry/domain_registry.yaml"
HEAD = """\
# Ask the platform team first.
version: 1.0.0
domains:
  '2':
    name: crm
    description: Customers
    aliases: [sales]
    subdomains:
      '03':
        name: customer
        description: They buy
        next_entity_sequence: {counter}  # runs ahead
        entities:
"""
ENTRY = """\
          {name}:
            table_code: '{code}'
            entity_code: {short}
            assigned_at: '2026-01-20T10:02:30'
"""
FILE = """\
entity: {name}
schema: {schema}
organization:
  table_code: '{code}'  # ours
fields:
  name: text
"""


def registry(*entries: tuple[str, str], counter: int = 4) -> str:
    return HEAD.format(counter=counter) + "".join(
        ENTRY.format(name=name, code=code, short=name[:3].upper()) for name, code in entries
    )


def entity(name: str, code: str, schema: str = "crm") -> str:
    return FILE.format(name=name, code=code, schema=schema)


def path_of(name: str) -> str:
    return f"entities/{name.lower()}.yaml"


def add(repository: GitFolder, name: str, code: str, *others: tuple[str, str]) -> None:
    """An entity in a file of its own, and in the registry behind others."""
    repository.write(path_of(name), entity(name, code))
    repository.write(REGISTRY, registry(*others, (name, code)))


@pytest.fixture
def repository(tmp_path: Path) -> GitFolder:
    made = GitFolder(tmp_path / "team repository")
    made.folder.mkdir()
    made.begin()
    add(made, "Contact", "012031")
    made.commit("Begin")
    return made


@pytest.fixture
def merged(repository: GitFolder) -> GitFolder:
    """Main gave 012032 to Lead; a branch had given it to Deal an hour later; then they were merged."""
    repository.run("checkout", "--quiet", "-b", "deals")
    repository.run("checkout", "--quiet", "main")
    add(repository, "Lead", "012032", ("Contact", "012031"))
    repository.commit("Lead")
    repository.run("checkout", "--quiet", "deals")
    add(repository, "Deal", "012032", ("Contact", "012031"))
    repository.commit("Deal")
    repository.run("checkout", "--quiet", "main")
    repository.merge("deals")
    text = registry(("Contact", "012031"), ("Lead", "012032"), ("Deal", "012032"))
    repository.write(REGISTRY, text)  # the lines that both have alike are there once only
    repository.commit("Mend the merge")
    return repository


def registered(repository: GitFolder) -> dict[str, str]:
    """The codes in the registry YAML by entity, as PyYAML reads them."""
    text = (repository.folder / REGISTRY).read_text(encoding="utf-8")
    subdomain = yaml.safe_load(text)["domains"]["2"]["subdomains"]["03"]
    return {name: held["table_code"] for name, held in subdomain["entities"].items()}


def code_in(repository: GitFolder, name: str) -> str:
    text = (repository.folder / path_of(name)).read_text(encoding="utf-8")
    code: str = yaml.safe_load(text)["organization"]["table_code"]
    return code


def texts(repository: GitFolder) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in repository.folder.rglob("*.yaml")}


def undecided(repository: GitFolder, *options: str, url: str | None = None) -> str:
    """The sentence for the one code that is left to decide; nothing is changed."""
    before = texts(repository)
    found = answer(repository.folder, *COMMAND, *options, url=url, status=1)
    assert texts(repository) == before
    (left,) = found["undecided"]
    assert found["renumbered"] == []
    message: str = left["message"]
    return message


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


def crm(url: str, workspace: Path) -> GitFolder:
    """The fixture's workspace, with its registry in PostgreSQL, as a repository."""
    made = GitFolder(workspace).begin()
    made.commit("Begin")
    return made


def test_in_postgresql_the_registration_gets_a_free_code(workspace: Path, workspace_url: str) -> None:
    repository = crm(workspace_url, workspace)
    product = workspace / "entities/catalog/product.yaml"  # it has the code of Contact
    text = product.read_text(encoding="utf-8")
    product.unlink()
    repository.commit("Without")
    product.write_text(text, encoding="utf-8")
    repository.commit("Product")
    yaml_before = (workspace / "registry/domain_registry.yaml").read_bytes()
    product.write_text(text.replace("Product", "Gadget"), encoding="utf-8")
    (left,) = answer(workspace, *COMMAND, url=workspace_url, status=1)["undecided"]
    assert left["kind"] == "unknown-subdomain"
    assert left["message"] == (
        "The code does not say which subdomain of catalog Gadget belongs to: allocate its code yourself."
    )
    product.write_text(text, encoding="utf-8")
    found = answer(workspace, *COMMAND, url=workspace_url)
    (row,) = found["renumbered"]
    # It has a code of its own in the registry.
    assert (found["registry"], row["entity"], row["tableCode"]) == ("postgresql", "Product", "013031")
    assert codes(workspace_url, "Product") == ["013031"] and "'013031'" in product.read_text(encoding="utf-8")
    lead = workspace / "entities/crm/lead.yaml"
    lead.write_text('entity: Lead\nschema: crm\norganization: {table_code: "012031"}\n', encoding="utf-8")
    preview = answer(workspace, *COMMAND, "--dry-run", url=workspace_url)
    assert codes(workspace_url, "Lead") == []
    (row,) = answer(workspace, *COMMAND, url=workspace_url)["renumbered"]
    assert (row["entity"], row["keeps"]) == ("Lead", "Contact")
    assert codes(workspace_url, "Lead") == [row["tableCode"]] == [preview["renumbered"][0]["tableCode"]]
    assert codes(workspace_url, "Contact") == ["012031"]
    assert lead.read_text(encoding="utf-8").endswith(f'{{table_code: "{row["tableCode"]}"}}\n')
    assert (workspace / "registry/domain_registry.yaml").read_bytes() == yaml_before


def test_in_postgresql_a_registered_entity_is_renumbered_in_its_subdomain(workspace: Path, workspace_url: str) -> None:
    repository = crm(workspace_url, workspace)
    (workspace / "entities/catalog/product.yaml").unlink()
    lead = workspace / "entities/crm/lead.yaml"
    contact = workspace / "entities/crm/contact.yaml"
    text = contact.read_text(encoding="utf-8")
    contact.unlink()
    registry_file = workspace / "registry/domain_registry.yaml"
    registry_text = registry_file.read_text(encoding="utf-8")
    registry_file.write_text(registry_text.replace("'012031'", "'012039'"), encoding="utf-8")
    repository.run("rm", "-rf", "--cached", "--quiet", ".")
    repository.run("update-ref", "-d", "HEAD")
    lead.write_text(entity("Lead", "012031"), encoding="utf-8")
    repository.commit("Lead")
    contact.write_text(text, encoding="utf-8")
    registry_file.write_text(registry_text, encoding="utf-8")
    repository.commit("Contact")
    (row,) = answer(workspace, *COMMAND, url=workspace_url)["renumbered"]
    assert (row["entity"], row["keeps"], row["subdomain"]["name"]) == ("Contact", "Lead", "customer")
    assert codes(workspace_url, "Contact") == [row["tableCode"]] and row["tableCode"].startswith("01203")
    assert f"'{row['tableCode']}'" in contact.read_text(encoding="utf-8")


def test_postgresql_that_is_away_is_not_replaced_by_the_yaml(merged: GitFolder) -> None:
    before = texts(merged)
    kind, _ = refusal(merged.folder, *COMMAND, url="postgresql://nobody@127.0.0.1:1/registry")
    assert kind == "registry-read-only" and texts(merged) == before
