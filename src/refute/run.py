"""Checking a project's claims, side by side on all cores, as `refute check` does."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from refute.claims import Claim
from refute.deciding.check import Checker
from refute.deciding.identity import Options
from refute.deciding.verdict import Verdict
from refute.project import Project, load


def check_project(
    project: Project, claims: Sequence[Claim], options: Options, *, jobs: int | None = None
) -> Iterator[Verdict]:
    """The verdict on each claim, in the order in which they are reached.

    Claims that share an observation are checked together, since they share its runs. `jobs` is the number of processes,
    by default one for each core. Raises ProjectError when a spec is not in order.
    """
    groups = _groups(claims)
    jobs = min(jobs or os.cpu_count() or 1, len(groups))
    if jobs <= 1:
        for ids in groups:
            yield from _check(project, ids, options)
        return
    spawn = multiprocessing.get_context("spawn")  # forking a process that has threads is not safe
    with ProcessPoolExecutor(jobs, mp_context=spawn) as pool:
        pending = [pool.submit(_check_elsewhere, project.root, ids, options) for ids in groups]
        try:
            for future in as_completed(pending):
                yield from future.result()
        finally:
            pool.shutdown(
                wait=False, cancel_futures=True
            )  # after an error, what has not begun is not worth waiting for


def _groups(claims: Iterable[Claim]) -> list[list[str]]:
    groups: dict[int, list[str]] = {}
    for claim in claims:
        groups.setdefault(id(claim.observe), []).append(claim.id)
    return list(groups.values())


def _check_elsewhere(root: Path, ids: Sequence[str], options: Options) -> list[Verdict]:
    return list(_check(load(root), ids, options))


def _check(project: Project, ids: Sequence[str], options: Options) -> Iterator[Verdict]:
    checker = Checker(options)
    for claim in project.claims:
        if claim.id in ids:
            yield checker.check(claim, project.implementation_of(claim))
