"""Which buffers get SpecQL's mode and server, and which do not; where a workspace begins."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.editors.emacs.conftest import Start
from tests.support.workspaces import REGISTRY

TICKET = "entities/crm/ticket.yaml"


@pytest.mark.drives("attach")
@pytest.mark.parametrize(
    ("yaml_mode", "base"), [(True, "yaml-mode"), (False, "specql-plain-mode")], ids=["yaml-mode", "no yaml-mode"]
)
def test_an_entity_file_and_the_registry_attach(start: Start, workspace: Path, yaml_mode: bool, base: str) -> None:
    emacs = start(yaml_mode=yaml_mode)
    for name in (TICKET, REGISTRY):
        emacs.visit(workspace / name)
        assert emacs.here("major-mode") == "specql-mode"
        assert emacs.here(f"(and (derived-mode-p '{base}) t)") is True
        emacs.until(emacs.is_managed, "server")
    assert emacs.here("(length (hash-table-keys eglot--servers-by-project))") == 1
    assert emacs.here("(expand-file-name (project-root (eglot--project (eglot-current-server))))") == f"{workspace}/"
    emacs.until(lambda: "[YAML, read-only]" in emacs.mode_line(), "status in the mode line")


@pytest.mark.drives("attach")
@pytest.mark.parametrize("yaml_mode", [True, False], ids=["yaml-mode", "no yaml-mode"])
def test_other_yaml_keeps_its_mode(start: Start, workspace: Path, yaml_mode: bool) -> None:
    init = "(add-to-list 'auto-mode-alist '(\"\\\\.ya?ml\\\\'\" . yaml-mode))" if yaml_mode else ""
    emacs = start(yaml_mode=yaml_mode, init=init)
    texts = {
        "compose.yaml": "services:\n  entity:\n    image: entity\n",
        "values.yml": "domains:\n  - example.org\n",
        "notes.yaml": "# entity: Contact\nentity_name: x\nnot an entity: y\n",
        "prose.txt": "entity: Contact\n",
    }
    for name, text in texts.items():
        (workspace / name).write_text(text, encoding="utf-8")
        emacs.visit(workspace / name)
        expected = "text-mode" if name.endswith(".txt") else "yaml-mode" if yaml_mode else "fundamental-mode"
        assert emacs.here("major-mode") == expected
    emacs.visit(workspace / TICKET)
    emacs.until(emacs.is_managed, "server of the entity file")
    for name in texts:
        assert emacs.lisp(f'(with-current-buffer "{name}" (and (eglot-managed-p) t))') is None


def test_without_a_mark_the_folder_under_version_control_is_the_root(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    (folder / "models").mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    file = folder / "models" / "thing.yaml"
    file.write_text("entity: Thing\nschema: crm\n", encoding="utf-8")
    emacs = start(folder=folder)
    emacs.visit(file)
    emacs.until(emacs.is_managed, "server")
    assert emacs.here("(expand-file-name (project-root (eglot--project (eglot-current-server))))") == f"{folder}/"


def test_the_nearest_settings_file_is_the_root(start: Start, workspace: Path) -> None:
    subprocess.run(["git", "init", "--quiet", workspace], check=True)
    inner = workspace / "services" / "shop"
    inner.mkdir(parents=True)
    (inner / "specql-lsp.toml").write_text("", encoding="utf-8")
    (inner / "thing.yaml").write_text("entity: Thing\nschema: crm\n", encoding="utf-8")
    emacs = start()
    emacs.visit(inner / "thing.yaml")
    emacs.until(emacs.is_managed, "server")
    assert emacs.here("(expand-file-name (project-root (eglot--project (eglot-current-server))))") == f"{inner}/"


def test_a_missing_server_is_told(start: Start, workspace: Path) -> None:
    emacs = start(server=False)
    emacs.visit(workspace / TICKET)
    assert emacs.here("major-mode") == "specql-mode"
    emacs.until(lambda: "`specql-lsp' is not found" in emacs.messages().replace("‘", "`").replace("’", "'"), "sentence")
    assert "pip install specql-lsp" in emacs.messages()
    emacs.command("specql-status")
    emacs.until(lambda: "No SpecQL server runs for this buffer" in emacs.messages(), "refusal")


def test_the_small_mode_colours_and_indents(start: Start, workspace: Path) -> None:
    file = workspace / "entities" / "crm" / "thing.yaml"
    file.write_text("entity: Thing # it's\nnote: it's 5 o'clock # c\npath: a#b\ntext: 'x # y' # z\n", encoding="utf-8")
    emacs = start(yaml_mode=False)
    emacs.visit(file)
    emacs.lisp('(with-current-buffer "thing.yaml" (font-lock-ensure) t)')

    def face(text: str) -> str | None:
        found: str | None = emacs.here(
            f'(save-excursion (goto-char (point-min)) (search-forward "{text}")(get-text-property (1- (point)) \'face))'
        )
        return found

    assert face("entity") == "font-lock-variable-name-face"
    assert face("# it's") == "font-lock-comment-face"
    assert face("5 o'clock") is None
    assert face("# c") == "font-lock-comment-face"
    assert face("a#b") is None
    assert face("'x # y") == "font-lock-string-face"
    assert face("# z") == "font-lock-comment-face"
    emacs.type("\x1b>fields:\rname: text!\rage: integer")
    emacs.until(lambda: emacs.text().endswith("integer"), "typed text")
    assert emacs.text().endswith("fields:\n  name: text!\n  age: integer")
    assert emacs.here("(progn (comment-region (line-beginning-position) (line-end-position)) t)") is True
    assert emacs.text().endswith("  # age: integer")


def test_initialization_options_reach_the_server(start: Start, workspace: Path) -> None:
    emacs = start(init="""(setq specql-initialization-options '(:registry (:backend "in_memory")))""")
    emacs.visit(workspace / "entities/crm/campaign.yaml")
    emacs.until(lambda: "[in memory]" in emacs.mode_line(), "in-memory registry")


def test_settings_of_the_client_change_diagnostics(start: Start, workspace: Path) -> None:
    emacs = start(
        init="""(setq-default eglot-workspace-configuration
                              '(:specql (:diagnostics (:severity (:unknown-domain "off")))))"""
    )
    emacs.visit(workspace / "entities/crm/campaign.yaml")

    def follows() -> bool:
        """Whether the one finding is shown and the other is not: the first ones may be of before the settings."""
        found = " ".join(emacs.diagnostics())
        return "unregistered-table-code" in found and "unknown-domain" not in found

    emacs.until(follows, "diagnostics by the settings")
