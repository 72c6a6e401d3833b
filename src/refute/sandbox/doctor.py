"""What isolation this machine has, tried for real."""

from __future__ import annotations

import json
import platform
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from refute.errors import UsageError
from refute.sandbox import cgroup, seccomp
from refute.sandbox.box import INSTALL, Box, bubblewrap, unprivileged
from refute.sandbox.records import MIB, Kind, Limits, Outcome
from refute.sandbox.trusted import TrustedProcess

TRIAL = "refute.sandbox.trial"
TRIED = Limits(wall=20, cpu=10, memory=384 * MIB, threads=8)
PROMISES = {
    "user": "code runs as an unprivileged user",
    "files": "code sees and writes no file of this machine",
    "network": "code opens no socket",
    "processes": "code starts no process",
    "namespaces": "code makes no namespaces and mounts nothing",
    "threads": "threads are limited",
    "memory": "memory is limited",
}


@dataclass(frozen=True)
class Finding:
    """Something that was looked at, whether it is as it must be, and what was found."""

    name: str
    holds: bool
    detail: str


@dataclass(frozen=True)
class Isolation:
    """Whether untrusted code can be run here; if not, `problem` says why, and what to do."""

    problem: str | None

    @property
    def works(self) -> bool:
        """Whether it can."""
        return self.problem is None


@cache
def available() -> Isolation:
    """Whether a box can be made here and holds; tried once in a process, in a fraction of a second."""
    try:
        bubblewrap()
        failed = [finding for finding in _trial() if not finding.holds]
    except UsageError as error:
        return Isolation(str(error))
    return Isolation(f"{failed[0].name}: {failed[0].detail}; `refute doctor` says more" if failed else None)


def runner(*, trust: bool = False) -> Box | TrustedProcess:
    """What runs code that was handed in: a box, or a plain process for code that is trusted.

    Raises UsageError if it is not trusted and cannot be isolated here.
    """
    if trust:
        return TrustedProcess()
    problem = available().problem
    if problem is not None:
        raise UsageError(f"no code is run, since it cannot be isolated: {problem}; your own runs with --trust-code")
    return Box()


def examine() -> list[Finding]:
    """All findings on this machine. Where one does not hold, code cannot be isolated, and later ones are missing."""
    findings: list[Finding] = []
    for look in (_prerequisites, _control_group, _trial, _clocks):
        findings += look()
        if not all(finding.holds for finding in findings):
            break
    return findings


def _prerequisites() -> Iterator[Finding]:
    system, machine = platform.system(), platform.machine()
    yield Finding("system", system == "Linux", f"{system} {platform.release()}")
    yield Finding(
        "processor", machine in seccomp.MACHINES, f"{machine}; there are filters for {', '.join(seccomp.MACHINES)}"
    )
    try:
        path = bubblewrap()
    except UsageError as error:
        yield Finding("bubblewrap", False, error.got or str(error))
        return
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=10)
    yield Finding("bubblewrap", said.returncode == 0, f"{path}, {said.stdout.strip() or said.stderr.strip()}")


def _control_group() -> Iterator[Finding]:
    bounds = ", ".join(cgroup.available())
    none = "none to be had here; the limits of the one process in a box bound the same"
    yield Finding("control group", True, f"each box has its own: {bounds}" if bounds else none)


def _trial() -> Iterator[Finding]:
    start = time.perf_counter()
    request = json.dumps({"do": "all", "threads": TRIED.threads, "memory": TRIED.memory}).encode()
    done = Box(TRIAL).run({}, request, TRIED)
    if done.failure is not None and done.failure.kind is Kind.TIME:  # a machine that stood still says nothing of boxes
        done = Box(TRIAL).run({}, request, TRIED)
    way = "user namespaces" if unprivileged() is None else "root, who becomes a user of its own in each box"
    if done.reply is None:
        yield Finding("box", False, f"{_why(done)} (by {way})")
        return
    yield Finding("box", True, f"made, tried and gone in {time.perf_counter() - start:.2f} s, by {way}")
    done_inside = json.loads(done.reply)
    for name, promise in PROMISES.items():
        yield Finding(name, done_inside[name] is None, done_inside[name] or promise)


def _clocks() -> Iterator[Finding]:
    """Limits that end a box."""
    for kind, do, limits in (
        (Kind.CPU, "spin", Limits(wall=20, cpu=1)),
        (Kind.TIME, "sleep", Limits(wall=2)),
    ):
        done = Box(TRIAL).run({}, json.dumps({"do": do}).encode(), limits)
        held = done.failure is not None and done.failure.kind == kind
        yield Finding(str(kind), held, _why(done))


def _why(done: Outcome) -> str:
    return "there was no limit" if done.failure is None else done.failure.message


def advice() -> str:
    """What one can do where code cannot be isolated."""
    return (
        f"It needs bubblewrap 0.5 or newer ({INSTALL}), and user namespaces, which some systems forbid to ordinary "
        "users by a sysctl or AppArmor; or root, with CAP_SYS_ADMIN in a container, and an installation of Python and "
        "of Refute that everybody may read. Your own code runs anywhere with --trust-code."
    )
