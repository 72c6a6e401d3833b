"""Code in a box as an implementation: its functions can be called with scalars of any number system.

The functions are recorded in the box and replayed here. Where a recording is lacking the box is asked for it, in the
middle of a replay too.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

import numpy as np

from refute.deciding.bench import Watch
from refute.errors import ImplementationError, InternalError
from refute.numbers.balls import Ball, Balls, working_precision
from refute.numbers.duals import Dual
from refute.numbers.pairs import Pair
from refute.numbers.scalar import OutsideClass, Scalar, UndecidedSign, exact
from refute.numbers.traces import Traces
from refute.sandbox import structure, wire
from refute.sandbox.records import Failure, Kind
from refute.sandbox.replay import MOST_WORK, Meter, Program

MOST_SECONDS = 60  # in the box for one submission: a person looks at one that takes longer, as it may not be its fault
MOST_JOBS = 1500  # in one question
NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")
UNDECIDED = (Kind.TIME, Kind.ISOLATION)  # failures that a busy machine may have caused, so a person looks
DIGITS = 40  # of a real point's coordinates


class Boxed(Protocol):
    """What a run of the box gave: a reply, or why there is none."""

    @property
    def reply(self) -> bytes | None: ...
    @property
    def failure(self) -> Failure | None: ...


class Runner(Protocol):
    """The box: runs `refute.sandbox.session.answer` on a request beside the files."""

    def run(self, files: Mapping[str, bytes], request: bytes) -> Boxed: ...


class Key(NamedTuple):
    """A function and the structure of its arguments."""

    function: str
    arguments: structure.Structure


class Call(NamedTuple):
    """One call of a function: the scalars and the callables in its arguments, in the order of their structure."""

    key: Key
    scalars: Sequence[Any]
    callables: Sequence[Callable[[Any], Any]]

    def given(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """The function's name, its arguments, and those given by name."""
        arguments, options = structure.build(self.key.arguments, iter(self.scalars), iter(self.callables))
        return self.key.function, arguments, options


class _Asked(NamedTuple):
    """One call of a function in floats, with the callables' answers known so far."""

    key: Key
    values: tuple[str, ...]
    answers: tuple[tuple[str, ...], ...] = ()


class CodeImplementation:
    """The functions that the Python `files` define, as attributes; for those that they lack, a `reference`'s.

    In the `tolerant` ones among the files a statement that fails, but for a definition, does no harm: a notebook shows
    things.

    A result has to have the structure of the reference's. The functions raise ImplementationError when the code cannot
    be imported, and when they fail or do not do what a function of numbers does; and OutsideClass when they leave NumPy
    and are given anything but floats.
    """

    DTYPE = "float64"  # of the floats that it is given
    most_questions: float = 1000  # to the box
    most_spared: float = 20  # of those, to simplify counterexamples
    most_bytes: float = 128 << 20  # of replies in all
    most_seconds: float = MOST_SECONDS
    most_work: float = MOST_WORK

    def __init__(
        self, files: Mapping[str, bytes], runner: Runner, reference: Any = None, tolerant: Sequence[str] = ()
    ) -> None:
        self._tolerant = tolerant
        self._files, self._runner, self.reference = files, runner, reference
        self._modules = sorted(name for name in files if name.endswith(".py"))
        self.__name__ = self._modules[0] if len(self._modules) == 1 else "the code"
        self._programs: dict[Key, Program] = {}
        self._settled: dict[Key, Exception] = {}  # why a function has no program at arguments of that structure
        self._floats: dict[_Asked, wire.Outcome | ImplementationError] = {}
        self._expected: dict[Key, structure.Structure | None] = {}
        self._lenient = self._is_spared = False
        self._spared = self.most_spared
        self._meter = Meter(self.most_work)
        self._watch = Watch(frozenset())
        self.floats_only: dict[str, str] = {}  # functions that leave NumPy, and how
        self._questions, self._bytes, self._seconds = 0, 0, 0.0
        # Where each function is; until the box has answered, the names that may turn out to be functions.
        self.functions: Mapping[str, str] = {name.decode(): "" for name in NAME.findall(b"\n".join(files.values()))}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.functions:
            found: Callable[..., Any] = getattr(self.reference, name)
            return found
        return lambda *arguments, **options: self._call(name, arguments, options)

    def load(self) -> None:
        """Ask the box for the functions that there are, if it has not been asked for anything yet."""
        if not self._questions:
            self._ask({})

    def place_of(self, name: str) -> str:
        """File and line of a function of the code's own; '' for another."""
        return self.functions.get(name, "")

    @contextmanager
    def in_floats(self) -> Iterator[None]:
        """Run the body, in which the reference answers for functions that leave NumPy and are given anything but
        floats."""
        self._lenient = True
        try:
            yield
        finally:
            self._lenient = False

    @contextmanager
    def sparing(self) -> Iterator[None]:
        """Run the body, in which the box is asked a few things more at most: what is not known then is raised as an
        UndecidedSign."""
        self._is_spared = True
        try:
            yield
        finally:
            self._is_spared = False

    def _spare(self) -> None:
        if self._is_spared:
            self._spared -= 1
            if self._spared < 0:
                raise UndecidedSign("which way the code goes here was not asked")

    def ask_for(self, calls: Iterable[Call]) -> None:
        """Ask the box at once for a recording of each function of the code's own that is called, at arguments of each
        structure."""
        jobs: dict[Key, dict[str, Any]] = {}
        for key, scalars, callables in calls:
            if key.function in self.functions and key not in self._programs and key not in jobs:
                jobs[key] = _job(key, "tape", _point(scalars), len(callables), twice=True)
        for chunk in _chunks(jobs, MOST_JOBS):
            self._ask(chunk)

    @contextmanager
    def watched(self) -> Iterator[Watch]:
        """Run the body, and note which functions of the code's own ran in it."""
        before, self._watch = self._watch, Watch(self.functions.keys())
        try:
            yield self._watch
        finally:
            self._watch = before

    def _call(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        shape, scalars, callables = structure.of_arguments((arguments, options))
        return self.answer(Call(Key(name, shape), scalars, callables))

    def answer(self, call: Call) -> Any:
        """What the function gives in a call; it raises what the function itself does as an attribute."""
        key, scalars, _ = call
        self._expect(key)
        if scalars and all(isinstance(scalar, (float, np.floating)) for scalar in scalars):
            return self._in_floats(call)
        try:
            return self._replayed(call)
        except OutsideClass as error:
            if self._lenient and error is self._settled.get(key):
                return self._stood_in(*call.given())
            raise

    def _replayed(self, call: Call) -> Any:
        """What a function's program gives. Raises why there is none if so."""
        key, scalars, callables = call
        if key in self._settled:
            raise self._settled[key]
        if key not in self._programs:
            self._record(call)
        return self._fit(key, self._programs[key].run(scalars, callables, partial(self._record, call)))

    def _record(self, call: Call, signs: Sequence[int] = ()) -> None:
        """Ask the box for a recording along the path of those signs. Raises why it cannot be had."""
        key, scalars, callables = call
        self._spare()
        is_first = key not in self._programs
        self._ask({key: _job(key, "tape", _point(scalars), len(callables), forced=signs, twice=is_first)})
        if key in self._settled:
            raise self._settled[key]

    def _stood_in(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        self._watch.stood_in.add(name)
        return getattr(self.reference, name)(*arguments, **options)

    def _in_floats(self, call: Call) -> Any:
        """A call with floats: a program is replayed; what has none is run in the box, which has binary64 only."""
        key, scalars, callables = call
        settled = self._settled.get(key)
        if isinstance(settled, ImplementationError):
            raise settled
        is_double = all(isinstance(scalar, float) for scalar in scalars)
        if key.function not in self.floats_only and (key in self._programs or not is_double):
            try:
                return self._replayed(call)
            except OutsideClass as error:
                if error is not self._settled.get(key):
                    raise
        known: Any = _Asked(key, tuple(repr(float(scalar)) for scalar in scalars))
        while isinstance(known := self._answered(known, callables), _Asked):
            self._ask({known: _job(key, "floats", list(known.values), len(callables), answers=known.answers)})
        return self._fit(key, known)

    def _answered(self, asked: _Asked, callables: Sequence[Any]) -> Any:
        """The result of a call in floats, or what has to be asked for it."""
        while True:
            found: Any = self._floats.get(asked)
            if isinstance(found, ImplementationError):
                raise found
            if isinstance(found, wire.Floats):
                entries = iter([np.float64(value) for value in found.values])
                return structure.build(structure.as_arrays(found.structure), entries, iter(()))
            if found is None:
                return asked
            values = np.array(found.values, dtype=np.float64).reshape(found.shape)[()]
            answer = np.ravel(np.asarray(callables[found.function](values), dtype=np.float64))
            asked = asked._replace(answers=(*asked.answers, tuple(float(value).hex() for value in answer)))

    def _fit(self, key: Key, result: Any) -> Any:
        """A result that has the structure of the reference's. Raises ImplementationError for another."""
        got = structure.of_results(result)[0]
        expected = self._wanted(key, got)
        wrong = None if expected is None else structure.mismatch(got, expected)
        if wrong is None:
            self._watch.ran.add(key.function)
            return result
        place, wanted, found = wrong
        raise ImplementationError(
            f"{key.function} gives another structure" + ("" if place == "the result" else f" for {place}"),
            expected=wanted, got=found, where=self.place_of(key.function),
        )  # fmt: skip

    def _wanted(self, key: Key, got: structure.Structure) -> structure.Structure | None:
        """The structure that a result must have, if any is known."""
        return self._expected[key]

    def _expect(self, key: Key) -> None:
        """Note the structure of the reference's result for such arguments. Raises OutsideClass where it has none in
        other number systems than floats."""
        if key in self._expected:
            return
        function = getattr(self.reference, key.function, None)
        self._expected[key] = None if function is None else structure_of_result(function, key.arguments)

    def _ask(self, jobs: Mapping[Any, dict[str, Any]]) -> None:
        """Ask the box for what is lacking, and note what it says."""
        self._questions += 1
        if self._questions > self.most_questions:
            raise ImplementationError(
                f"{self.__name__} takes another path at every turn",
                expected=f"all paths known after {self.most_questions} questions",
                got="one more",
                where=self.__name__,
            )
        if self._bytes > self.most_bytes:
            raise ImplementationError(
                f"{self.__name__} does too much at small sizes",
                expected=f"recordings of at most {self.most_bytes:,} bytes",
                got="more",
                where=self.__name__,
            )
        if self._seconds > self.most_seconds:
            raise InternalError("the code could not be run to its end", got=f"more than {self.most_seconds} s in all")
        wanted, start = list(jobs.values()), time.monotonic()
        boxed = self._runner.run(self._files, wire.encode(self._modules, self._tolerant, wanted))
        self._seconds += time.monotonic() - start
        if boxed.reply is None:
            failure = boxed.failure
            if failure is not None and failure.kind in UNDECIDED:
                raise InternalError("the code could not be run to its end", got=failure.message)
            said = "nothing" if failure is None else failure.message
            raise ImplementationError(f"{self.__name__} was stopped", expected="an answer", got=said)
        self._bytes += len(boxed.reply)
        reply = wire.decode(boxed.reply, wanted)
        if reply.error is not None:
            raise self._failed(f"{self.__name__} cannot be imported", reply.error, self.__name__)
        self.functions = reply.functions
        for asked, outcome in zip(jobs, reply.outcomes, strict=True):
            self._note(asked, outcome)

    def _note(self, asked: Any, outcome: wire.Outcome) -> None:
        if isinstance(asked, _Asked):
            name = asked.key.function
            if isinstance(outcome, wire.Failure):
                self._floats[asked] = self._failed(f"{name} failed", outcome, self.place_of(name))
            else:
                self._floats[asked] = outcome
            return
        key: Key = asked
        match outcome:
            case wire.Tape():
                program = self._programs.setdefault(
                    key, Program(key.function, self._file_of(key.function), self._meter)
                )
                try:
                    program.add(outcome)
                except ImplementationError as error:
                    self._settled[key] = error
            case wire.FloatsOnly(reason):
                self.floats_only[key.function] = reason
                self._settled[key] = OutsideClass(reason)
            case wire.Failure():
                self._settled[key] = self._failed(f"{key.function} failed", outcome, self.place_of(key.function))

    def _file_of(self, name: str) -> str:
        return self.place_of(name).partition(":")[0]

    def _failed(self, message: str, failure: wire.Failure, where: str) -> ImplementationError:
        place = self._place(failure.where) if failure.where else where
        return ImplementationError(message, expected=failure.expected, got=failure.got, where=place)

    def _place(self, where: str) -> str:
        """A line of the code's, as people are shown it."""
        return where


@lru_cache(maxsize=4096)  # the same for each submission
def structure_of_result(function: Callable[..., Any], arguments: structure.Structure) -> structure.Structure:
    """The structure of a function's result, found by traces, or by balls where it compares numbers. Raises OutsideClass
    for a function that is made for floats alone."""
    traces, balls = Traces(), Balls()
    for fresh in (lambda: traces.variable(""), lambda: balls.number(Fraction(1, 3))):
        given, options = structure.build(arguments, iter(fresh, None), iter(lambda: _same_shape, None))
        try:
            return structure.of_results(function(*given, **options))[0]
        except (TypeError, AttributeError):
            continue
    raise OutsideClass(f"{function.__name__} is made for floats alone, which a box does not carry")


def _same_shape(argument: Any) -> Any:
    return argument


def _chunks(jobs: Mapping[Any, dict[str, Any]], size: int) -> Iterator[dict[Any, dict[str, Any]]]:
    items = list(jobs.items())
    for start in range(0, len(items), size):
        yield dict(items[start : start + size])


def _job(
    key: Key, mode: str, point: list[str], callables: int, *, forced: Sequence[int] = (),
    answers: Sequence[Sequence[str]] = (), twice: bool = False,
) -> dict[str, Any]:  # fmt: skip
    return {
        "function": key.function, "arguments": key.arguments, "mode": mode, "point": point, "callables": callables,
        "forced": list(forced), "answers": list(answers), "twice": twice,
    }  # fmt: skip


def _point(scalars: Sequence[Any]) -> list[str]:
    """The real values at which comparisons are decided: those of the scalars, or any for scalars without one."""
    return [_real(scalar) or _any(number) for number, scalar in enumerate(scalars)]


def _real(scalar: Any) -> str | None:
    match scalar:
        case Dual():
            return _real(scalar.value)
        case Pair():
            return _real(scalar.ball)
        case Ball():
            return str(scalar.arb.mid().str(DIGITS, radius=False)) if scalar.is_finite() else None
        case float():
            return repr(float(scalar)) if np.isfinite(scalar) else None
        case Scalar():
            return None
    value = exact(scalar)
    if value is None:
        return None
    with working_precision(4 * DIGITS):
        return _real(Balls(4 * DIGITS).number(value))


def _any(number: int) -> str:
    """Some value, as human as another."""
    return str(int.from_bytes(sha256(str(number).encode()).digest()[:2]) / 2**16 - 0.5)
