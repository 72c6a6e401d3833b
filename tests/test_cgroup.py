"""Control groups of boxes: found where there are any, kept to, joined by all of a box, and gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from refute.sandbox import cgroup, doctor
from refute.sandbox.box import Box
from refute.sandbox.records import MIB, Kind, Limits

OWN = "8:pids:/\n4:memory:/grader\n1:name=systemd:/\n0::/\n"
MOUNTS = """\
31 23 0:28 / {0} rw,relatime - tmpfs tmpfs rw,mode=755
35 31 0:32 / {0}/memory rw,relatime shared:9 - cgroup cgroup rw,memory
39 31 0:36 / {0}/pids rw,relatime - cgroup cgroup rw,pids
41 31 0:38 / {0}/unified rw,relatime - cgroup2 cgroup2 rw
"""


def test_groups_of_version_1_are_below_ones_own() -> None:
    found = cgroup.places(OWN, MOUNTS.format("/sys/fs/cgroup"))
    assert found == {
        "memory.limit_in_bytes": Path("/sys/fs/cgroup/memory/grader"),
        "pids.max": Path("/sys/fs/cgroup/pids"),
    }


def test_a_container_sees_its_own_group_as_the_root_of_the_mount() -> None:
    mounts = MOUNTS.format("/c").replace(" / /c/memory", " /grader /c/memory")
    assert cgroup.places(OWN, mounts)["memory.limit_in_bytes"] == Path("/c/memory")


@pytest.mark.parametrize("own", ["8:pids:/\n0::/\n", "", "0::/x\n"])
def test_one_bound_alone_is_none(own: str) -> None:
    assert cgroup.places(own, MOUNTS.format("/c")) == {}


@pytest.mark.parametrize(("controllers", "version"), [("cpu memory pids\n", 2), ("memory\n", 1), ("", 1)])
def test_version_2_is_taken_where_it_hands_on_both_controllers(controllers: str, version: int, tmp_path: Path) -> None:
    (tmp_path / "unified" / "grader").mkdir(parents=True)
    (tmp_path / "unified" / "grader" / "cgroup.subtree_control").write_text(controllers, encoding="ascii")
    found = cgroup.places(OWN.replace("0::/", "0::/grader"), MOUNTS.format(tmp_path))
    if version == 2:
        assert found == dict.fromkeys(("memory.max", "pids.max"), tmp_path / "unified" / "grader")
    else:
        assert found["memory.limit_in_bytes"] == tmp_path / "memory" / "grader"


def test_nowhere_to_make_one_is_no_fault(tmp_path: Path) -> None:
    places = {"memory.max": tmp_path / "none", "pids.max": tmp_path / "none"}
    with cgroup._made(places, Limits()) as beginning:
        assert beginning == []


@pytest.fixture
def folders() -> Iterator[set[Path]]:
    found = {*cgroup.available().values()}
    if not found:
        pytest.skip("this machine has no control group to give")
    yield found
    assert left(found) == []


def left(folders: set[Path]) -> list[Path]:
    return [path for folder in folders for path in folder.glob(f"refute-{os.getpid()}-*")]


TAKE = f"x = b'1' * {200 * MIB}; print(len(x))"
START = "import subprocess as s; p = [s.Popen(['/bin/sleep', '1']) for _ in range(20)]; print([q.wait() for q in p][0])"


@pytest.mark.parametrize(
    ("limits", "program", "holds"),
    [
        (Limits(memory=32 * MIB), TAKE, True),
        (Limits(memory=512 * MIB), TAKE, False),
        (Limits(threads=2), START, True),
        (Limits(threads=32), START, False),
    ],
)
def test_a_group_bounds_what_runs_in_it(limits: Limits, program: str, holds: bool, folders: set[Path]) -> None:
    with cgroup.group(limits) as beginning:
        done = subprocess.run([*beginning, sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode != 0, done.stdout == b"") == (holds, holds)


def test_a_group_is_gone_when_its_body_fails(folders: set[Path]) -> None:
    with pytest.raises(KeyError), cgroup.group(Limits()):  # noqa: PT012  # the body must fail inside
        assert len(left(folders)) == len(folders)
        raise KeyError


def test_all_of_a_box_is_in_its_group(folders: set[Path]) -> None:
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(Box(doctor.TRIAL).run, {}, b'{"do": "sleep"}', Limits(wall=3))
        seen: set[int] = set()
        while not running.done():
            seen |= set(members(folders))
            time.sleep(0.02)
    assert max(seen) >= 2  # bubblewrap and Python
    failure = running.result().failure
    assert failure is not None
    assert failure.kind == Kind.TIME


def members(folders: set[Path]) -> Iterator[int]:
    for path in left(folders):
        with suppress(OSError):  # it is gone
            yield len((path / "cgroup.procs").read_text(encoding="ascii").split())


def test_groups_of_graders_that_were_killed_are_swept_away(folders: set[Path]) -> None:
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    made = [folder / f"refute-{pid}-1" for folder in folders for pid in (gone.pid, os.getpid())]
    try:
        for path in made:
            path.mkdir()
        for folder in folders:
            cgroup._sweep(folder)
        assert [path.exists() for path in made] == [False, True] * len(folders)
    finally:
        for path in made:
            if path.exists():
                path.rmdir()
