"""Marking code: the functions that somebody hands in, run in a box and decided like any implementation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from secrets import randbelow
from types import ModuleType
from typing import Any, Protocol

from refute.claims import Bound, Claim, Grid, Natural
from refute.deciding.bench import Bench
from refute.deciding.check import Checker, failed
from refute.deciding.identity import Options, refuted_at
from refute.deciding.recognise import recognise
from refute.deciding.verdict import Mistake, Status, Verdict, fault
from refute.errors import ImplementationError
from refute.grade.rehearsal import Likeness, Rehearsals
from refute.grade.source import read_source, with_places
from refute.project import Project
from refute.sandbox.proxy import CodeImplementation, Runner

LARGEST_SIZE = 3  # to which code is run at every one; then once beyond it


@dataclass(frozen=True)
class CodeVerdict:
    """The verdict on a claim, and the functions of the code's own that it speaks of."""

    claim: Claim
    verdict: Verdict
    functions: tuple[str, ...]


class Boxes(Protocol):
    """What makes a box for each submission, `Box` or `TrustedProcess`."""

    def kept(self) -> AbstractContextManager[Runner]:
        """A box that is kept for further requests about the same files."""


class CodeMarker:
    """Marks code that is handed in to one project. What does not depend on the code is done once. Where the options say
    nothing else the cases are new ones for each marker, which no code can have been written for."""

    def __init__(self, project: Project, options: Options | None = None) -> None:
        self._options = replace(options or Options(seed=randbelow(1 << 128)), confirm=False)
        self._reference = _Together(project.implementations.values())
        self._rehearsals = Rehearsals(self._reference, self._options)
        self._claims = [_smaller(claim) for claim in project.claims if _is_run(claim)]

    def mark(self, files: Mapping[str, bytes], boxes: Boxes) -> tuple[CodeVerdict, ...]:
        """The verdicts on all claims that speak of a function which the `files`, Python or notebooks, define, in the
        project's order.

        Functions that the files lack are the project's own. Where the code cannot be imported, the verdict on each
        claim that speaks of functions says why. Raises AnswerError for a file that is no text, or no notebook, and
        InternalError when the code could not be run.
        """
        sources = tuple(
            read_source(name, content) for name, content in files.items() if name.endswith((".py", ".ipynb"))
        )
        modules = {source.module: source.text.encode() for source in sources}
        tolerant = [source.module for source in sources if source.is_notebook]
        with boxes.kept() as box:
            code = CodeImplementation(modules, box, self._reference, tolerant)
            marking = _Marking(code, self._rehearsals, self._options)
            try:
                found = tuple(marking.verdicts(self._claims))
            except ImplementationError as error:  # it cannot even be imported
                found = tuple(CodeVerdict(claim, failed(claim, code, error), ()) for claim in self._claims)
        return tuple(replace(mark, verdict=with_places(mark.verdict, sources)) for mark in found)


class _Together:
    """The functions of several modules as those of one."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        for module in modules:
            vars(self).update({name: value for name, value in vars(module).items() if callable(value)})


def _is_run(claim: Claim) -> bool:
    return bool(claim.functions) and not isinstance(claim.observe, Bound)


def _smaller(claim: Claim) -> Claim:
    """The claim over sizes no larger than a box should be asked for."""
    return claim.of_sizes(tuple(_smaller_grid(grid) for grid in claim.grids))


def _smaller_grid(grid: Grid) -> Grid:
    return {name: size.up_to(LARGEST_SIZE) if isinstance(size, Natural) else size for name, size in grid.items()}


class _Marking:
    """The marking of one submission's code."""

    def __init__(self, code: CodeImplementation, rehearsals: Rehearsals, options: Options) -> None:
        self._code, self._rehearsals, self._options = code, rehearsals, options
        self._checker = Checker(options, Bench())
        self._likeness: dict[Any, Likeness | None] = {}
        self._alike: dict[Any, bool] = {}

    def verdicts(self, claims: Sequence[Claim]) -> Iterator[CodeVerdict]:
        """A verdict on each claim that speaks of a function of the code's own. Raises ImplementationError when the code
        cannot be imported."""
        self._ask(list(filter(self._functions, claims)))
        self._code.load()
        for claim in claims:
            functions = self._functions(claim)
            if functions:
                yield CodeVerdict(claim, self._decided(claim, functions), functions)

    def _functions(self, claim: Claim) -> tuple[str, ...]:
        return tuple(name for name in claim.functions if name in self._code.functions)

    def _ask(self, claims: Sequence[Claim]) -> None:
        """Ask at once for what deciding needs first: recordings at arguments of each structure."""
        scenes = {_scene(claim): claim for claim in claims}.values()
        self._code.ask_for(call for claim in scenes for call in self._rehearsals.calls(claim))

    def _decided(self, claim: Claim, functions: Sequence[str]) -> Verdict:
        try:
            return self._verdict(claim, functions)
        except ImplementationError as error:  # it cannot be asked for all that is needed
            return failed(claim, self._code, error)
        except Exception as error:  # noqa: BLE001  # a fault of ours is one claim's, and never a refusal
            return fault(error, claim.id)

    def _verdict(self, claim: Claim, functions: Sequence[str]) -> Verdict:
        verdict = self._at_its_sizes(claim, functions)
        beyond = self._rehearsals.beyond(claim) if verdict.accepted else None
        if beyond is None or self._is_alike(beyond):
            return verdict
        return self._refuted_at(beyond, functions) or verdict

    def _at_its_sizes(self, claim: Claim, functions: Sequence[str]) -> Verdict:
        reason = self._leaves_numpy(functions)
        try:
            if reason:
                return self._in_floats(claim, reason)
            alike = self._like_the_reference(claim)
            expected = None if alike is None else self._rehearsals.expected
            verdict = self._checker.judge(claim, self._code, alike=alike, expected=expected)
            return replace(verdict, mistake=self._mistake(claim)) if verdict.status is Status.REFUTED else verdict
        except ImplementationError as error:
            return failed(claim, self._code, error)

    def _leaves_numpy(self, functions: Sequence[str]) -> str:
        reasons = {name: self._code.floats_only[name] for name in functions if name in self._code.floats_only}
        return "; ".join(f"{name} leaves NumPy: {text}" for name, text in reasons.items())

    def _refuted_at(self, claim: Claim, functions: Sequence[str]) -> Verdict | None:
        """The verdict on code that is wrong at the one case of a claim; None where that is not found."""
        try:
            if self._leaves_numpy(functions):
                verdict = self._in_floats(claim, self._leaves_numpy(functions))
                return verdict if verdict.status is Status.REFUTED else None
            counterexample = refuted_at(claim, self._code, self._checker.bench, self._options)
        except ImplementationError as error:
            return failed(claim, self._code, error)
        if counterexample is None:
            return None
        return Verdict(
            claim.id, self._code.__name__, Status.REFUTED, systems=("balls",), counterexample=counterexample,
            mistake=self._mistake(claim),
        )  # fmt: skip

    def _like_the_reference(self, claim: Claim) -> Verdict | None:
        """The verdict on code that answers as the reference does in all that the claim's scene asks; None on other
        code."""
        scene = _scene(claim)
        if scene not in self._likeness:
            self._likeness[scene] = self._rehearsals.likeness(claim, self._code)
        likeness = self._likeness[scene]
        return None if likeness is None else self._rehearsals.verdict(claim, self._code.__name__, likeness)

    def _is_alike(self, claim: Claim) -> bool:
        """Whether the code answers as the reference does at the one shape of a claim."""
        scene = _scene(claim)
        if scene not in self._alike:
            self._alike[scene] = self._rehearsals.is_alike(claim, self._code)
        return self._alike[scene]

    def _mistake(self, claim: Claim) -> Mistake | None:
        return recognise(claim, self._code, self._checker.bench, self._options)

    def _in_floats(self, claim: Claim, reason: str) -> Verdict:
        """The verdict on code that runs in floats alone."""
        with self._code.in_floats():
            return self._judged_in_floats(claim, reason)

    def _judged_in_floats(self, claim: Claim, reason: str) -> Verdict:
        verdict = self._checker.judge_in_floats(claim, self._code, self._rehearsals.expected, reason)
        if verdict is not None:
            return verdict
        return Verdict(claim.id, self._code.__name__, Status.UNDECIDED, message=f"not observed: {reason}")


def _scene(claim: Claim) -> Any:
    """What claims that look at the same runs share."""
    return claim.observe, repr(claim.grids)
