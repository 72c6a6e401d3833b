"""What is recorded in the box computes outside, in every number system, what the code itself computes there."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import flint
import numpy as np
import pytest

from impl import lstm, mdrnn, momentum
from refute.cases import Draw
from refute.errors import ImplementationError
from refute.numbers.balls import Balls
from refute.numbers.duals import Dual
from refute.numbers.floats import Floats
from refute.numbers.pairs import Pairs
from refute.numbers.reals import Reals
from refute.numbers.residues import Residues
from refute.numbers.symbols import Symbols
from refute.numbers.tallies import Tallies
from refute.numbers.traces import Traces, longest_chain, sources
from refute.sandbox import structure, wire
from refute.sandbox.proxy import CodeImplementation
from refute.sandbox.replay import Meter, Program
from refute.sandbox.tape import MOST_APPLICATIONS
from tests.plain_box import Fixed, Outcome, Process


@pytest.fixture(scope="module")
def boxed() -> Callable[[ModuleType], CodeImplementation]:
    known: dict[str, CodeImplementation] = {}

    def get(module: ModuleType) -> CodeImplementation:
        if module.__name__ not in known:
            assert module.__file__ is not None
            source = Path(module.__file__).read_bytes()
            known[module.__name__] = CodeImplementation({"code.py": source}, Process(), module)
        return known[module.__name__]

    return get


def lstm_case(draw: Draw) -> tuple[Any, ...]:
    return draw("x", 2), draw("h"), draw("c"), {name: draw(name) for name in lstm.WEIGHTS}


SYSTEMS: dict[str, Callable[[], Any]] = {
    "balls": lambda: Balls(200),
    "mpmath": lambda: Reals(60),
    "floats": Floats,
    "float32": lambda: Floats("float32"),
    "pairs": lambda: Pairs(Residues(7)),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_recording_gives_what_the_code_gives(name: str, boxed: Callable[..., CodeImplementation]) -> None:
    system = SYSTEMS[name]()
    case = lstm_case(Draw(system, {}))
    direct, replayed = lstm.lstm_forward(*case), boxed(lstm).lstm_forward(*case)
    assert replayed.keys() == direct.keys()
    for output, values in direct.items():
        for one, other in zip(values, replayed[output], strict=True):
            assert _are_equal(one, other), output


def _are_equal(one: Any, other: Any) -> bool:
    if hasattr(one, "residue"):
        return bool(one.residue == other.residue)
    if hasattr(one, "arb"):
        return bool(one.arb.overlaps(other.arb)) and bool(other.is_tight(150))
    if hasattr(one, "mpf"):
        return bool(abs(one.mpf - other.mpf) < 1e-55)
    return type(one) is type(other) and bool(np.isclose(one, other, rtol=4 * np.finfo(type(one)).eps, atol=0))


def test_a_recording_is_proved_equal_by_symbols(boxed: Callable[..., CodeImplementation]) -> None:
    draw = Draw(Symbols(), {})
    theta, p, alpha, beta = draw("theta", 2), draw("p", 2), draw("alpha"), draw("beta")
    after = boxed(momentum).momentum_step(theta, p, lambda v: v * v, alpha, beta)
    back = boxed(momentum).momentum_inverse(*after, lambda v: v * v, alpha, beta)
    assert all(
        draw.number(0) == a - b
        for was, now in zip((theta, p), back, strict=True)
        for a, b in zip(was, now, strict=True)
    )


def grid(system: Any, g: int, d: int, h: int) -> tuple[Any, ...]:
    shapes = {"x": (g, g, d), "W_in": (d, h), "W_W": (h, h), "W_N": (h, h)}
    return tuple(Draw(system, {})(name, *shape) for name, shape in shapes.items())


@pytest.mark.parametrize("name", ["mdrnn_forward", "mdrnn_wavefront"])
def test_operations_dependencies_and_steps_are_those_of_the_code(
    name: str, boxed: Callable[..., CodeImplementation]
) -> None:
    counts = []
    for implementation in (mdrnn, boxed(mdrnn)):
        tallies, traces = Tallies(), Traces()
        calls: list[Any] = []

        def phi(z: Any, calls: list[Any] = calls) -> Any:
            calls.append(np.shape(z))
            return np.tanh(z)

        getattr(implementation, name)(*grid(tallies, 3, 2, 2))
        hidden = getattr(implementation, name)(*grid(traces, 3, 2, 2), phi=phi)
        chain = longest_chain({square: hidden[square] for square in np.ndindex(3, 3)})
        counts.append((tallies.count, sources(hidden.flat), len(chain), calls))
    assert counts[0] == counts[1]


def test_code_that_compares_is_followed_along_every_path() -> None:
    code = b"import numpy as np\ndef f(x):\n    return [v if v > 0 else (2 * v if v > -1 else 3 * v) for v in x]\n"
    box = Process()
    implementation = CodeImplementation({"code.py": code}, box)
    system = Balls()
    points: Any = (([1, 2], [1, 2]), ([1, Fraction(-1, 2)], [1, -1]), ([-2, 1], [-6, 1]), ([5, 5], [5, 5]))
    for point, expected in points:
        values = implementation.f([system.number(v) for v in point])
        assert [ball.contains(v) for ball, v in zip(values, expected, strict=True)] == [True, True]
    assert box.runs == 3  # the last point takes the path of the first


def test_decisions_are_recorded_under_the_line_of_the_code() -> None:
    code = b"def f(x):\n    if x > 0:\n        return x\n    return -x\n"
    system = Pairs(Residues(3))
    CodeImplementation({"code.py": code}, Process()).f(system.variable("x", Fraction(-3)))
    assert system.decisions == [("code.py", 2, 0, False)]


def test_a_sum_that_begins_with_zero_is_no_operation_more() -> None:
    code = b"def f(x):\n    s = 0\n    for v in x:\n        s += v * v\n    return s\n"
    tallies = Tallies()
    CodeImplementation({"code.py": code}, Process()).f([tallies.number(0)] * 3)
    assert (tallies.count.multiplications, tallies.count.additions) == (3, 2)


def test_calls_of_an_argument_in_floats_are_answered_outside() -> None:
    code = b"import math\ndef f(x, g):\n    return [math.exp(v) for v in g(g(x))]\n"
    implementation = CodeImplementation({"code.py": code}, Process(), type("Right", (), {}))
    assert list(implementation.f(np.array([1.0, 2.0]), lambda v: v / 2)) == [np.exp(0.25), np.exp(0.5)]


# --- Hostile replies --------------------------------------------------------------------------------------------------

JOB = {"mode": "tape", "point": ["1.0", "2.0"], "callables": 1}
GOOD: Any = {
    "error": None,
    "functions": {"f": "code.py:1"},
    "outcomes": [
        {
            "tape": {
                "instructions": [
                    ["input", 0],
                    ["input", 1],
                    ["const", "-1/2"],
                    ["mul", 0, 1],
                    ["sign", 3, 1, 7],
                    ["call", 0, [2], [0, 3]],
                    ["result", 5, 1],
                    ["pow", 6, -3],
                    ["tanh", 7],
                ],
                "structure": ["dict", [["a", ["array", [1, 2]]], ["b", ["tuple", [["scalar"]]]]]],
                "slots": [8, 3, 2],
            }
        }
    ],
}


def test_the_good_reply_is_read() -> None:
    reply = wire.decode(json.dumps(GOOD).encode(), [JOB])
    assert isinstance(reply.outcomes[0], wire.Tape)
    assert reply.outcomes[0].instructions[2] == ("const", Fraction(-1, 2))


def spoiled() -> Iterator[Any]:
    instructions = [
        ["add", 0, 99],
        ["add", 0, 9],
        ["add", 0, -1],
        ["add", 0, True],
        ["add", 0, 1.0],
        ["add", 0, "1"],
        ["add", 0],
        ["add", 0, 4],
        ["add", 0, 5],
        ["eval", 0],
        ["__class__", 0],
        ["exp", 0, 1],
        ["exp", None],
        ["input", 2],
        ["input", True],
        ["const", 1],
        ["const", "1/0"],
        ["const", "1e9"],
        ["const", "9" * 800],
        ["const", "nan"],
        ["const", "inf"],
        ["const", "\u0661"],
        ["pow", 0, 10**9],
        ["pow", 0, True],
        ["pow", 0, "2"],
        ["sign", 0, 2, 1],
        ["sign", 0, True, 1],
        ["sign", 0, 1, None],
        ["sign", 4, 1, 1],
        ["call", 1, [1], [0]],
        ["call", 0, [2], [0]],
        ["call", 0, [10**9, 10**9], []],
        ["call", 0, [-1], []],
        ["call", True, [1], [0]],
        ["result", 0, 0],
        ["result", 5, 2],
        ["result", 5, -1],
        ["result", 99, 0],
        ["add", 2, 2],
        ["neg", 2],
        ["pow", 2, 1000],
        [],
        None,
        "add",
        [["add"], 0, 1],
        {"add": 1},
    ]
    for instruction in instructions:
        bad = copy.deepcopy(GOOD)
        bad["outcomes"][0]["tape"]["instructions"].append(instruction)
        yield bad
    deep: Any = ["scalar"]
    for _ in range(50):
        deep = ["list", [deep]]
    for shape in (
        ["array", [4]],
        ["array", [10**12]],
        ["array", [-3]],
        ["array", [True]],
        ["scalar"],
        deep,
        None,
        [],
        ["value", 3],
        ["function"],
        ["dict", [["a" * 999, ["scalar"]]]],
        ["dict", [[1, ["scalar"]]]],
    ):
        bad = copy.deepcopy(GOOD)
        bad["outcomes"][0]["tape"]["structure"] = shape
        yield bad
    for slots in ([8, 3], [8, 3, 4], [8, 3, 5], [8, 3, 9], [8, 3, -1], [8, 3, True], [8, 3, None], "832", None):
        bad = copy.deepcopy(GOOD)
        bad["outcomes"][0]["tape"]["slots"] = slots
        yield bad
    for key, value in (
        ("functions", {"f": "/etc/passwd:1"}),
        ("functions", {"f": 3}),
        ("functions", []),
        ("functions", {str(i): "code.py:1" for i in range(2000)}),
        ("outcomes", []),
        ("outcomes", None),
        ("outcomes", [None]),
        ("outcomes", [{"floats": {"structure": ["scalar"], "values": ["0x1.0p+0"]}}]),
        ("outcomes", [{"error": {"expected": "a", "got": "b", "where": "../../x:1"}}]),
        ("outcomes", [{"tape": {}, "error": None}]),
        ("error", "no"),
        ("verdict", "certified"),
    ):
        yield {**copy.deepcopy(GOOD), key: value}
    yield from ([], None, 7, "x", {})


@pytest.mark.parametrize("reply", list(spoiled()))
def test_a_reply_that_is_not_exactly_right_is_refused(reply: Any) -> None:
    with pytest.raises(ImplementationError, match="cannot be read"):
        wire.decode(json.dumps(reply).encode(), [JOB])


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\xff\xfe",
        b"NaN",
        b"Infinity",
        b"1.5",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 10_000,
        b"{} {}",
        b"\x00",
    ],
)
def test_bytes_that_are_no_such_json_are_refused(reply: bytes) -> None:
    with pytest.raises(ImplementationError, match="cannot be read"):
        wire.decode(reply, [])


def test_a_program_with_too_many_exponentials_is_refused() -> None:
    many = [["input", 0], *(["exp", n] for n in range(MOST_APPLICATIONS + 1))]
    tape = {"instructions": many, "structure": ["scalar"], "slots": [0]}
    reply = json.dumps({"error": None, "functions": {}, "outcomes": [{"tape": tape}]}).encode()
    with pytest.raises(ImplementationError, match="applications"):
        wire.decode(reply, [JOB])


def taped(*instructions: list[Any]) -> wire.Outcome:
    """The one outcome in a reply with a recording."""
    tape = {"instructions": [["input", 0], *instructions], "structure": ["scalar"], "slots": [len(instructions)]}
    reply = json.dumps({"error": None, "functions": {}, "outcomes": [{"tape": tape}]}).encode()
    return wire.decode(reply, [JOB]).outcomes[0]


def test_polynomials_of_a_degree_beyond_measure_are_for_floats_alone() -> None:
    assert isinstance(taped(*(["mul", n, n] for n in range(100))), wire.Tape)
    assert isinstance(taped(*(["add", n, 0] for n in range(2000))), wire.Tape)
    assert isinstance(taped(*(["mul", n, n] for n in range(200))), wire.FloatsOnly)
    assert isinstance(taped(*(["pow", n, -1000] for n in range(17))), wire.FloatsOnly)


def unknown(signs: tuple[int, ...]) -> None:
    raise LookupError(signs)


@pytest.mark.parametrize("system", [Balls(), Pairs(Residues())])
def test_what_programs_cost_in_all_is_bounded(system: Any) -> None:
    tape = taped(*(["add", n, 0] for n in range(1000)))
    assert isinstance(tape, wire.Tape)
    program, x = Program("f", "code.py", Meter(7_500)), system.variable("x", Fraction(1, 2))
    program.add(tape)
    for inputs in ([x], [x], [Dual(x, {0: 1, 1: 1})]):  # the last costs three times as much
        program.run(inputs, [], unknown)
    program.run([x], [], unknown)
    with pytest.raises(ImplementationError, match="does too much at small sizes: expected at most 7,500 operations"):
        program.run([x], [], unknown)


def test_a_reply_that_is_too_long_is_refused_unread() -> None:
    with pytest.raises(ImplementationError, match="at most"):
        wire.decode(b" " * (wire.MOST_BYTES + 1), [])


@pytest.mark.parametrize("text", ["nan", "inf", "-0x1.8p+1", "0x0.0p+0", "-0x0.0p+0"])
def test_floats_come_as_hexadecimal_with_infinities_and_nan(text: str) -> None:
    job = {**JOB, "mode": "floats"}
    data: Any = {"error": None, "functions": {}, "outcomes": [{"floats": {"structure": ["scalar"], "values": [text]}}]}
    outcome = wire.decode(json.dumps(data).encode(), [job]).outcomes[0]
    assert isinstance(outcome, wire.Floats)
    assert repr(outcome.values[0]) == repr(float.fromhex(text))


@pytest.mark.parametrize("text", ["1.0", "0x1p99999", "0x1.0p+9999", 1, None, "NaN", "0x" + "f" * 50, " inf"])
def test_any_other_float_is_refused(text: Any) -> None:
    job = {**JOB, "mode": "floats"}
    data: Any = {"error": None, "functions": {}, "outcomes": [{"floats": {"structure": ["scalar"], "values": [text]}}]}
    with pytest.raises(ImplementationError, match="cannot be read"):
        wire.decode(json.dumps(data).encode(), [job])


def test_what_the_code_says_is_shown_as_one_printable_line() -> None:
    error = {"expected": "a result", "got": "E: \x1b[31m red\n\nlines " + "x" * 900, "where": None}
    data = {"error": error, "functions": {}, "outcomes": []}
    found = wire.decode(json.dumps(data).encode(), []).error
    assert found is not None
    assert found.got.startswith("E: ?[31m red lines xxx")
    assert len(found.got) < 410


def test_a_forged_program_has_to_compute_the_right_thing() -> None:
    forged = {"instructions": [["const", "3"]], "structure": ["scalar"], "slots": [0]}
    reply = json.dumps({"error": None, "functions": {"f": "code.py:1"}, "outcomes": [{"tape": forged}]}).encode()
    implementation = CodeImplementation({"code.py": b"def f(x): pass"}, Fixed(reply))
    assert implementation.f(Balls().number(Fraction(1, 2))) == 3


def recorded(*instructions: list[Any]) -> bytes:
    """A reply with one recording of a function of one number, whose result is that number."""
    tape = {"instructions": [["input", 0], *instructions], "structure": ["scalar"], "slots": [0]}
    return json.dumps({"error": None, "functions": {"f": "code.py:1"}, "outcomes": [{"tape": tape}]}).encode()


class Scripted:
    """Gives one reply after the other, and the last for ever."""

    def __init__(self, *replies: bytes) -> None:
        self._replies = list(replies)

    def run(self, files: Mapping[str, bytes], request: bytes) -> Outcome:
        return Outcome(self._replies.pop(0) if len(self._replies) > 1 else self._replies[0])


@pytest.mark.parametrize(
    ("second", "complaint"),
    [
        (recorded(["sign", 0, 1, 2]), "does not always do the same"),  # along the path that is known
        (recorded(["sign", 0, 0, 2]), "does not always do the same"),  # along one that was not asked for
        (recorded(), "does not always do the same"),
        (recorded(["neg", 0], ["sign", 1, -1, 2]), "does not always do the same"),
        (recorded(["sign", 0, -1, 2], ["add", 0, 7]), "cannot be read"),
        (recorded(["sign", 0, -1, 2])[:-1], "cannot be read"),
        (json.dumps({"error": None, "functions": {}, "outcomes": []}).encode(), "cannot be read"),
    ],
)
def test_a_bogus_recording_of_another_path_is_refused(second: bytes, complaint: str) -> None:
    implementation = CodeImplementation({"code.py": b"def f(x): pass"}, Scripted(recorded(["sign", 0, 1, 2]), second))
    system = Balls()
    assert implementation.f(system.number(3)).contains(3)
    with pytest.raises(ImplementationError, match=complaint):
        implementation.f(system.number(-3))


@pytest.mark.parametrize(
    ("limit", "complaint"), [("most_questions", "takes another path at every turn"), ("most_bytes", "does too much")]
)
def test_what_is_asked_and_replied_in_all_is_bounded(
    limit: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CodeImplementation, limit, {"most_questions": 5, "most_bytes": 2000}[limit])
    code = b"def f(x):\n    return [v if v > 0 else -v for v in x]\n"
    implementation = CodeImplementation({"code.py": code}, Process())
    ones = (Balls().number(-1), Balls().number(1))
    with pytest.raises(ImplementationError, match=complaint):
        [implementation.f(point) for point in product(ones, repeat=4)]


def test_recordings_that_contradict_each_other_are_refused() -> None:
    program = Program("f", "code.py", Meter())
    once = wire.Tape((("input", 0), ("sign", 0, 1, 2), ("const", 1)), ("scalar",), (2,))
    other = wire.Tape((("input", 0), ("sign", 0, 1, 2), ("const", 2)), ("scalar",), (2,))
    negative = wire.Tape((("input", 0), ("sign", 0, -1, 2), ("const", 2)), ("scalar",), (2,))
    program.add(once)
    program.add(negative)
    with pytest.raises(ImplementationError, match="does not always do the same"):
        program.add(other)
    assert program.run([Balls().number(-4)], [], unknown) == 2
    with pytest.raises(LookupError, match=re.escape("(0,)")):
        program.run([Balls().number(0)], [], unknown)


@pytest.mark.parametrize(
    ("got", "expected", "wrong"),
    [
        (("list", (("scalar",), ("scalar",))), ("array", (2,)), None),
        (("array", (2, 3)), ("tuple", (("array", (3,)), ("array", (3,)))), None),
        (("array", (2, 1)), ("array", (2,)), ("the result", "shape (2,)", "shape (2, 1)")),
        (("dict", ()), ("dict", (("a", ("scalar",)),)), ("the result", "the key 'a'", "an empty dict")),
        (
            ("dict", (("a", ("array", (1,))), ("z", ("scalar",)))),
            ("dict", (("a", ("scalar",)),)),
            ("a", "a scalar", "shape (1,)"),
        ),
        (
            ("tuple", (("scalar",),)),
            ("tuple", (("scalar",), ("scalar",))),
            ("the result", "a tuple of 2", "a tuple of 1"),
        ),
    ],
)
def test_a_mismatch_names_the_place(got: Any, expected: Any, wrong: Any) -> None:
    assert structure.mismatch(got, expected) == wrong


def test_the_precision_of_flint_is_ours_again_after_a_replay(boxed: Callable[..., CodeImplementation]) -> None:
    before = flint.ctx.prec
    boxed(lstm).lstm_forward(*lstm_case(Draw(Balls(300), {})))
    assert flint.ctx.prec == before
