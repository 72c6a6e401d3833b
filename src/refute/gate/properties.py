"""Which tests in a project's `properties/` speak of which claims."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from refute.claims import Claim
from refute.errors import ProjectError
from refute.gate import collector

MOST_SHOWN = 2_000  # characters of what pytest says
Properties = Mapping[str, Mapping[str, int]]  # by claim: how many cases of each test speak of it


def collect(root: Path, claims: Iterable[Claim], path: Iterable[str]) -> Properties:
    """The tests in `properties/` that speak of each claim: a parameter of the test is the claim, or has it as its
    `claim`, or the test is marked with ``@pytest.mark.claim(glob)``. A test that is always skipped speaks of none.

    The tests are collected by a pytest of their own, with the folders of `path` on its import path, and not run. Raises
    ProjectError for tests that cannot be collected.
    """
    ids = [claim.id for claim in claims]
    found: dict[str, Counter[str]] = {identifier: Counter() for identifier in ids}
    if (root / collector.FOLDER).is_dir():
        for test in _collected(root, path):
            spoken_of = {i for i in ids if i in test["claims"] or any(fnmatchcase(i, g) for g in test["globs"])}
            for identifier in spoken_of:
                found[identifier][test["test"]] += 1
    return {identifier: dict(sorted(tests.items())) for identifier, tests in found.items()}


def _collected(root: Path, path: Iterable[str]) -> list[dict[str, Any]]:
    ours = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    inherited = filter(None, [os.environ.get("PYTHONPATH")])
    with tempfile.TemporaryDirectory(prefix="refute-") as scratch:
        notes = Path(scratch, "properties.json")
        command = [
            sys.executable, "-m", "pytest", collector.FOLDER, "--collect-only", "--quiet",
            "-p", collector.__name__, collector.OPTION, str(notes), "-o", f"cache_dir={scratch}/cache",
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=root, env={**ours, "PYTHONPATH": os.pathsep.join([*path, *inherited])},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        said = done.stdout.decode("utf-8", "replace").strip()
        if not notes.is_file():
            raise _not_collected(root, said)
        collected = json.loads(notes.read_text(encoding="utf-8"))
    if collected["errors"]:
        raise _not_collected(root, "\n".join(collected["errors"]))
    tests: list[dict[str, Any]] = collected["tests"]
    return tests


def _not_collected(root: Path, said: str) -> ProjectError:
    return ProjectError(
        "the properties cannot be collected", expected="tests that pytest collects", got=said[-MOST_SHOWN:],
        where=str(root / collector.FOLDER), example=f"python -m pytest --collect-only {collector.FOLDER}",
    )  # fmt: skip
