"""What all tests share: the Hypothesis profile, and claim projects made up for a test."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import settings

settings.register_profile("refute", deadline=None)  # how long an example takes depends on the machine's load
settings.load_profile("refute")

MakeProject = Callable[[Mapping[str, str]], Path]


def is_project_module(name: str) -> bool:
    """Whether a module may be of a claim project that a test made up."""
    return name.partition(".")[0] in {"specs", "impl", "mine", "mine_too"}


@pytest.fixture
def own_imports(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No `specs`, `impl` or `mine` is loaded before the test; what it loads or adds to `sys.path` is gone after it."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = {name: module for name, module in sys.modules.items() if is_project_module(name)}
    for name in before:
        del sys.modules[name]
    yield
    for name in filter(is_project_module, list(sys.modules)):
        del sys.modules[name]
    sys.modules.update(before)


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Writes a claim project, files by their paths in it, and returns its root."""

    def make(files: Mapping[str, str]) -> Path:
        root = tmp_path / "project"
        for path, text in {"pyproject.toml": '[tool.refute]\nname = "other"\n', **files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(dedent(text), encoding="utf-8")
        return root

    return make
