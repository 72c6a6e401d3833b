"""Checking a project's claims, side by side on all cores, as `refute check` does."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from refute.deciding.check import Checker
from refute.deciding.identity import Options
from refute.deciding.verdict import Verdict
from refute.project import Project, Trial, importing, load


def check_project(
    project: Project, trials: Sequence[Trial], options: Options, *, jobs: int | None = None
) -> Iterator[Verdict]:
    """The verdict of each trial, in the order in which they are reached.

    Claims that share an observation are checked together, since they share its runs. `jobs` is the number of processes,
    by default one for each core. Raises ProjectError when a spec is not in order.
    """
    groups = _groups(project, trials)
    jobs = min(jobs or os.cpu_count() or 1, len(groups))
    if jobs <= 1:
        for group in groups:
            yield from check_together(project, group, options)
        return
    spawn = multiprocessing.get_context("spawn")  # forking a process that has threads is not safe
    with ProcessPoolExecutor(jobs, mp_context=spawn) as pool:
        pending = [pool.submit(_check_elsewhere, project.root, group, options) for group in groups]
        try:
            for future in as_completed(pending):
                yield from future.result()
        finally:
            pool.shutdown(
                wait=False, cancel_futures=True
            )  # after an error, what has not begun is not worth waiting for


def _groups(project: Project, trials: Iterable[Trial]) -> list[list[Trial]]:
    groups: dict[tuple[int, str | None], list[Trial]] = {}
    for trial in trials:
        groups.setdefault((id(project.claim(trial.claim).observe), trial.other), []).append(trial)
    return list(groups.values())


def _check_elsewhere(root: Path, trials: Sequence[Trial], options: Options) -> list[Verdict]:
    others = {trial.other for trial in trials if trial.other is not None}
    return list(check_together(importing(load(root), others), trials, options))


def check_together(project: Project, trials: Iterable[Trial], options: Options) -> Iterator[Verdict]:
    """The verdicts of trials whose claims share an observation, and which try the same implementation."""
    checker = Checker(options)
    others: dict[str, Any] = {}
    for trial in trials:
        claim = project.claim(trial.claim)
        if trial.other is None:
            yield checker.check(claim, project.implementation_of(claim))
        else:
            if trial.other not in others:
                others[trial.other] = project.other_implementation(trial.other, claim)
            yield checker.check_other(claim, others[trial.other])
