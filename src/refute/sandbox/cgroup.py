"""A control group for each box, where this machine has one to give: a second bound on memory and processes, which the
kernel keeps for all that is in the box together."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from secrets import token_hex

from refute.sandbox.records import MIB, USUAL, Limits

SLACK = 64 * MIB  # for what is not the code's: bubblewrap, and the files that the box was given
STARTERS = 8  # processes of bubblewrap, beside the threads of the code
SWAP = {"memory.max": "memory.swap.max", "memory.limit_in_bytes": "memory.memsw.limit_in_bytes"}  # where there is any
LIMITS = {"cgroup2": ("memory.max", "pids.max"), "cgroup": ("memory.limit_in_bytes", "pids.max")}
JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs" || exit 1; shift; done; shift; exec "$@"'

Places = Mapping[str, Path]  # of the files that limit a group, the folders in which groups are made


@contextmanager
def group(limits: Limits) -> Iterator[list[str]]:
    """A control group, gone when the body ends: the beginning of a command, of which the rest then runs in it. Empty
    where there is none to be had."""
    with _made(available(), limits) as beginning:
        yield beginning


@cache
def available() -> Places:
    """Where control groups can be made, tried once in a process; nothing if nowhere."""
    try:
        own, mounts = (Path("/proc/self", name).read_text(encoding="utf-8") for name in ("cgroup", "mountinfo"))
        found = places(own, mounts)
        for folder in {*found.values()}:
            _sweep(folder)
        with _made(found, USUAL) as beginning:
            tried = [*beginning, "/bin/true"]
            done = subprocess.run(tried, check=False, capture_output=True, env={}, timeout=10)
            return found if beginning and done.returncode == 0 else {}
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {}


def places(own: str, mounts: str) -> Places:
    """Where a process may make control groups that bound memory and processes, from its ``/proc/self/cgroup`` and
    ``/proc/self/mountinfo``: below its own, in version 2 if that hands on both controllers, else in version 1."""
    paths = {name: path for line in own.splitlines() for name, path in [line.split(":", 2)[1:]]}
    found: dict[str, dict[str, Path]] = {kind: {} for kind in LIMITS}
    for line in mounts.splitlines():
        mount, _, system = line.partition(" - ")
        root, point = mount.split()[3:5]
        kind, _, options = system.split()[:3]
        for file in LIMITS.get(kind, ()):
            controller = file.partition(".")[0]
            name = "" if kind == "cgroup2" else controller
            if name not in paths or (name and name not in options.split(",")):
                continue
            folder = Path(point, paths[name].removeprefix(root).lstrip("/"))
            if name or controller in _handed_on(folder):
                found[kind][file] = folder
    return next((files for kind, files in found.items() if len(files) == len(LIMITS[kind])), {})


def _handed_on(folder: Path) -> list[str]:
    """The controllers that a group of version 2 lets its children have."""
    try:
        return (folder / "cgroup.subtree_control").read_text(encoding="ascii").split()
    except OSError:
        return []


@contextmanager
def _made(where: Places, limits: Limits) -> Iterator[list[str]]:
    name = f"refute-{os.getpid()}-{token_hex(4)}"
    folders = list(dict.fromkeys(folder / name for folder in where.values()))
    bounds = {"memory": limits.memory + SLACK, "pids": limits.threads + STARTERS}
    beginning = ["/bin/sh", "-c", JOIN, "sh", *map(str, folders), "--"] if folders else []
    try:
        for folder in folders:
            folder.mkdir()
        for file, folder in where.items():
            (folder / name / file).write_text(str(bounds[file.partition(".")[0]]), encoding="ascii")
            if file in SWAP and (folder / name / SWAP[file]).exists():
                swap = 0 if file == "memory.max" else bounds["memory"]  # version 1 counts memory and swap together
                (folder / name / SWAP[file]).write_text(str(swap), encoding="ascii")
    except OSError:
        beginning = []
    try:
        yield beginning
    finally:
        for folder in folders:
            _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a group whose processes are ending. One that is left all the same is swept away later."""
    for _ in range(200):
        with suppress(OSError):
            folder.rmdir()
        if not folder.exists():
            return
        time.sleep(0.005)


def _sweep(folder: Path) -> None:
    """Remove the groups of graders that were killed."""
    for left in folder.glob("refute-*-*"):
        if not Path("/proc", left.name.split("-")[1]).exists():
            with suppress(OSError):
                left.rmdir()
