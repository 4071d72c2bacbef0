"""Workspaces and databases for the tests of the command line: those of the end-to-end tests."""

from __future__ import annotations

from tests.e2e.conftest import filled_template, workspace, workspace_url

__all__ = ["filled_template", "workspace", "workspace_url"]
