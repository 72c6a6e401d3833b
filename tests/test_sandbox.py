"""Each attack is contained, and each would succeed without what contains it. Run as root, and by root as a user too."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import refute
from refute.sandbox import box, doctor, seccomp
from refute.sandbox.records import MIB, Kind, Limits, Outcome
from tests.boxes import ATTACKS, USUAL, Runs, World, world

ROOT = Path(__file__).parents[1]
WHY_NOT = doctor.available().problem
USER = 12345

pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=f"no box can be made here: {WHY_NOT}")

# What becomes of each program: a kind of failure, or None for a reply that says that nothing was achieved.
CONTAINED: dict[str, Kind | None] = {
    "become_root": None,
    "big_file": None,
    "cpu_spin": Kind.CPU,
    "daemon": Kind.PROCESSES,
    "descriptors": None,
    "early_exit": Kind.ENDED,
    "environment_leak": None,
    "file_tricks": None,
    "forged_failure": Kind.ENDED,
    "forged_result": None,
    "fork_bomb": Kind.PROCESSES,
    "frames": None,
    "kernel_calls": None,
    "links_out": None,
    "many_files": None,
    "memory_bomb": Kind.MEMORY,
    "memory_files": Kind.PROCESSES,
    "memory_over_children": Kind.PROCESSES,
    "namespaces": None,
    "network": None,
    "other_architecture": Kind.CRASHED,
    "patches": None,
    "proc_tricks": None,
    "programs": None,
    "raised_limits": None,
    "read_secrets": None,
    "recursion": Kind.CRASHED,
    "reply_bomb": Kind.REPLY,
    "reply_unframed": Kind.ENDED,
    "requests_taken": Kind.TIME,
    "segfault": Kind.CRASHED,
    "shared_memory": None,
    "signals_ignored": Kind.CPU,
    "signals_to_parent": None,
    "sleep_for_ever": Kind.TIME,
    "stdout_flood": None,
    "terminal": None,
    "thread_bomb": Kind.PROCESSES,
    "tracing": None,
    "unix_sockets": None,
    "write_results": None,
}
TIGHT = {
    "cpu_spin": replace(USUAL, cpu=1),
    "memory_bomb": replace(USUAL, memory=256 * MIB),
    "reply_bomb": replace(USUAL, reply=1 * MIB),
    "requests_taken": replace(USUAL, wall=1),
    "signals_ignored": replace(USUAL, cpu=1),
    "sleep_for_ever": replace(USUAL, wall=1),
}
# What succeeds in a plain process...
FREE = [
    "big_file",
    "daemon",
    "fork_bomb",
    "kernel_calls",
    "links_out",
    "many_files",
    "memory_files",
    "memory_over_children",
    "namespaces",
    "network",
    "proc_tricks",
    "programs",
    "raised_limits",
    "read_secrets",
    "shared_memory",
    "signals_to_parent",
    "thread_bomb",
    "tracing",
    "unix_sockets",
    "write_results",
]
# ... and in a box with just one limit wider.
WIDE = {
    "cpu_spin": replace(USUAL, cpu=10),
    "memory_bomb": USUAL,
    "reply_bomb": USUAL,
    "sleep_for_ever": replace(USUAL, wall=20),
}


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    """Whatever a test runs, nothing of it survives: no process, mount or temporary file."""
    made = Runs.of(tmp_path)
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    yield made
    assert made.survivors() == []
    assert Path("/proc/self/mountinfo").read_text(encoding="utf-8") == mounts


@pytest.fixture
def target(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def said(outcome: Outcome) -> Any:
    assert outcome.failure is None, outcome
    assert outcome.reply is not None
    return json.loads(outcome.reply)


def load(attack: str) -> Callable[[dict[str, Any]], Any]:
    """The attack, to be run right here."""
    spec = importlib.util.spec_from_file_location(attack, ATTACKS / f"{attack}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    attempt: Callable[[dict[str, Any]], Any] = module.attack
    return attempt


def test_every_attack_is_run() -> None:
    assert {path.stem for path in ATTACKS.glob("*.py")} == set(CONTAINED)


@pytest.mark.parametrize("attack", CONTAINED)
def test_an_attack_is_contained(
    attack: str, runs: Runs, target: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if attack == "other_architecture" and platform.machine() != "x86_64":
        pytest.skip("it is machine code for another processor")
    monkeypatch.setenv(target.given["variable"], "secret")
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    outcome = runs.boxed(attack, target.given, TIGHT.get(attack, USUAL))
    if CONTAINED[attack] is None:
        assert said(outcome) is None
    else:
        assert outcome.failure is not None, outcome
        assert outcome.failure.kind == CONTAINED[attack], outcome
    assert len(outcome.log) <= USUAL.log + 200
    assert runs.survivors() == []
    if attack == "daemon":
        time.sleep(1.5)  # it would write only then
    assert target.damage() == []
    assert not list((tmp_path / "scratch").iterdir())


@pytest.mark.parametrize("attack", FREE)
def test_without_a_box_the_attack_succeeds(attack: str, runs: Runs, target: World) -> None:
    outcome = runs.trusted(attack, target.given)
    assert said(outcome)
    assert not outcome.isolated


@pytest.mark.parametrize(
    ("attack", "damage"),
    [
        ("network", 2),
        ("unix_sockets", 2),
        ("write_results", 1),
        ("links_out", 1),
        ("signals_to_parent", 1),
        ("daemon", 1),
    ],
)
def test_what_an_attack_does_without_a_box_is_seen(attack: str, damage: int, runs: Runs, target: World) -> None:
    runs.trusted(attack, target.given | {"own": []})
    if attack == "links_out":  # the folder of the run is gone
        os.link(target.secret, target.secret.with_name("link"))
    end = time.monotonic() + 10
    while not (found := target.damage()) and time.monotonic() < end:
        time.sleep(0.05)
    assert len(found) == damage


@pytest.mark.parametrize("attack", WIDE)
def test_with_one_limit_wider_the_attack_succeeds(attack: str, runs: Runs, target: World) -> None:
    assert said(runs.boxed(attack, target.given | {"seconds": 1.5}, WIDE[attack]))


def test_a_flood_is_cut_off_at_the_limit(runs: Runs) -> None:
    short, long = (runs.boxed("stdout_flood", {}, replace(USUAL, log=size)) for size in (1000, 70 * MIB))
    assert short.log.startswith("x" * 1000 + "\n[the rest is left out")
    assert long.log == "x" * (64 * MIB)


def test_what_is_printed_is_no_result(runs: Runs) -> None:
    outcome = runs.boxed("forged_result", {})
    assert outcome.reply == b"null"
    assert "forged" in outcome.log
    assert '"marks_earned": 100' in outcome.log


def test_an_answer_without_end_is_cut_off(runs: Runs) -> None:
    outcome = runs.boxed("reply_unframed", {"pieces": 100}, replace(USUAL, reply=1 * MIB))
    assert outcome.failure is not None
    assert outcome.failure.kind == Kind.REPLY


def test_out_here_there_is_an_environment_to_leak(target: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(target.given["variable"], "secret")
    assert load("environment_leak")(target.given) == f"{target.given['variable']}, getenv"


def test_out_here_there_is_an_oracle_to_find(target: World) -> None:
    oracle = target.given["wanted"][::-1]
    assert load("frames")(target.given) == "in a frame"
    assert oracle


def test_out_here_there_are_descriptors_to_find() -> None:
    assert load("descriptors")({})


def test_out_here_there_is_a_terminal_to_type_into() -> None:
    ours, theirs = pty.openpty()
    try:
        code = "import terminal; print(terminal.attack({}))"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ATTACKS,
            stdin=theirs,
            capture_output=True,
            start_new_session=True,
            check=True,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.stdout == b"a terminal at 0\n"


HONEST = """
import numpy as np
import flint, mpmath

def attack(given):
    return [float(np.tanh(np.arange(6.0).reshape(2, 3) @ np.ones(3)).sum()), str(flint.arb(2).sqrt()), list({"a", "b"})]
"""


def test_an_honest_program_beside_attacks_gives_the_same(runs: Runs, target: World) -> None:
    alone = runs.boxed(HONEST, {})
    attacks = ("memory_bomb", "fork_bomb", "stdout_flood", "thread_bomb", "signals_ignored", "shared_memory")
    with ThreadPoolExecutor(3) as pool:
        beside = [pool.submit(runs.boxed, attack, target.given, replace(USUAL, cpu=2)) for attack in attacks]
        honest = [runs.boxed(HONEST, {}) for _ in range(6)]
        for attempt in beside:
            attempt.result()
    assert said(alone)[0] == pytest.approx(1.995, abs=0.01)
    assert {outcome.reply for outcome in honest} == {alone.reply}


FOURTEEN = """
import threading, time

def attack(given):
    for _ in range(14):
        threading.Thread(target=time.sleep, args=(2,), daemon=True).start()
    time.sleep(1)
    return 14
"""


def test_boxes_at_the_same_time_do_not_count_as_one_user(runs: Runs) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: said(runs.boxed(FOURTEEN, {})), range(3))) == [14, 14, 14]


COUNTING = """
count = 0

def attack(given):
    global count
    count += 1
    print(count)
    return [count, given]
"""


def kept(runs: Runs, program: str, requests: Sequence[Any], limits: Limits = USUAL) -> list[Outcome]:
    """What becomes of several requests to one box."""
    with box.Box(runs.session, runs.packages).kept(limits) as made:
        return [made.run({"attack.py": program.encode()}, json.dumps(request).encode()) for request in requests]


def test_a_box_that_is_kept_answers_one_request_after_the_other(runs: Runs) -> None:
    outcomes = kept(runs, COUNTING, ["a", "b" * MIB, "c"])
    assert [said(outcome) for outcome in outcomes] == [[1, "a"], [2, "b" * MIB], [3, "c"]]
    assert outcomes[-1].log == "1\n2\n3\n"


def test_a_box_is_for_one_submission(runs: Runs) -> None:
    with box.Box(runs.session, runs.packages).kept(USUAL) as made:
        files = [{"attack.py": COUNTING.encode() + b"#" * n} for n in (1, 1, 2, 1)]
        assert [said(made.run(one, b"0"))[0] for one in files] == [1, 2, 1, 1]


@pytest.mark.parametrize("end", ["os._exit(0)", "while True: pass", "raise ValueError", "os.closerange(0, 64)"])
def test_what_earlier_requests_cost_does_not_count(end: str, runs: Runs) -> None:
    program = f"import os\n{COUNTING}".replace("    print", f"    if count == 3:\n        {end}\n    print")
    outcomes = kept(runs, program, [0] * 5, replace(USUAL, cpu=1))
    assert [said(outcome)[0] for outcome in outcomes] == [1, 2, 1, 2, 1]


def test_a_request_that_a_fresh_box_cannot_answer_is_left_without_a_reply(runs: Runs) -> None:
    program = "import os\ndef attack(given):\n    os._exit(0) if given else None\n"
    outcomes = kept(runs, program, [0, 1, 0])
    assert [outcome.failure and outcome.failure.kind for outcome in outcomes] == [None, Kind.ENDED, None]


FORGING = """
import os

def attack(given):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"".join(b"R" + len(body).to_bytes(8) + body for body in (b'"x"', b'"y"')))
        except OSError:
            continue
    return given
"""


def test_a_reply_that_was_given_before_the_request_is_a_reply_like_any_other(runs: Runs) -> None:
    outcomes = kept(runs, FORGING, range(4))
    assert [said(outcome) for outcome in outcomes] == ["x", "y", 0, "x"]


LOOK = """
import os, sys
import numpy, flint, mpmath, refute.numbers.balls

def attack(given):
    installed = [name for folder, names, _ in os.walk("/") if folder.endswith("-packages") for name in names]
    return [*map(os.listdir, ("/", "/submission", "/packages")), os.environ.get("HOME"), installed]
"""


def test_code_sees_its_files_and_what_it_needs_and_nothing_else(runs: Runs) -> None:
    shown, own, packages, home, installed = said(runs.boxed(LOOK, {}))
    assert set(shown) <= {"engine", "etc", "lib", "lib64", "packages", "python", "submission", "usr"}
    assert own == ["attack.py"]
    assert home is None
    assert installed == []
    assert set(packages) <= {"numpy", "numpy.libs", "flint", "python_flint.libs", "mpmath", f"{runs.session}.py"}


def test_an_exception_is_told_by_name_and_the_log_has_where(runs: Runs) -> None:
    outcome = runs.boxed("def attack(given):\n    return given['x']\n", {})
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.message) == (Kind.CRASHED, "the code crashed: KeyError: 'x'")
    assert 'File "/submission/attack.py", line 2' in outcome.log


def test_a_session_that_cannot_be_imported_is_not_the_codes_fault() -> None:
    outcome = box.Box("no.such.session").run({}, b"{}", USUAL)
    assert outcome.failure is not None
    assert outcome.failure.kind == Kind.ISOLATION
    assert "ModuleNotFoundError: No module named 'no'" in outcome.failure.message


def test_a_box_that_cannot_be_made_is_not_the_codes_fault(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box, "_submission", lambda given: ["--ro-bind", "/no/such/place", "/submission/x"])
    outcome = runs.boxed("frames", {})
    assert outcome.failure is not None
    assert outcome.failure.kind == Kind.ISOLATION
    assert "bwrap: Can't find source path /no/such/place" in outcome.failure.message


def test_the_harness_refuses_a_box_without_a_filter(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    allow_all = seccomp._word(seccomp.RETURN, seccomp.ALLOW)
    monkeypatch.setattr(seccomp, "program", lambda: allow_all)
    outcome = runs.boxed(HONEST, {})
    assert outcome.failure is not None
    assert outcome.failure.kind == Kind.ISOLATION
    assert "the box lets its code do what it must not" in outcome.failure.message


def test_no_box_sees_the_claims_that_an_installed_engine_carries(runs: Runs, tmp_path: Path) -> None:
    engine = tmp_path / "refute"
    shutil.copytree(Path(refute.__file__).parent, engine, ignore=shutil.ignore_patterns("__pycache__"))
    (engine / "_catalogue").mkdir()
    (engine / "_catalogue" / "specs.py").write_text("right = 1", encoding="utf-8")
    code = (
        "import sys\nfrom pathlib import Path\nfrom tests.boxes import Runs\n"
        f"runs = Runs({runs.session!r}, Path({str(tmp_path)!r}))\n"
        "look = 'import os\\ndef attack(given):\\n    import refute.numbers.balls\\n"
        '    return [os.listdir("/engine/refute/_catalogue"), "numbers" in os.listdir("/engine/refute")]\\n\'\n'
        "sys.stdout.write(str(runs.boxed(look, {}).reply))\n"
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "b'[[], true]'"


BUSY = """
import sys
from pathlib import Path
from tests.boxes import Runs
runs = Runs(sys.argv[1], Path(sys.argv[2]))
runs.boxed("sleep_for_ever", {"seconds": 60})
"""
IDLE = """
import sys, time
from pathlib import Path
from refute.sandbox.box import Box
from tests.boxes import Runs
runs = Runs(sys.argv[1], Path(sys.argv[2]))
with Box(runs.session, runs.packages).kept() as kept:
    kept.run({"attack.py": b"def attack(given): pass"}, b"{}")
    time.sleep(60)
"""


@pytest.mark.parametrize("program", [BUSY, IDLE])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, -2), (signal.SIGTERM, -15)])
def test_a_box_ends_with_whoever_made_it(
    number: signal.Signals, code: int, program: str, runs: Runs, tmp_path: Path
) -> None:
    grader = subprocess.Popen(
        [sys.executable, "-c", program, runs.session, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + 20
    while not any("harness" in line and "--die" not in line for line in runs.running()) and time.monotonic() < end:
        time.sleep(0.02)
    assert len(runs.running()) >= 3  # the grader, bubblewrap twice, Python
    grader.send_signal(number)
    assert grader.wait(10) == code
    assert runs.survivors() == []


def refute_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "refute", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_doctor_finds_that_all_holds() -> None:
    done = refute_command("doctor", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0, found
    assert found["isolated"]
    assert {"box", "network", "memory", "cpu", "time", *doctor.PROMISES} <= {f["name"] for f in found["findings"]}


def test_the_doctor_finds_what_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "EPERM", 0)  # each refused call seems to succeed
    broken = doctor.examine()[-1]
    assert (broken.name, broken.holds) == ("box", False)


def test_everything_holds_for_an_ordinary_user() -> None:
    if os.geteuid() != 0:
        pytest.skip("it is an ordinary user who runs this")
    folder = tempfile.mkdtemp(prefix="refute-user-")
    os.chown(folder, USER, USER)
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-rs", "--basetemp", f"{folder}/base")
    command = [*_as_user(), sys.executable, "-m", "pytest", *options, str(Path(__file__))]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "HOME": folder},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 skipped" in done.stdout, done.stdout


def _as_user() -> list[str]:
    """Start a command as an ordinary user, who can read this checkout and its Python even where only root can."""
    needed = {ROOT, Path(sys.prefix), Path(sys.base_prefix)}
    closed = {top for path in needed for top in [_closed_to_others(path)] if top is not None}
    command = ["bwrap", "--dev-bind", "/", "/"]
    for top in closed:
        command += ["--perms", "0755", "--tmpfs", str(top)]
    for path in needed:
        if any(path.is_relative_to(top) for top in closed):
            for parent in [*reversed(path.parents)][1:]:
                command += ["--perms", "0755", "--dir", str(parent)]
            command += ["--bind", str(path), str(path)]
    return [
        *command,
        *("--", "setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--inh-caps=-all"),
        *("--bounding-set=-all", "--"),
    ]


def _closed_to_others(path: Path) -> Path | None:
    return next((folder for folder in [*reversed(path.parents)] if not folder.stat().st_mode & 0o001), None)
