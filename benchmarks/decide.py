"""How fast and how often right are Refute, Maxima, symengine, SymPy and math-verify on hard pairs of formulas?

Run: python benchmarks/decide.py [--python an interpreter that has symengine, sympy and math-verify]. Each system runs
in one process of its own, on `pairs_hard.json`, parsing included. Then: how fast Refute decides what it saw before, a
class of answers, and one answer from a cold start.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter
from typing import Any

BANK = Path(__file__).with_name("pairs_hard.json")
LIMIT = 5.0  # seconds a pair
ROUNDS, ENOUGH = 7, 0.5  # each pair is decided so often, or until so many seconds are spent on it
WARM_UP = {"text": ["(x + 1)^2", "x^2 + 2*x + 1"], "plain": ["(x + 1)^2", "x^2 + 2*x + 1"], "latex": ["x + 1", "1 + x"]}
ANSWER = r"\overline{h^{(t)}} o^{(t)} (1 - \tanh^2(c^{(t)})) + \overline{c^{(t+1)}} f^{(t+1)}"

Decide = Callable[[Mapping[str, list[str]]], "bool | None"]  # whether two formulas are equal; None: it cannot tell


# --- The systems, each in a process of its own -----------------------------------------------------------------------


def refute_same() -> Decide:
    """Refute: certified, or refuted with a counterexample."""
    from refute.deciding.same import same
    from refute.deciding.verdict import ACCEPTED, Status

    def decide(pair: Mapping[str, list[str]]) -> bool | None:
        left, right = pair["text"]
        status = same(left, right).status
        return True if status in ACCEPTED else False if status is Status.REFUTED else None

    return decide


def maxima_radcan() -> Decide:
    """Maxima, asked through a pipe."""
    program = shutil.which("maxima")
    if program is None:
        raise ImportError("maxima")
    running: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [program, "--very-quiet"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        running.append(process)
        return process

    def decide(pair: Mapping[str, list[str]]) -> bool | None:
        process = running[-1] if running and running[-1].poll() is None else start()
        assert process.stdin is not None
        assert process.stdout is not None
        left, right = pair["plain"]
        try:
            process.stdin.write(f"errcatch(is(radcan(exponentialize(({left}) - ({right}))) = 0));\n")
            process.stdin.flush()
            for line in process.stdout:
                if line.strip() in ("[true]", "[false]", "[]", "[unknown]"):
                    return {"[true]": True, "[false]": False}.get(line.strip())
        except TimeoutError:
            process.kill()
            process.wait()
            raise
        return None

    return decide


def symengine_expand() -> Decide:
    """symengine: the difference is 0 when it is multiplied out."""
    import symengine  # type: ignore[import-not-found,unused-ignore]

    def decide(pair: Mapping[str, list[str]]) -> bool | None:
        left, right = map(symengine.sympify, pair["plain"])
        return bool(symengine.expand(left - right) == 0)

    return decide


def sympy_simplify() -> Decide:
    """SymPy: the difference is simplified to 0."""
    import sympy

    def decide(pair: Mapping[str, list[str]]) -> bool | None:
        sympy.core.cache.clear_cache()
        left, right = map(sympy.sympify, pair["plain"])
        return bool(sympy.simplify(left - right) == 0)

    return decide


def sympy_equals() -> Decide:
    """SymPy: ``left.equals(right)``, which may be None."""
    import sympy

    def decide(pair: Mapping[str, list[str]]) -> bool | None:
        sympy.core.cache.clear_cache()
        left, right = map(sympy.sympify, pair["plain"])
        answer: bool | None = left.equals(right)
        return answer

    return decide


def math_verify() -> Decide:
    """math-verify, on LaTeX."""
    from math_verify import parse, verify  # type: ignore[import-not-found,unused-ignore]

    def decide(pair: Mapping[str, list[str]]) -> bool | None:
        left, right = (parse(f"${side}$", parsing_timeout=None) for side in pair["latex"])
        return bool(verify(left, right, timeout_seconds=None)) if left and right else None

    return decide


SYSTEMS: Mapping[str, Callable[[], Decide]] = {
    "Refute": refute_same,
    "Maxima radcan(exponentialize)": maxima_radcan,
    "symengine expand": symengine_expand,
    "SymPy simplify": sympy_simplify,
    "SymPy equals": sympy_equals,
    "math-verify": math_verify,
}


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in the body after so many seconds."""

    def late(signum: int, frame: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def work(name: str) -> None:
    """Decide the pairs on standard input; print for each the verdict and the median time, or null if not installed."""
    pairs = json.load(sys.stdin)
    try:
        decide = SYSTEMS[name]()
    except ImportError:
        print("null")
        return
    timed(decide, WARM_UP)
    print(json.dumps([timed(decide, pair) for pair in pairs]))


def timed(decide: Decide, pair: Mapping[str, list[str]]) -> tuple[bool | None, float]:
    """The verdict on a pair, None too if it takes too long or fails, and the median of the times it took."""
    times: list[float] = []
    said = None
    while len(times) < ROUNDS and sum(times) < ENOUGH:
        start = perf_counter()
        try:
            with limited(LIMIT):
                said = decide(pair)
        except Exception:  # noqa: BLE001  # whatever another library raises, it has not decided
            said = None
        times.append(perf_counter() - start)
        if times[-1] >= LIMIT:
            return None, times[-1]  # some catch the exception, and answer all the same
    return said, median(times)


# --- Side by side ----------------------------------------------------------------------------------------------------


def prepared() -> list[dict[str, Any]]:
    """The bank, with each pair as text, as text without sigmoid, and in LaTeX without sigmoid and sech."""
    from refute.formula.read import OPEN, read
    from refute.formula.show import latex, text

    pairs = json.loads(BANK.read_text(encoding="utf-8"))
    for pair in pairs:
        sides = [pair["left"], pair["right"]]
        trees = [read(side, OPEN).answer for side in sides]
        pair["text"] = sides
        pair["plain"] = [text(_spelt_out(tree, "sigmoid")) for tree in trees]
        pair["latex"] = [latex(_spelt_out(tree, "sigmoid", "sech")) for tree in trees]
    return pairs  # type: ignore[no-any-return]  # what JSON gives


def _spelt_out(expr: Any, *functions: str) -> Any:
    from benchmarks.soaking.places import operands, placed
    from refute.formula.expr import Call, substitute
    from refute.formula.parse import parse

    for i, part in enumerate(operands(expr)):
        expr = placed(expr, (i,), _spelt_out(part, *functions))
    meaning = {"sigmoid": "1/(1 + exp(-u))", "sech": "1/cosh(u)"}
    if isinstance(expr, Call) and expr.function in functions:
        return substitute(parse(meaning[expr.function]), {"u": expr.arguments[0]})
    return expr


def side_by_side(pairs: list[dict[str, Any]], python: str) -> None:
    """Run every system on the bank, and print a row for each."""
    from rich.console import Console
    from rich.table import Table

    equal = sum(pair["equal"] for pair in pairs)
    table = Table(title=f"{equal} equal and {len(pairs) - equal} different pairs, parsing included")
    for heading in ("", "right", "wrong", "undecided", "median ms", "of equal ones", "worst", "worst accept", "ratio"):
        table.add_column(heading, justify="right" if heading else "left")
    usual = 0.0
    for name in SYSTEMS:
        found = run_system(name, pairs, sys.executable if name == "Refute" else python)
        if found is None:
            table.add_row(name, "not installed")
            continue
        verdicts = [said for said, _ in found]
        times = [1000 * seconds for _, seconds in found]
        right = sum(said is pair["equal"] for said, pair in zip(verdicts, pairs, strict=True))
        undecided = verdicts.count(None)
        accepts = [ms for said, ms in zip(verdicts, times, strict=True) if said] or [0.0]
        of_equal = median([ms for pair, ms in zip(pairs, times, strict=True) if pair["equal"]])
        usual = usual or median(times)
        counts = right, len(pairs) - right - undecided, undecided
        figures = f"{median(times):.2f}", f"{of_equal:.2f}", f"{max(times):.1f}", f"{max(accepts):.1f}"
        table.add_row(name, *map(str, counts), *figures, f"{median(times) / usual:.2f}")
        for said, pair in zip(verdicts, pairs, strict=True):
            if name in ("Refute", "Maxima radcan(exponentialize)") and said is not pair["equal"]:
                print(f"{name}, not right: {pair['left']} | {pair['right']} | {said}")
    Console(width=140).print(table)


def run_system(name: str, pairs: list[dict[str, Any]], python: str) -> list[tuple[bool | None, float]] | None:
    """What a system said of each pair, and how long it took; None if it is not installed."""
    run = subprocess.run(
        [python, __file__, "--worker", name], input=json.dumps(pairs), capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        raise SystemExit(f"{name} failed:\n{run.stderr}")
    return json.loads(run.stdout.splitlines()[-1])  # type: ignore[no-any-return]  # what JSON gives


# --- Refute alone ----------------------------------------------------------------------------------------------------


def refute_alone() -> None:
    """Print how long Refute takes for what it saw before, for refusals, for a class of answers, and from cold."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Refute alone")
    for heading in ("", "median", "worst", "to reach"):
        table.add_column(heading, justify="right" if heading else "left")
    first, again, seen, cold = refusals()
    for name, times, goal in (
        ("a text seen before", seen, "0.05 ms"),
        ("a refusal, its function seen for the first time", first, "50 ms"),
        ("a refusal, its function seen before in another text", again, "1 ms"),
        ("the first refusal of a new decider", cold, ""),
        ("refute answer, cold", cold_starts(), "400 ms"),
    ):
        table.add_row(name, f"{1000 * median(times):.3f} ms", f"{1000 * max(times):.3f} ms", goal)
    for name, claims, count in (
        ("refute stream, LaTeX answers to all claims", "", 500),
        ("the same, the next", "", 500),
        ("refute stream, LaTeX answers to one claim", "1a.c_bar", 500),
        ("the same, the next", "1a.c_bar", 500),
    ):
        if claims or name.startswith("refute"):
            rates = stream_rates(claims, count)
        table.add_row(f"{name} {count}", f"{rates.pop(0):.0f} a second", "", "500 a second")
    Console(width=140).print(table)


def refusals() -> tuple[list[float], list[float], list[float], list[float]]:
    """Seconds for each mistake that the claims name: the first time, in another text, in the same text; and those for
    the first of a decider."""
    from refute.deciding.verdict import Status
    from refute.deciding.written import Decider
    from refute.formula.parse import parse
    from refute.formula.show import latex
    from refute.project import load

    first: list[float] = []
    again: list[float] = []
    seen: list[float] = []
    cold: list[float] = []
    for claim in load(Path(__file__).parent).claims:
        if claim.blank is None:
            continue
        decider = Decider(claim)
        decider.decide(claim.formulas[claim.blank.right[0]])
        mistakes = [
            formula for _, parts, _ in claim.mistaken_formulas() for part, formula in parts.items()
            if part in claim.blank.right
        ]  # fmt: skip
        refused = 0
        for formula in mistakes:
            times = [_seconds(decider, written) for written in (formula, latex(parse(formula)), formula)]
            if decider.decide(formula).status is Status.REFUTED:
                (first if refused else cold).append(times[0])
                refused += 1
                again.append(times[1])
                seen.append(median([times[2], *(_seconds(decider, formula) for _ in range(4))]))
    return first, again, seen, cold


def _seconds(decider: Any, written: str) -> float:
    start = perf_counter()
    decider.decide(written)
    return perf_counter() - start


def cold_starts() -> list[float]:
    """Seconds that `refute answer` takes, process and all; the first run, which compiles the modules, is left out."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times = []
    for _ in range(10):
        command = [sys.executable, "-m", "refute", "answer", "1a.c_bar", ANSWER]
        start = perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment)
        times.append(perf_counter() - start)
    return times[1:]


def stream_rates(claim: str, count: int) -> list[float]:
    """Answers a second of one `refute stream`: of its first `count`, its start included, and of the next."""
    answers = list(latex_answers(claim, 2 * count))
    lines = [json.dumps({"id": i, "claim": c, "answer": a}) + "\n" for i, (c, a) in enumerate(answers)]
    start = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "refute", "stream"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    source, sink = process.stdout, process.stdin
    assert source is not None
    assert sink is not None

    def feed() -> None:
        sink.writelines(lines)
        sink.close()

    feeder = Thread(target=feed)
    feeder.start()
    ends = [perf_counter() for _ in source]
    feeder.join()
    process.wait()
    return [count / (ends[count - 1] - start), count / (ends[-1] - ends[count - 1])]


def latex_answers(claim: str, count: int) -> Iterator[tuple[str, str]]:
    """Different LaTeX answers: the claims' right formulas and the mistakes they name, rewritten."""
    from random import Random

    from benchmarks.soaking.rewriting import rewritten
    from benchmarks.soaking.subjects import subjects
    from benchmarks.soaking.writer import Writer
    from refute.formula.parse import parse
    from refute.formula.show import latex

    random, seen = Random("stream"), set[str]()
    subjects_of = [s for s in subjects() if s.claim is not None and claim in ("", s.claim.id)]
    while len(seen) < count:
        subject = random.choice(subjects_of)
        assert subject.claim is not None
        assert subject.claim.blank is not None
        right = subject.claim.blank.right
        wrong = [f for _, parts, _ in subject.claim.mistaken_formulas() for part, f in parts.items() if part in right]
        formula = random.choice([subject.claim.formulas[part] for part in right] if random.random() < 0.5 else wrong)
        written = latex(rewritten(parse(formula), Writer(subject, random), random.choice((1, 2, 3, 4))))
        if written not in seen:
            seen.add(written)
            yield subject.claim.id, written


def main() -> None:
    """Compare the systems, then time Refute alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="interpreter for the other systems (default: this)")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker)
        return
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # benchmarks/ is a folder of the checkout
    side_by_side(prepared(), options.python)
    refute_alone()


if __name__ == "__main__":
    main()
