"""What of the sandbox can be tried without making a box."""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import struct
import sys
from collections.abc import Iterator
from dataclasses import replace
from errno import ENOSYS, EPERM
from pathlib import Path

import pytest

from refute.errors import UsageError
from refute.sandbox import box, doctor, seccomp
from refute.sandbox.records import Kind, Limits
from refute.sandbox.seccomp import MACHINES
from tests.boxes import USUAL, Runs

REFUSED, UNKNOWN = seccomp.ERRNO | EPERM, seccomp.ERRNO | ENOSYS
NEEDED = {"x86_64": {"read": 0, "mmap": 9, "futex": 202}, "aarch64": {"read": 63, "mmap": 222, "futex": 98}}
SOMETIMES = {"clone", "clone3", "ioctl", "rt_sigaction"}


def filtered(machine: str, call: int, *arguments: int, audit: int | None = None) -> int:
    """What the kernel would do: an interpreter of the few instructions of classic BPF that the filter has."""
    data = struct.pack("<IIQ6Q", call, audit or MACHINES[machine].audit, 0, *(*arguments, *[0] * (6 - len(arguments))))
    instructions = list(struct.iter_unpack("=HBBI", seccomp.program(machine)))
    word = at = 0
    while True:
        code, if_true, if_false, value = instructions[at]
        at += 1
        match code:
            case 0x20:
                (word,) = struct.unpack_from("<I", data, value)
            case 0x15:
                at += if_true if word == value else if_false
            case 0x25:
                at += if_true if word > value else if_false
            case 0x45:
                at += if_true if word & value else if_false
            case 0x06:
                return int(value)
            case _:
                raise ValueError(code)


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_calls_that_are_listed_are_refused(machine: str) -> None:
    listed = {name: call for name, call in MACHINES[machine].calls.items() if name not in SOMETIMES}
    assert len(listed) > 60
    assert {name for name, call in listed.items() if filtered(machine, call) != REFUSED} == set()


def test_the_calls_that_numpy_needs_are_allowed(machine: str) -> None:
    assert {filtered(machine, call) for call in NEEDED[machine].values()} == {seccomp.ALLOW}


def test_calls_newer_than_the_list_do_not_exist(machine: str) -> None:
    assert {filtered(machine, call) for call in (435, 440, 447, 462, 1 << 20, 1 << 30)} == {UNKNOWN}
    assert filtered(machine, seccomp.LAST) == seccomp.ALLOW


def test_a_thread_may_be_started_and_a_process_not(machine: str) -> None:
    clone = MACHINES[machine].calls["clone"]
    assert filtered(machine, clone, 0x003D0F00) == seccomp.ALLOW  # what the C library starts a thread with
    assert {filtered(machine, clone, flags) for flags in (17, 0x01200011, 0x10000000, 0)} == {REFUSED}


def test_a_terminal_is_not_typed_into(machine: str) -> None:
    ioctl = MACHINES[machine].calls["ioctl"]
    assert filtered(machine, ioctl, 0, 0x5412) == filtered(machine, ioctl, 0, 1 << 32 | 0x5412) == REFUSED
    assert filtered(machine, ioctl, 0, 0x5401) == seccomp.ALLOW


def test_the_signal_of_the_limit_on_time_is_not_handled(machine: str) -> None:
    handle = MACHINES[machine].calls["rt_sigaction"]
    assert (filtered(machine, handle, 24), filtered(machine, handle, 2)) == (REFUSED, seccomp.ALLOW)


def test_the_calls_of_another_architecture_end_the_process(machine: str) -> None:
    assert filtered(machine, 0, audit=0x40000003) == seccomp.KILL  # 32-bit calls, whose numbers differ


def test_a_machine_whose_calls_we_do_not_know_is_refused() -> None:
    with pytest.raises(
        UsageError, match="cannot be isolated on this machine: expected one of x86_64, aarch64, got 's390x'"
    ):
        seccomp.program("s390x")


def test_libseccomp_knows_the_calls_by_the_same_numbers(machine: str) -> None:
    path = ctypes.util.find_library("seccomp")
    if path is None:
        pytest.skip("there is no libseccomp to ask")
    resolve = ctypes.CDLL(path).seccomp_syscall_resolve_name_arch
    audit, calls = MACHINES[machine]
    known = {name: resolve(ctypes.c_uint32(audit), name.encode()) for name in calls}
    assert known == dict(calls)


@pytest.mark.parametrize("name", ["../x.py", "/x.py", "a//b.py", ".x", "a/../b", "-x.py", "a\0.py", "a/", "", "ä.py"])
def test_a_file_whose_name_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="a file with this name cannot be run"):
        box.Box().run({name: b""}, b"{}")


def test_a_file_that_is_a_folder_too_is_refused() -> None:
    with pytest.raises(UsageError, match="a file with this name cannot be run"):
        box.Box().run({"a": b"", "a/b.py": b""}, b"{}")


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(UsageError, match=r"too much to run: expected at most 200 files with 10 bytes, got 1 files"):
        box.Box().run({"a.py": b"x" * 11}, b"{}", replace(USUAL, files=10))


def test_without_bubblewrap_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    doctor.available.cache_clear()
    try:
        with pytest.raises(UsageError, match=r"apt install bubblewrap, dnf install .* with --trust-code"):
            doctor.runner()
        assert not doctor.examine()[-1].holds
        assert doctor.runner(trust=True).run({}, b"{}", USUAL).isolated is False
    finally:
        monkeypatch.undo()
        doctor.available.cache_clear()


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    made = Runs.of(tmp_path)
    yield made
    assert made.survivors() == []


def test_trusted_code_runs_and_the_outcome_says_that_it_was_not_isolated(runs: Runs) -> None:
    outcome = runs.trusted("def attack(given):\n    print('hello')\n    return given\n", {"x": 1})
    assert (outcome.reply, outcome.log, outcome.failure, outcome.isolated) == (b'{"x": 1}', "hello\n", None, False)


@pytest.mark.parametrize(
    ("attack", "limits", "kind"),
    [
        ("cpu_spin", replace(USUAL, cpu=1), Kind.CPU),
        ("sleep_for_ever", replace(USUAL, wall=1), Kind.TIME),
        ("reply_bomb", replace(USUAL, reply=1000), Kind.REPLY),
        ("segfault", USUAL, Kind.CRASHED),
        ("early_exit", USUAL, Kind.ENDED),
        ("forged_failure", USUAL, Kind.ENDED),
        pytest.param(
            *("memory_bomb", replace(USUAL, memory=256 << 20), Kind.MEMORY),
            marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory"),
        ),
    ],
)
def test_trusted_code_has_limits_too(attack: str, limits: Limits, kind: Kind, runs: Runs) -> None:
    outcome = runs.trusted(attack, {"seconds": 5}, limits)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.isolated) == (kind, False)


def test_what_is_printed_cannot_steer_a_terminal(runs: Runs) -> None:
    outcome = runs.trusted("def attack(given):\n    print('\\x1b[31mred\\x00\\tü\\x9b')\n", {})
    assert outcome.log == "\ufffd[31mred\ufffd\tü\ufffd\n"


def test_an_exception_whose_text_is_one_too_is_told(runs: Runs) -> None:
    program = "class E(Exception):\n    def __str__(self):\n        raise E\n\ndef attack(given):\n    raise E\n"
    failure = runs.trusted(program, {}).failure
    assert failure is not None
    assert failure.message == "the code crashed: E: <exception str() failed>"


def test_trusted_code_leaves_no_files(runs: Runs, tmp_path: Path) -> None:
    where = "from pathlib import Path\n\ndef attack(given):\n    Path('x').touch()\n    return str(Path().absolute())\n"
    folder = json.loads(runs.trusted(where, {}).reply or b"null")
    assert folder
    assert not Path(folder).exists()
