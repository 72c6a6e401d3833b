"""What comes out of the box, read strictly: whatever is not exactly as expected is refused, and no more than that can
come of it. A forged recording is a program like any other, which has to compute the right thing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from math import prod
from typing import Any, NoReturn

from refute.errors import ImplementationError
from refute.numbers.scalar import FUNCTIONS, Exact
from refute.sandbox.structure import Malformed, Structure, parse
from refute.sandbox.tape import MOST_APPLICATIONS, MOST_INSTRUCTIONS

MOST_BYTES = 32 << 20
MOST_FUNCTIONS = 1000
MOST_TEXT = 400
MOST_EXPONENT = 1000
MOST_DEGREE = 1 << 160  # of a residue that a prime of the usual size certifies
RATIONAL = re.compile(r"-?[0-9]{1,700}(?:/[1-9][0-9]{0,699})?")
FLOAT = re.compile(r"-?0x[01]\.[0-9a-f]{1,13}p[+-][0-9]{1,4}|-?0x0\.0p\+0|-?inf|nan")
BINARY = frozenset({"add", "sub", "mul", "div"})
PLACE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.py:[0-9]{1,7}")


@dataclass(frozen=True)
class Tape:
    """A recorded program. Invariants: an instruction's operands are earlier instructions that have a value, and none is
    arithmetic among constants, which have no bounds on their digits."""

    instructions: tuple[tuple[Any, ...], ...]
    structure: Structure
    slots: tuple[int, ...]


@dataclass(frozen=True)
class FloatsOnly:
    """Why a function cannot be recorded, though it runs in floats."""

    reason: str


@dataclass(frozen=True)
class Floats:
    """A function's result in binary64."""

    structure: Structure
    values: tuple[float, ...]


@dataclass(frozen=True)
class Call:
    """A callable argument is asked for its value at an array of floats."""

    function: int
    shape: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Failure:
    """How a function failed: what was expected, what was got, and the line of the code."""

    expected: str
    got: str
    where: str | None = None


Outcome = Tape | FloatsOnly | Floats | Call | Failure


@dataclass(frozen=True)
class Reply:
    """A reply: the place of each function, the outcome of each job, or why the code cannot be imported."""

    functions: Mapping[str, str]
    outcomes: tuple[Outcome, ...]
    error: Failure | None = field(default=None)


def encode(files: Sequence[str], tolerant: Sequence[str], jobs: Sequence[Mapping[str, Any]]) -> bytes:
    """A request as the box reads it. Of the `tolerant` ones among the files, statements that fail are passed over."""
    request = {"files": list(files), "tolerant": list(tolerant), "jobs": list(jobs)}
    return json.dumps(request, allow_nan=False).encode()


def decode(reply: bytes, jobs: Sequence[Mapping[str, Any]]) -> Reply:
    """The reply to so many jobs. Raises ImplementationError for one that is not exactly as it must be."""
    if len(reply) > MOST_BYTES:
        raise _refused(f"at most {MOST_BYTES} bytes", str(len(reply)))
    try:
        data = json.loads(reply, parse_constant=_no_number, parse_float=_no_number)
    except (ValueError, RecursionError) as error:
        raise _refused("JSON of whole numbers and texts", f"{type(error).__name__}: {error}") from None
    try:
        return _reply(data, jobs)
    except (Malformed, RecursionError) as error:
        raise _refused("what was asked for", str(error)) from None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"the number {text[:20]}")


def _refused(expected: str, got: str) -> ImplementationError:
    return ImplementationError("the reply out of the box cannot be read", expected=expected, got=got)


def _reply(data: Any, jobs: Sequence[Mapping[str, Any]]) -> Reply:
    match data:
        case {"error": error, "functions": dict(functions), "outcomes": list(outcomes), **rest} if not rest:
            if len(outcomes) != len(jobs):
                raise Malformed(f"{len(outcomes)} outcomes of {len(jobs)} jobs")
            return Reply(
                _functions(functions),
                tuple(_outcome(outcome, job) for outcome, job in zip(outcomes, jobs, strict=True)),
                None if error is None else _failure(error),
            )
    raise Malformed("another object")


def _functions(data: Mapping[str, Any]) -> dict[str, str]:
    if len(data) > MOST_FUNCTIONS:
        raise Malformed(f"{len(data)} functions")
    for name, place in data.items():
        if len(name) > MOST_TEXT or not isinstance(place, str) or not PLACE.fullmatch(place):
            raise Malformed(f"the function {name[:80]!r} at {str(place)[:80]!r}")
    return dict(data)


def _outcome(data: Any, job: Mapping[str, Any]) -> Outcome:
    match data:
        case {"error": error, **rest} if not rest:
            return _failure(error)
        case {"floats_only": str(reason), **rest} if not rest and job["mode"] == "tape":
            return FloatsOnly(_text(reason))
        case {
            "tape": {"instructions": list(instructions), "structure": shape, "slots": list(slots), **more},
            **rest,
        } if not rest and not more and job["mode"] == "tape":
            return _tape(instructions, shape, slots, len(job["point"]), job["callables"])
        case {"floats": {"structure": shape, "values": list(values), **more}, **rest} if not rest and not more:
            return _floats(shape, values, job)
        case {"call": {"function": int(number), "shape": list(shape), "values": list(values), **more}, **rest} if (
            not rest and not more and job["mode"] == "floats"
        ):
            return _call(number, shape, values, job["callables"])
    raise Malformed("no outcome of the job")


def _failure(data: Any) -> Failure:
    match data:
        case {"expected": str(expected), "got": str(got), "where": where, **rest} if not rest:
            if where is None or (isinstance(where, str) and PLACE.fullmatch(where)):
                return Failure(_text(expected), _text(got), where)
    raise Malformed("no error")


def _text(text: str) -> str:
    """A text of the code's for people: one line, and not too long."""
    line = " ".join(text.split())
    printable = "".join(character if character.isprintable() else "?" for character in line)
    return printable if len(printable) <= MOST_TEXT else f"{printable[:MOST_TEXT]}..."


def _floats(shape: Any, values: list[Any], job: Mapping[str, Any]) -> Floats:
    if job["mode"] != "floats":
        raise Malformed("floats, which were not asked for")
    structure, count = parse(shape)
    if len(values) != count:
        raise Malformed(f"{len(values)} values for {count} places")
    return Floats(structure, tuple(map(_float, values)))


def _float(text: Any) -> float:
    if not isinstance(text, str) or not FLOAT.fullmatch(text):
        raise Malformed(f"the float {str(text)[:40]!r}")
    try:
        return float.fromhex(text)
    except OverflowError:
        raise Malformed(f"the float {text}") from None


def _call(number: int, shape: list[Any], values: list[Any], callables: int) -> Call:
    _, count = parse(["array", shape])
    if isinstance(number, bool) or not 0 <= number < callables or len(values) != count:
        raise Malformed("a call of no argument")
    return Call(number, tuple(shape), tuple(map(_float, values)))


def _tape(instructions: list[Any], shape: Any, slots: list[Any], inputs: int, callables: int) -> Tape | FloatsOnly:
    if len(instructions) > MOST_INSTRUCTIONS:
        raise Malformed(f"{len(instructions)} instructions")
    has_value: list[bool] = []
    program: list[tuple[Any, ...]] = []
    for instruction in instructions:
        if _is_binary(instruction, has_value, program):  # most are, and all else takes longer to tell
            program.append(tuple(instruction))
            has_value.append(True)
        else:
            program.append(_instruction(instruction, has_value, program, inputs, callables))
            has_value.append(program[-1][0] not in ("sign", "call"))
    applications = sum(instruction[0] in FUNCTIONS for instruction in program)
    if applications > MOST_APPLICATIONS:
        raise Malformed(f"{applications} applications of exp and the like")
    structure, count = parse(shape)
    if len(slots) != count or not all(_is_value(slot, has_value) for slot in slots):
        raise Malformed(f"results that are none of the {len(program)} values")
    if not _is_of_moderate_degree(program):
        return FloatsOnly("it makes polynomials of a degree beyond all measure")
    return Tape(tuple(program), structure, tuple(slots))


def _is_of_moderate_degree(program: list[tuple[Any, ...]]) -> bool:
    """Whether the degrees of what a program makes, as residues bound them, are moderate. Others certify nothing, and
    take numbers without a limit on their size."""
    degrees: list[int] = []
    for name, *operands in program:
        match name:
            case "add" | "sub" | "mul" | "div":
                degree = degrees[operands[0]] + degrees[operands[1]] + 1
            case "pow":
                degree = degrees[operands[0]] * abs(operands[1])
            case "neg":
                degree = degrees[operands[0]]
            case _:
                degree = 1  # exponentials have a size of their own
        if degree > MOST_DEGREE:
            return False
        degrees.append(degree)
    return True


def _is_value(slot: Any, has_value: list[bool]) -> bool:
    return type(slot) is int and 0 <= slot < len(has_value) and has_value[slot]


def _is_binary(data: Any, has_value: list[bool], program: list[tuple[Any, ...]]) -> bool:
    if type(data) is not list or len(data) != 3 or type(data[0]) is not str or data[0] not in BINARY:
        return False
    _, a, b = data
    if not (type(a) is type(b) is int and 0 <= a < len(program) and 0 <= b < len(program)):
        return False
    return has_value[a] and has_value[b] and not program[a][0] == program[b][0] == "const"


def _instruction(
    data: Any, has_value: list[bool], program: list[tuple[Any, ...]], inputs: int, callables: int
) -> tuple[Any, ...]:
    match data:
        case [str(name), a] if name in FUNCTIONS and _is_value(a, has_value):
            return name, a
        case ["neg", a] if _is_value(a, has_value) and program[a][0] != "const":
            return "neg", a
        case ["pow", a, n] if _is_value(a, has_value) and type(n) is int and abs(n) <= MOST_EXPONENT:
            if program[a][0] != "const":
                return "pow", a, n
        case ["const", str(text)] if RATIONAL.fullmatch(text):
            return "const", _rational(text)
        case ["input", n] if type(n) is int and 0 <= n < inputs:
            return "input", n
        case ["sign", a, sign, line] if (
            _is_value(a, has_value) and sign in (-1, 0, 1) and type(sign) is type(line) is int
        ):
            return "sign", a, sign, min(max(line, 0), 10**7)
        case ["call", n, list(shape), list(operands)] if type(n) is int and 0 <= n < callables:
            if parse(["array", shape])[1] == len(operands) and all(_is_value(a, has_value) for a in operands):
                return "call", n, tuple(shape), tuple(operands)
        case ["result", call, i] if type(call) is type(i) is int and 0 <= call < len(program):
            if program[call][0] == "call" and 0 <= i < prod(program[call][2]):
                return "result", call, i
    raise Malformed(
        f"instruction {len(program) + 1}: {str(list(islice(data, 4)) if isinstance(data, list) else data)[:80]}"
    )


def _rational(text: str) -> Exact:
    value = Fraction(text)
    return value.numerator if value.denominator == 1 else value
