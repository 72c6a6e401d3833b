"""Marking code: the functions that somebody hands in, run in a box and decided like any implementation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from refute.claims import Bound, Claim, Grid, Natural
from refute.deciding.bench import Bench, Case, run
from refute.deciding.check import Checker, failed
from refute.deciding.counterexample import cases_of
from refute.deciding.floating import float_cases, has_own_results, judge_floats
from refute.deciding.identity import Options
from refute.deciding.verdict import Status, Verdict
from refute.errors import ImplementationError
from refute.numbers.balls import Balls
from refute.numbers.floats import Floats
from refute.numbers.scalar import OutsideClass, UndecidedSign
from refute.project import Project
from refute.sandbox.proxy import CodeImplementation, Runner

LARGEST_SIZE = 4  # to which code is run: smaller shapes tell as much, and a box has limits
SAMPLES = 8  # of the cases on residues that are asked for at once, of code that compares numbers
ROUNDS = 6  # of questions until all that code does in floats is known


@dataclass(frozen=True)
class CodeVerdict:
    """The verdict on a claim, and the functions of the code's own that it speaks of."""

    claim: Claim
    verdict: Verdict
    functions: tuple[str, ...]


def mark_code(
    files: Mapping[str, bytes], project: Project, runner: Runner, options: Options | None = None
) -> tuple[CodeVerdict, ...]:
    """The verdicts on all claims that speak of a function which the Python `files` define, in the project's order.

    Functions that the files lack are the project's own. Where the code cannot be imported, the one verdict on each
    claim that speaks of functions says why.
    """
    options = options or Options()
    verdicts: dict[str, CodeVerdict] = {}
    for module in _modules(project):
        claims = [_smaller(claim) for claim in project.claims if _is_run(claim) and module is _own(project, claim)]
        for found in _Marking(files, runner, module, claims, options).verdicts():
            verdicts[found.claim.id] = found
    return tuple(verdicts[claim.id] for claim in project.claims if claim.id in verdicts)


def _modules(project: Project) -> Iterator[ModuleType]:
    seen: list[ModuleType] = []
    for module in project.implementations.values():
        if module not in seen:
            seen.append(module)
            yield module


def _own(project: Project, claim: Claim) -> ModuleType | None:
    return project.implementation_of(claim)


def _is_run(claim: Claim) -> bool:
    return bool(claim.functions) and not isinstance(claim.observe, Bound)


def _smaller(claim: Claim) -> Claim:
    """The claim over sizes no larger than a box should be asked for."""
    return claim.of_sizes(tuple(_smaller_grid(grid) for grid in claim.grids))


def _smaller_grid(grid: Grid) -> Grid:
    return {
        name: Natural(size.low, max(size.low, min(size.high, LARGEST_SIZE))) if isinstance(size, Natural) else size
        for name, size in grid.items()
    }


class _Marking:
    """The marking of the functions that belong to one module of the project."""

    def __init__(
        self, files: Mapping[str, bytes], runner: Runner, module: ModuleType, claims: Sequence[Claim], options: Options
    ) -> None:
        self._files, self._runner, self._module, self._claims = files, runner, module, claims
        self._options = options
        self._checker = Checker(options, Bench())

    def verdicts(self) -> Iterator[CodeVerdict]:
        """A verdict on each claim that speaks of a function of the code's own."""
        try:
            code = CodeImplementation(self._files, self._runner, self._module)
        except ImplementationError as error:
            for claim in self._claims:
                yield CodeVerdict(claim, failed(claim, None, error), ())
            return
        concerned = [(claim, tuple(name for name in claim.functions if name in code.functions)) for claim in self._claims]
        concerned = [(claim, functions) for claim, functions in concerned if functions]
        self._gather(code, [claim for claim, _ in concerned])
        for claim, functions in concerned:
            yield CodeVerdict(claim, self._verdict(code, claim, functions), functions)

    def _gather(self, code: CodeImplementation, claims: Sequence[Claim]) -> None:
        """Ask for what deciding will need: first one recording at arguments of each structure, and then, of code that
        compares numbers, one at each case."""
        scenes = list({(claim.observe, repr(claim.grids)): claim for claim in claims}.values())
        with code.gathering():
            for claim in scenes:
                for sizes in claim.all_sizes():
                    _attempt(code, claim, Case(sizes, seed=f"{self._options.seed}/0"))
        if code.branches:
            with code.gathering():
                for claim in scenes:
                    for case in self._cases(claim):
                        _attempt(code, claim, case)

    def _cases(self, claim: Claim) -> Iterator[Case]:
        """The cases at which deciding will run the code."""
        for sizes in claim.all_sizes():
            for sample in range(SAMPLES if claim.given else 1):
                yield Case(sizes, seed=f"{self._options.seed}/{sample}")
        yield from cases_of(claim)
        yield Case(claim.typical_sizes, seed=f"{self._options.seed}/digits")
        yield from float_cases(claim, self._options.seed)

    def _verdict(self, code: CodeImplementation, claim: Claim, functions: Sequence[str]) -> Verdict:
        reasons = {name: code.floats_only[name] for name in functions if name in code.floats_only}
        if not reasons:
            return self._checker.judge(claim, code)
        reason = "; ".join(f"{name} leaves NumPy: {text}" for name, text in reasons.items())
        try:
            return self._in_floats(code, claim, reason)
        except ImplementationError as error:
            return failed(claim, code, error)

    def _in_floats(self, code: CodeImplementation, claim: Claim, reason: str) -> Verdict:
        """The verdict on code that runs in floats alone."""
        bench, seed = self._checker.bench, self._options.seed
        unknown = Verdict(claim.id, code.__name__, Status.UNDECIDED, message=f"not observed: {reason}")
        if not has_own_results(claim, self._module, bench):
            return unknown
        self._gather_floats(code, claim)
        judged, failure = judge_floats(claim, code, bench, seed, stand_in=self._module)
        if not judged:
            return unknown
        note = f"judged in binary64 only, because {reason}"
        verdict = replace(unknown, message="", notes=(note,), systems=("binary64", "balls"))
        if failure is not None:
            return replace(verdict, status=Status.REFUTED, counterexample=failure)
        return replace(verdict, status=Status.TESTED, cases=sum(1 for _ in float_cases(claim, seed)))

    def _gather_floats(self, code: CodeImplementation, claim: Claim) -> None:
        for _ in range(ROUNDS):
            before = code.runs
            with code.gathering():
                for case in float_cases(claim, self._options.seed):
                    _attempt(code, claim, case, Floats())
            if code.runs == before:
                return


def _attempt(code: CodeImplementation, claim: Claim, case: Case, system: Any = None) -> None:
    """Run the claim's scene so that the code is asked for all that it needs."""
    try:
        run(claim, code, case, Balls() if system is None else system)
    except (OutsideClass, UndecidedSign, ZeroDivisionError, ImplementationError):
        return  # what it was asked for until then is noted, and deciding meets the same again
