"""Running the gate: the claims are checked and the properties collected side by side, then the rules are asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from refute.claims import Claim
from refute.configuration import bundled
from refute.deciding.verdict import Verdict
from refute.errors import ProjectError
from refute.gate.findings import Finding, Outcome, Rule, place_of_text
from refute.gate.lock import NAME, Lock, lock_of, read_lock, write_lock
from refute.gate.properties import Properties, collect
from refute.gate.rules import findings_of_lock, findings_of_verdicts, gains
from refute.project import Project, Trial, load, with_others

UNSOUND = frozenset({Rule.REFUTED, Rule.UNDECIDED, Rule.VACUOUS, Rule.NO_PROPERTY})  # nothing to hold a project to

Check = Callable[[Project, Sequence[Trial]], Sequence[Verdict]]


def pass_gate(start: Path, check: Check, *, update: bool = False) -> Outcome:
    """What the gate finds in the project to which the folder `start` belongs; `check` gives the verdict of each trial.

    With `update` the project's lock is written, unless a claim does not stand or has no property. Raises ProjectError
    for a project that is not in order, and where there is none.
    """
    began = time.perf_counter()
    project = with_others(load(start))
    if not start.resolve().is_relative_to(project.root):  # the one that comes with refute is nobody's to guard
        raise ProjectError(
            "there is no claim project here", expected="a folder whose pyproject.toml has a [tool.refute] table",
            got="none in this folder or above it", where=str(start), example='[tool.refute] with name = "softmax"',
        )  # fmt: skip
    locked = read_lock(project.root)
    selected = project.select()
    claims = _with_locked(project, selected, locked or {})
    with ThreadPoolExecutor(1) as beside:
        collected = beside.submit(_properties, project, claims)
        verdicts = check(project, project.trials(claims))
        properties = collected.result()
    now = lock_of(claims, verdicts, properties)
    found = list(findings_of_verdicts(project, verdicts, properties))
    written = update and not any(finding.rule in UNSOUND for finding in found)
    if written:
        locked = _to_write(project, selected, now, locked or {})
        write_lock(project.root, locked)
    if locked is None:
        found.append(_no_lock(project))
    else:
        found += findings_of_lock(project, verdicts, locked, now)
    return Outcome(
        project,
        verdicts,
        findings=_once(found),
        gains=() if locked is None or written else tuple(gains(locked, now)),
        written=written if update else None,
        seconds=time.perf_counter() - began,
    )


def _once(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The first finding of each rule on each claim and implementation."""
    first: dict[tuple[Rule, str, str], Finding] = {}
    for finding in findings:
        first.setdefault((finding.rule, finding.claim, finding.implementation), finding)
    return tuple(first.values())


def _properties(project: Project, claims: Sequence[Claim]) -> Properties:
    base = bundled() if project.settings.extends is not None else None
    return collect(project.root, claims, [str(folder) for folder in (base, project.root) if folder is not None])


def _with_locked(project: Project, selected: Sequence[Claim], locked: Lock) -> Sequence[Claim]:
    """The selected claims, and of a project whose implementations select them, those that they selected once."""
    if project.settings.extends is None or project.settings.claims:
        return selected
    return [claim for claim in project.claims if claim in selected or claim.id in locked]


def _to_write(project: Project, selected: Sequence[Claim], now: Lock, locked: Lock) -> Lock:
    """What is so now, and what was locked of implementations that cannot be imported here."""
    kept = {
        identifier: {name: strength for name, strength in entry.by.items() if name in project.missing}
        for identifier, entry in locked.items()
    }
    ids = {claim.id for claim in selected} | {identifier for identifier, by in kept.items() if by}
    return {
        identifier: replace(entry, by={**kept.get(identifier, {}), **entry.by})
        for identifier, entry in now.items()
        if identifier in ids
    }


def _no_lock(project: Project) -> Finding:
    return Finding(
        Rule.NO_LOCK, "", "", f"there is no {NAME}, so nothing can be seen to grow weaker",
        f"run `refute gate --update`, and commit {NAME}",
        (place_of_text(project.root / "pyproject.toml", "[tool.refute]"),),
    )  # fmt: skip
