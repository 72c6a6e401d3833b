"""A pytest plugin that notes which claims the collected tests speak of. It runs in a pytest of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from refute.claims import Claim
from refute.pytest_plugin import CLAIM_MARKER

FOLDER = "properties"
OPTION = "--refute-properties"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Called by pytest: the file to write."""
    parser.addoption(OPTION, metavar="FILE", required=True, help="Where to write which claims the tests speak of.")


def pytest_configure(config: pytest.Config) -> None:
    """Called by pytest: the marker, and who takes notes."""
    config.addinivalue_line("markers", CLAIM_MARKER)
    config.pluginmanager.register(_Notes(Path(config.getoption(OPTION))))


class _Notes:
    """Writes ``{"tests": [{"test", "claims", "globs"}, ...], "errors": [...]}``."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._errors: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._errors.append(report.longreprtext)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        folder = session.config.invocation_params.dir / FOLDER
        items = [item for item in session.items if item.path.is_relative_to(folder)]  # not the claims as tests
        tests = [_note(item, folder) for item in items if item.get_closest_marker("skip") is None]
        self._file.write_text(json.dumps({"tests": tests, "errors": self._errors}), encoding="utf-8")


def _note(item: pytest.Item, folder: Path) -> dict[str, Any]:
    callspec = getattr(item, "callspec", None)
    test = item.nodeid.partition("::")[2].partition("[")[0]
    return {
        "test": f"{item.path.relative_to(folder).as_posix()}::{test}",
        "claims": [] if callspec is None else sorted({c for value in callspec.params.values() for c in _claims(value)}),
        "globs": [str(glob) for mark in item.iter_markers("claim") for glob in mark.args],
    }


def _claims(value: object) -> Iterator[str]:
    """The id of the claim that a parameter of a test is, or has as its `claim`."""
    for candidate in (value, getattr(value, "claim", None)):
        if isinstance(candidate, Claim):
            yield candidate.id
        elif isinstance(candidate, str) and candidate is not value:
            yield candidate
