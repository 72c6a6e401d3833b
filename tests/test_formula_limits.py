"""A formula, however long, deep or large, is refused for a stated reason or else of use; nothing hangs or crashes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from refute.formula.evaluate import compile_expr
from refute.formula.expr import Name
from refute.formula.parse import MAX_DEPTH, MAX_LENGTH, FormulaError, parse
from refute.formula.show import text, unicode


def test_a_formula_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert parse("x" * MAX_LENGTH) == Name("x" * MAX_LENGTH)
    with pytest.raises(FormulaError, match=f"too long: expected at most {MAX_LENGTH} characters, got {MAX_LENGTH + 1}"):
        parse("x" * (MAX_LENGTH + 1))


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("f(", ")"), ("c[", "]"), ("-(", ")"), ("1/(2+", ")")])
def test_brackets_may_be_as_deep_as_the_limit_and_no_deeper(opening: str, closing: str) -> None:
    assert parse(opening * MAX_DEPTH + "x" + closing * MAX_DEPTH)
    with pytest.raises(FormulaError, match=f"too deep: expected at most {MAX_DEPTH} levels, got {MAX_DEPTH + 1}"):
        parse(opening * (MAX_DEPTH + 1) + "x" + closing * (MAX_DEPTH + 1))


HALF = MAX_LENGTH // 2 - 1
LARGE = {
    **{f"x {sign} x {sign} ...": f"x{sign}" * HALF + "x" for sign in "+-*/^"},
    "minus signs": "-" * (MAX_LENGTH - 1) + "x",
    "plus signs": "+" * (MAX_LENGTH - 1) + "x",
    "digits": "9" * MAX_LENGTH,
    "decimals": "0." + "9" * (MAX_LENGTH - 2),
    "a large exponent": "1e5000",
    "a small exponent": "1e-5000",
    "many arguments": f"f({'x,' * HALF}x)"[:-3] + ")",
    "deep calls": "f(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH,
    "deep indices": "c[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH,
    "deep powers": "-2^(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH,
    "deep matrices": "[[" * (MAX_DEPTH // 2) + "1" + "]]" * (MAX_DEPTH // 2),
}


def is_refused_or_of_use(formula: str) -> bool:
    """Whether a formula is refused for a stated reason, or else can be printed both ways and compiled."""
    try:
        expr = parse(formula)
    except FormulaError as error:
        return error.expected is not None
    return bool(text(expr) and unicode(expr) and compile_expr(expr))


@pytest.mark.parametrize("formula", LARGE.values(), ids=LARGE)
def test_a_formula_within_the_limits_is_refused_or_of_use(formula: str) -> None:
    assert is_refused_or_of_use(formula)


@pytest.mark.parametrize("formula", ["1e999999999", "1e-999999999", "9^9^9^9", "x^9^9^9^9"])
def test_a_huge_number_ends_in_a_value_or_a_refusal(formula: str) -> None:
    script = f"""
from refute.errors import RefuteError
from refute.formula.evaluate import evaluate
from refute.formula.parse import parse
try:
    evaluate(parse({formula!r}), {{"x": 2}})
except RefuteError:
    pass
"""  # in a process of its own, so that one that never ends can be ended
    done = subprocess.run([sys.executable, "-c", script], timeout=10, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
