"""Replaying recorded programs in any number system.

All recordings of one function at arguments of one structure make a tree: they share their instructions up to the first
comparison that came out differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from refute.errors import ImplementationError
from refute.numbers.balls import Ball, working_precision
from refute.numbers.duals import Dual, sign_of
from refute.numbers.floats import Floats
from refute.numbers.pairs import Pair, deciding_at
from refute.numbers.scalar import FUNCTIONS, Exact, Scalar
from refute.sandbox.structure import Structure, as_arrays, build
from refute.sandbox.wire import Tape

MOST_PATHS = 2000
MOST_WORK = 6_000_000  # operations on one scalar, in all that one submission's programs are run: seconds
COSTLY = 30  # what a function of a scalar, or a call, counts for


Record = Callable[[tuple[int, ...]], None]  # adds a recording, or raises why there is none


class Meter:
    """Counts what programs cost to run, so that a forged one cannot take for ever. It counts operations rather than
    seconds: a verdict must not depend on the machine."""

    def __init__(self, most: float = MOST_WORK) -> None:
        self._left = self._most = most

    def spend(self, work: int, name: str, file: str) -> None:
        """Raises ImplementationError when there is nothing left."""
        self._left -= work
        if self._left < 0:
            raise ImplementationError(
                f"{name} does too much at small sizes",
                expected=f"at most {self._most:,} operations",
                got="more",
                where=file,
            )


@dataclass
class Branch:
    """The instructions up to the next comparison, and what follows for each sign of it; or the results."""

    instructions: tuple[tuple[Any, ...], ...]
    tested: tuple[int, int] | None = None  # what is compared with 0, and the line that does so
    after: dict[int, Branch] = field(default_factory=dict)
    results: tuple[Structure, tuple[int, ...]] | None = None

    @cached_property
    def work(self) -> int:
        """What the instructions cost on plain scalars."""
        return sum(COSTLY if instruction[0] in _COSTLY else 1 for instruction in self.instructions) + 1


_COSTLY = frozenset({*FUNCTIONS, "call"})


class Program:
    """The recordings of one function at arguments of one structure."""

    def __init__(self, name: str, file: str, meter: Meter) -> None:
        self.name, self.file, self._meter = name, file, meter
        self.structure: Structure | None = None
        self.paths = 0
        self._root: Branch | None = None

    def add(self, tape: Tape) -> None:
        """Add a recording. Raises ImplementationError when it contradicts one that is there, or there are too many."""
        structure = as_arrays(tape.structure)
        if self.structure not in (None, structure):
            raise self._contradiction()
        self.structure = structure
        self._meter.spend(len(tape.instructions), self.name, self.file)
        self.paths += 1
        if self.paths > MOST_PATHS:
            raise ImplementationError(
                f"{self.name} takes too many paths", expected=f"at most {MOST_PATHS}", got="more", where=self.file
            )
        self._root = self._merged(self._root, list(_branches(tape, structure)))

    def _merged(self, known: Branch | None, path: list[tuple[Branch, int]]) -> Branch:
        root = known
        above: tuple[Branch, int] | None = None
        for new, sign in path:
            here = known if above is None else above[0].after.get(above[1])
            if here is None:
                here = new
                if above is not None:
                    above[0].after[above[1]] = new
            elif (here.instructions, here.tested, here.results) != (new.instructions, new.tested, new.results):
                raise self._contradiction()
            root = root or here
            above = here, sign
        assert root is not None
        return root

    def _contradiction(self) -> ImplementationError:
        return ImplementationError(
            f"{self.name} does not always do the same",
            expected="equal answers to equal arguments",
            got="another answer the second time",
            where=self.file,
        )

    def run(self, inputs: Sequence[Any], callables: Sequence[Callable[[Any], Any]], record: Record) -> Any:
        """The results for these scalars. Where a comparison comes out as in no recording, `record` is to add one along
        the path of the signs of all comparisons so far.

        Raises ImplementationError where it adds another, and what the number system raises when it cannot follow;
        nothing is then known to have been compared.
        """
        system = next((pair.system for pair in map(_value, inputs) if isinstance(pair, Pair)), None)
        if system is None:
            return self._run(inputs, callables, record)
        with system.undone_on_error(), working_precision(system.balls.precision):
            return self._run(inputs, callables, record)

    def _run(self, inputs: Sequence[Any], callables: Sequence[Callable[[Any], Any]], record: Record) -> Any:
        machine = _Machine(inputs, callables)
        branch, signs = self._root, list[int]()
        weight = _weight(inputs)
        assert branch is not None
        while True:
            self._meter.spend(branch.work * weight, self.name, self.file)
            machine.run(branch.instructions)
            if branch.tested is None:
                assert branch.results is not None
                structure, slots = branch.results
                return build(structure, (machine.slots[slot] for slot in slots), iter(()))
            slot, line = branch.tested
            with deciding_at(self.file, line):
                signs.append(sign_of(machine.slots[slot]))
            machine.slots.append(None)  # the comparison's own
            if signs[-1] not in branch.after:
                record(tuple(signs))
            if signs[-1] not in branch.after:
                raise self._contradiction()
            branch = branch.after[signs[-1]]


def _branches(tape: Tape, structure: Structure) -> Iterator[tuple[Branch, int]]:
    """The branches along a recording, each with the sign that leads to the next."""
    start = 0
    for i, instruction in enumerate(tape.instructions):
        if instruction[0] == "sign":
            _, slot, sign, line = instruction
            yield Branch(tape.instructions[start:i], (slot, line)), sign
            start = i + 1
    yield Branch(tape.instructions[start:], results=(structure, tape.slots)), 0


class _Machine:
    """What has been computed so far, by instruction."""

    def __init__(self, inputs: Sequence[Any], callables: Sequence[Callable[[Any], Any]]) -> None:
        self.slots: list[Any] = []
        self._inputs, self._callables = inputs, callables
        self._number = _constants_beside(inputs)

    def run(self, instructions: Sequence[tuple[Any, ...]]) -> None:
        slots = self.slots
        for instruction in instructions:
            match instruction:
                case ("add", a, b):
                    slots.append(slots[a] + slots[b])
                case ("mul", a, b):
                    slots.append(slots[a] * slots[b])
                case ("sub", a, b):
                    slots.append(slots[a] - slots[b])
                case ("div", a, b):
                    slots.append(slots[a] / slots[b])
                case ("const", value):
                    slots.append(self._number(value))
                case _:
                    slots.append(self._other(*instruction))

    def _other(self, name: str, *operands: Any) -> Any:
        slots = self.slots
        if name in FUNCTIONS:
            return self._apply(name, slots[operands[0]])
        match name, operands:
            case "neg", (a,):
                return -slots[a]
            case "pow", (a, n):
                return slots[a] ** n
            case "input", (n,):
                return self._inputs[n]
            case "call", (n, shape, arguments):
                return self._call(n, shape, [slots[a] for a in arguments])
        call, i = operands
        return slots[call][i]

    def _apply(self, name: str, value: Any) -> Any:
        if isinstance(value, Scalar):
            return getattr(value, name)()
        if isinstance(value, (int, Fraction)):  # a constant among scalars
            return getattr(_lifted(value, self._inputs), name)()
        return getattr(np, name)(value)

    def _call(self, number: int, shape: tuple[int, ...], entries: list[Any]) -> list[Any]:
        argument = build(("array", shape), iter(entries), iter(()))
        result = self._callables[number](argument if shape else argument.item())
        if np.shape(result) != shape:
            raise ValueError(f"expected a callable that keeps the shape {shape}, got {np.shape(result)}")
        return list(np.ravel(np.asarray(result)))


def _weight(inputs: Sequence[Any]) -> int:
    """How many times as much as a plain scalar's an operation on the inputs costs: duals have a number for each
    direction, balls many bits."""
    directions: set[Any] = set()
    bits = 0
    for value in inputs:
        if isinstance(value, Dual):
            directions.update(value.partials)
        scalar = _value(value)
        if isinstance(scalar, Ball):
            bits = max(bits, scalar.system.precision)
    return (1 + len(directions)) * (1 + bits // 4096)


def _constants_beside(inputs: Sequence[Any]) -> Callable[[Exact], Any]:
    """How a constant stands beside the inputs: a float among floats, as itself elsewhere."""
    kind = next((type(value) for value in inputs if isinstance(value, np.floating)), None)
    if kind is None:
        return lambda value: value
    return Floats(np.dtype(kind).name).number


def _value(scalar: Any) -> Any:
    """What is at the bottom of duals."""
    while isinstance(scalar, Dual):
        scalar = scalar.value
    return scalar


def _lifted(value: Exact, inputs: Sequence[Any]) -> Any:
    """A constant as a scalar of the number system at the bottom of the inputs."""
    scalar = next((value for value in inputs if isinstance(value, Scalar)), None)
    scalar = _value(scalar)
    if not isinstance(scalar, Scalar):
        raise TypeError(f"expected scalars of a number system, got the number {value} only")
    return scalar._lift(value)
