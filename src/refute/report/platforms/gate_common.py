"""What the platforms' formats of the gate share: places as a repository has them, and what is said of a finding."""

from __future__ import annotations

from pathlib import Path

from refute.gate.findings import Finding, Outcome, Place, place_of_text
from refute.report.words import visible


def repository_of(root: Path) -> Path:
    """The root of the repository that a project lies in, from which the platforms count; else the project's own."""
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)


def places_of(finding: Finding, outcome: Outcome) -> list[tuple[str, int]]:
    """The finding's places in the repository, as paths from its root and lines, or else where the project is set up."""
    root = outcome.project.root
    repository = repository_of(root)
    inside = [place for place in finding.places if place.file.is_relative_to(repository)]
    home = place_of_text(root / "pyproject.toml", "[tool.refute]")
    return [_relative(place, repository) for place in inside or [home]]


def _relative(place: Place, repository: Path) -> tuple[str, int]:
    return place.file.relative_to(repository).as_posix(), place.line


def said_of(finding: Finding) -> str:
    """What is wrong and what to do, with nothing hidden in it: an implementation may have put any text there."""
    return visible(f"{finding.message}\n{finding.advice}")
