"""Tapes: numbers that record what is done to them, one instruction after the other, as a program to be run elsewhere.

A recorded program has no branches. A comparison is decided by a real value that each number carries, an Arb ball at the
point in question, and the sign that decided it is an instruction of its own: whoever replays the program elsewhere can
see where another path begins.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Self

import flint
import numpy as np

from refute.numbers.scalar import FUNCTIONS, Exact, Scalar, exact

PRECISION = 128  # of the real values that decide comparisons
MOST_INSTRUCTIONS = 50_000
MOST_APPLICATIONS = 1000  # of functions: each may be new to every other one
Instruction = list[Any]


class LeavesNumPy(TypeError):
    """The code asks for what only a float has."""


class TooLong(Exception):
    """The code does more than a recording holds."""


class Recording:
    """One run of a function: its instructions so far. The first `forced` comparisons come out with those signs.

    Invariant: an instruction refers to earlier ones only. Source: Wengert 1964, whose list of operations it is.
    """

    def __init__(self, files: Sequence[str] = (), forced: Sequence[int] = ()) -> None:
        self.instructions: list[Instruction] = []
        self._applications = 0
        self._files, self._forced = frozenset(files), list(reversed(forced))
        self._constants: dict[Exact, Tape] = {}

    def note(self, *instruction: Any) -> int:
        """Record an instruction and return its index. Raises TooLong beyond `MOST_INSTRUCTIONS`."""
        if len(self.instructions) >= MOST_INSTRUCTIONS:
            raise TooLong(f"more than {MOST_INSTRUCTIONS} operations at one small case")
        self.instructions.append(list(instruction))
        return len(self.instructions) - 1

    def note_function(self, name: str, operand: int) -> int:
        """Record the application of a function. Raises TooLong beyond `MOST_APPLICATIONS`."""
        self._applications += 1
        if self._applications > MOST_APPLICATIONS:
            raise TooLong(f"more than {MOST_APPLICATIONS} applications of exp and the like at one small case")
        return self.note(name, operand)

    def input(self, number: int, value: Any) -> Tape:
        """The argument's scalar of that number, at a real value."""
        return Tape(self, value, self.note("input", number))

    def constant(self, value: Exact) -> Tape:
        """An exact rational; it is recorded when something is made of it."""
        tape = self._constants.get(value)
        if tape is None:
            fraction = Fraction(value)
            ball = flint.arb(flint.fmpq(fraction.numerator, fraction.denominator))
            tape = self._constants[value] = Tape(self, ball, None, fraction)
        return tape

    def call(self, function: int, argument: Any) -> Any:
        """What the callable argument of that number makes of an array, one of the same shape. Its values are known to
        whoever replays the program; here anything will do."""
        entries = np.asarray(argument, dtype=object)
        tapes = [self.lift(entry) for entry in entries.flat]
        call = self.note("call", function, list(entries.shape), [tape.index for tape in tapes])
        results = np.empty(entries.shape, dtype=object)
        for i, tape in enumerate(tapes):
            results.flat[i] = Tape(self, tape.value.tanh(), self.note("result", call, i))
        return results if results.shape else results.item()

    def lift(self, value: object) -> Tape:
        """A scalar of this recording. Raises LeavesNumPy for anything else."""
        if isinstance(value, Tape):
            return value
        number = exact(value)
        if number is None:
            raise LeavesNumPy(f"expected numbers, got {type(value).__name__}")
        return self.constant(number)

    def decide(self, tape: Tape) -> int:
        """The sign of a number, recorded with the line that asked."""
        sign = self._forced.pop() if self._forced else int(tape.value > 0) - int(tape.value < 0)
        self.note("sign", tape.index, sign, self._line())
        return sign

    def _line(self) -> int:
        frame = sys._getframe()
        while frame.f_back is not None and frame.f_code.co_filename not in self._files:
            frame = frame.f_back
        return frame.f_lineno


class Tape(Scalar):
    """A number in a recording: its real value, and the index of the instruction that makes it.

    A constant keeps its exact value too, so that arithmetic among constants and adding 0, as a sum that begins with 0
    does, are no operations.
    """

    __slots__ = ("recording", "value", "constant", "_index")
    system_name = "tapes"

    def __init__(self, recording: Recording, value: Any, index: int | None, constant: Fraction | None = None) -> None:
        self.recording, self.value, self.constant, self._index = recording, value, constant, index

    @property
    def index(self) -> int:
        """The instruction that makes it; a constant's is recorded now."""
        if self._index is None:
            assert self.constant is not None
            self._index = self.recording.note("const", str(self.constant))
        return self._index

    def _lift(self, other: object) -> Any:
        value = exact(other)
        return None if value is None else self.recording.constant(value)

    def _made(self, value: Any, name: str, *operands: Any) -> Any:
        return Tape(self.recording, value, self.recording.note(name, *operands))

    def _add(self, other: Self) -> Any:
        if self.constant == 0:
            return other
        if other.constant == 0:
            return self
        if self.constant is not None and other.constant is not None:
            return self.recording.constant(self.constant + other.constant)
        return self._made(self.value + other.value, "add", self.index, other.index)

    def _sub(self, other: Self) -> Any:
        if other.constant == 0:
            return self
        if self.constant is not None and other.constant is not None:
            return self.recording.constant(self.constant - other.constant)
        return self._made(self.value - other.value, "sub", self.index, other.index)

    def _mul(self, other: Self) -> Any:
        if self.constant is not None and other.constant is not None:
            return self.recording.constant(self.constant * other.constant)
        return self._made(self.value * other.value, "mul", self.index, other.index)

    def _div(self, other: Self) -> Any:
        if other.constant == 0:
            raise ZeroDivisionError("division by zero")
        if self.constant is not None and other.constant is not None:
            return self.recording.constant(self.constant / other.constant)
        return self._made(self.value / other.value, "div", self.index, other.index)

    def _neg(self) -> Any:
        if self.constant is not None:
            return self.recording.constant(-self.constant)
        return self._made(-self.value, "neg", self.index)

    def _power(self, n: int) -> Any:
        if n in (0, 1):
            return self if n else self.recording.constant(1)
        if self.constant is not None:
            return self.recording.constant(self.constant**n)
        return self._made(self.value**n, "pow", self.index, n)

    def _sign(self) -> int:
        if self.constant is not None:
            return int(self.constant > 0) - int(self.constant < 0)
        return self.recording.decide(self)

    def __float__(self) -> float:
        raise LeavesNumPy("it makes floats of its numbers")

    def __int__(self) -> int:
        raise LeavesNumPy("it makes whole numbers of its numbers")

    __index__ = __round__ = __trunc__ = __floor__ = __ceil__ = __int__

    def __repr__(self) -> str:
        return f"Tape({self.value.str(6, radius=False)})"


def _function(name: str) -> Any:
    def function(self: Tape) -> Any:
        return Tape(self.recording, getattr(self.value, name)(), self.recording.note_function(name, self.index))

    return function


for _name in FUNCTIONS:
    setattr(Tape, _name, _function(_name))
