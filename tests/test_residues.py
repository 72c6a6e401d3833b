"""Residues: equal for equal expressions, different for different ones, and by what chance not; integer relations by
lattice reduction; the same on every machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import accumulate, permutations
from math import gcd, prod
from operator import mul
from typing import Any, cast

import flint
import numpy as np
import pytest
import sympy
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from refute.deciding.identity import RELATION_BITS
from refute.numbers.balls import Balls
from refute.numbers.lattice import RelationLattice, small_ratio
from refute.numbers.residues import (
    DEFAULT_BITS,
    HEIGHT,
    ROOT_ORDER,
    Residue,
    Residues,
    _passes,
    random_bits,
    random_prime,
)
from refute.numbers.scalar import OutsideClass
from tests.strategies import EXPONENTIAL, RATIONAL, VARIABLES, Expression, expressions, points, rationals, rewritten

SIMPLE = st.sampled_from([Fraction(n, 2) for n in (-4, -2, -1, 0, 1, 2, 4, 6)])
DEFAULT = Fraction(1, 2**100)


def variables(field: Residues) -> dict[str, Any]:
    return {name: field.variable(name) for name in VARIABLES}


def residues(*written: Expression, **options: Any) -> list[Residue]:
    """The residues of several expressions, in one field."""
    field = Residues(bits=512, **options)
    try:
        return [expression(field, variables(field)) for expression in written]
    except ZeroDivisionError:
        reject()


# --- Equal and different ----------------------------------------------------------------------------------------------


@given(expressions(EXPONENTIAL, SIMPLE))
@settings(max_examples=200)
def test_an_expression_written_otherwise_has_the_same_residue(expression: Expression) -> None:
    one, other = residues(expression, rewritten(expression))
    assert one == other
    assert one != other + Fraction(1, 10**30)


@pytest.mark.parametrize("relations", [True, False])
@given(one=expressions(EXPONENTIAL), other=expressions(EXPONENTIAL), point=points())
@settings(max_examples=100)
def test_what_balls_tell_apart_has_different_residues(
    relations: bool, one: Expression, other: Expression, point: dict[str, Fraction]
) -> None:
    balls = Balls(256)
    at = {name: balls.number(value) for name, value in point.items()}
    try:
        assume(one(balls, at).disjoint(other(balls, at)))
    except ZeroDivisionError:
        reject()
    assert len(set(residues(one, other, relations=relations))) == 2


@given(expressions(EXPONENTIAL))
@settings(max_examples=50)
def test_what_looks_equal_without_relations_is_equal_with_them(expression: Expression) -> None:
    one, other = residues(expression, rewritten(expression), relations=False)
    assume(one == other)
    one, other = residues(expression, rewritten(expression), relations=True)
    assert one == other


def test_an_argument_of_exp_is_no_power_of_its_exponential() -> None:
    x: Any = Residues().variable("x")
    towers = [x, np.exp(x), np.exp(np.exp(x)), np.exp(np.exp(np.exp(x))), np.exp(x * x), np.exp(1 / x), np.exp(x * 0)]
    assert len(set(towers)) == len(towers)


# --- Integer relations ------------------------------------------------------------------------------------------------

Side = Callable[..., Any]
RELATIONS: Mapping[str, tuple[Side, Side, Side]] = {  # an exponential, what it is, and a near miss
    "exp(3x+5y)": (
        lambda x, y: np.exp(3 * x + 5 * y),
        lambda x, y: np.exp(x) ** 3 * np.exp(y) ** 5,
        lambda x, y: np.exp(x) ** 3 * np.exp(y) ** 4,
    ),
    "exp(x+y)": (
        lambda x, y: np.exp(x + y),
        lambda x, y: np.exp(x) * np.exp(y),
        lambda x, y: np.exp(x) + np.exp(y),
    ),
    "exp((2x-7y)/15)": (
        lambda x, y: np.exp((2 * x - 7 * y) / 15) ** 15,
        lambda x, y: np.exp(x) ** 2 / np.exp(y) ** 7,
        lambda x, y: np.exp(x) ** 2 * np.exp(y) ** 7,
    ),
    "exp(x+1)": (
        lambda x, y: np.exp(x + 1),
        lambda x, y: np.exp(x) * np.exp(x - x + 1),
        lambda x, y: np.exp(x) * np.exp(x - x + 2),
    ),
    "exp((x+y)^2)": (
        lambda x, y: np.exp((x + y) ** 2),
        lambda x, y: np.exp(x * x) * np.exp(x * y) ** 2 * np.exp(y * y),
        lambda x, y: np.exp(x * x) * np.exp(x * y) * np.exp(y * y),
    ),
    "exp of a sum of exps": (
        lambda x, y: np.exp(2 * np.exp(x) - 3 * np.exp(y) / 4),
        lambda x, y: np.exp(np.exp(x)) ** 2 / np.exp(np.exp(y) / 4) ** 3,
        lambda x, y: np.exp(np.exp(x)) ** 2 / np.exp(np.exp(y) / 3) ** 4,
    ),
    "tanh(x-y)": (
        lambda x, y: np.tanh(x - y),
        lambda x, y: (np.tanh(x) - np.tanh(y)) / (1 - np.tanh(x) * np.tanh(y)),
        lambda x, y: np.tanh(x) - np.tanh(y),
    ),
}


@pytest.mark.parametrize("relations", [True, False])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("sides", RELATIONS.values(), ids=RELATIONS)
def test_relations_are_found_and_never_where_there_are_none(
    sides: tuple[Side, Side, Side], backwards: bool, relations: bool
) -> None:
    field = Residues(relations=relations)
    x, y = variables(field).values()
    whole, parts, miss = [side(x, y) for side in sides[:: -1 if backwards else 1]][:: -1 if backwards else 1]
    assert whole != miss
    assert whole == parts or not relations


@given(
    numerators=st.lists(st.integers(-16, 16).filter(bool), min_size=1, max_size=4),
    denominator=st.integers(1, 16),
    order=st.permutations(range(5)),
)
@settings(max_examples=100)
def test_every_small_rational_relation_is_found_in_any_order(
    numerators: list[int], denominator: int, order: list[int]
) -> None:
    assume(gcd(denominator, *numerators) == 1)
    field = Residues()
    x = [field.variable(f"x{j}") for j in range(len(numerators))]
    arguments = [*x, sum(m * u for m, u in zip(numerators, x, strict=True)) / denominator]
    exponentials = {j: np.exp(arguments[j]) for j in order if j < len(arguments)}
    *parts, whole = (exponentials[j] for j in range(len(arguments)))
    product = prod(e**m for e, m in zip(parts, numerators, strict=True))
    assert whole**denominator == product
    assert whole**denominator != product * parts[0]


@pytest.mark.parametrize("relations", [True, False])
@pytest.mark.parametrize("times", [-4, -3, -2, -1, 1, 2, 3, 4])
def test_small_multiples_and_parts_need_no_lattice(times: int, relations: bool) -> None:
    x = variables(Residues(relations=relations))["x"]
    whole, multiple, part = np.exp(x), np.exp(times * x), np.exp(x / times)
    assert (multiple, part**times) == (whole**times, whole)
    assert multiple != whole ** (times + 1)


def test_a_sum_of_sums_that_were_met_needs_no_lattice() -> None:
    field = Residues(relations=False)
    terms: list[Any] = [field.variable(f"x{i}") for i in range(6)]
    sums = list(accumulate(terms))
    for total, product in zip(map(np.exp, sums), accumulate(map(np.exp, terms), mul), strict=True):
        assert total == product
    assert field.arguments == len(terms)
    with field.scratch():
        assert np.exp(terms[0] - terms[5] + terms[2]) * np.exp(terms[5]) != np.exp(terms[0]) * np.exp(terms[2])
        assert field.arguments == len(terms) + 1  # a sum of three
    assert np.exp(sums[4] - terms[5]) * np.exp(terms[5]) == np.exp(sums[4])
    assert field.arguments == len(terms)


def test_a_multiple_beyond_the_limits_is_missed_and_found_within_wider_ones() -> None:
    narrow, wide = (field.variable("x") for field in cast(Any, (Residues(), Residues(largest=2 * HEIGHT))))
    assert np.exp(narrow) ** HEIGHT == np.exp(HEIGHT * narrow)
    assert np.exp(narrow) ** (HEIGHT + 1) != np.exp((HEIGHT + 1) * narrow)
    assert np.exp(wide) ** (HEIGHT + 1) == np.exp((HEIGHT + 1) * wide)


@pytest.mark.parametrize("order", [16, 17])
def test_a_part_is_recognised_where_the_field_has_one_root_of_its_order(order: int) -> None:
    fields = [Residues(seed, 192) for seed in range(100)]
    known = [np.exp(x) == np.exp(x / order) ** order for x in (cast(Any, field.variable("x")) for field in fields)]
    assert known == [ROOT_ORDER % order == 0 or field.prime % order != 1 for field in fields]
    assert any(known)
    assert all(known) == (order == 16)


@given(numerators=st.lists(st.integers(-64, 64).filter(bool), min_size=1, max_size=5), denominator=st.integers(1, 64))
@settings(max_examples=50)
def test_the_lattice_finds_short_relations(numerators: list[int], denominator: int) -> None:
    prime = random_prime(255, 0)
    arguments = [random_bits(0, f"u{j}", 254) for j in range(len(numerators))]
    lattice = RelationLattice(prime, 64)
    assert [lattice.insert(u) for u in arguments] == [None] * len(arguments)
    dependent = sum(m * u for m, u in zip(numerators, arguments, strict=True)) * pow(denominator, -1, prime) % prime
    assert lattice.insert(dependent) == {j: Fraction(m, denominator) for j, m in enumerate(numerators)}
    assert lattice.insert(random_bits(0, "another", 254)) is None


# --- Logarithms of constants, and unknown functions -------------------------------------------------------------------

# A power of a constant, what it is, and a near miss; n makes constants.
POWERS: Mapping[str, tuple[Side, Side, Side]] = {
    "2^(x+y)": (lambda x, y, n: 2 ** (x + y), lambda x, y, n: 2**x * 2**y, lambda x, y, n: 2**x + 2**y),
    "6^x": (lambda x, y, n: 6**x, lambda x, y, n: 2**x * 3**x, lambda x, y, n: 2**x + 3**x),
    "4^x": (lambda x, y, n: 4**x, lambda x, y, n: (2**x) ** 2, lambda x, y, n: 2**x * 2),
    "(1/2)^x": (lambda x, y, n: 0.5**x, lambda x, y, n: 1 / 2**x, lambda x, y, n: -(2**x)),
    "exp of a log": (
        lambda x, y, n: np.exp(x + np.log(n(12))),
        lambda x, y, n: 12 * np.exp(x),
        lambda x, y, n: 11 * np.exp(x),
    ),
    "log of a quotient": (
        lambda x, y, n: np.log(n(Fraction(9, 2))),
        lambda x, y, n: 2 * np.log(n(3)) - np.log(n(2)),
        lambda x, y, n: 3 * np.log(n(2)) - np.log(n(3)),
    ),
}


@pytest.mark.parametrize("sides", POWERS.values(), ids=POWERS)
def test_powers_of_constants_obey_the_laws_of_logarithms(sides: tuple[Side, Side, Side]) -> None:
    field, balls = Residues(), Balls()
    x, y = variables(field).values()
    whole, parts, miss = (side(x, y, field.number) for side in sides)
    assert whole == parts != miss
    u, v = balls.number(Fraction(3, 4)), balls.number(Fraction(-5, 3))
    whole, parts, miss = (side(u, v, balls.number) for side in sides)
    assert (whole.disjoint(parts), whole.disjoint(miss)) == (False, True)


@pytest.mark.parametrize(
    "power", [lambda x: (-2) ** x, lambda x: x**x, lambda x: (10_007 * 10_009) ** x, lambda x: 2 ** (x * 0 + 0.5)]
)
def test_what_has_no_formal_logarithm_is_outside_the_class(power: Side) -> None:
    with pytest.raises(OutsideClass, match=r"residues have no (log|roots of 2)"):
        power(Residues().variable("x"))


@pytest.mark.parametrize("function", [np.sqrt, np.sin, np.cos, np.log, np.abs])
def test_an_unknown_function_has_equal_values_at_equal_arguments_alone(function: Callable[[Any], Any]) -> None:
    field = Residues(opaque=True)
    x, y = variables(field).values()
    assert function((x + y) ** 2) == function(x * x + 2 * x * y + y * y)
    others = [function(x), function(y), function(-x), function(x * x), np.tanh(x), np.exp(x), x]
    assert len(set(others)) == len(others)
    assert field.opaque_met == {function.__name__.replace("absolute", "abs")}
    with pytest.raises(OutsideClass):
        function(variables(Residues())["x"])


def test_what_is_done_in_scratch_leaves_no_trace() -> None:
    field, fresh = Residues(opaque=True), Residues(opaque=True)
    x, y = variables(field).values()
    before = np.exp(x)
    bound, arguments = field.bound(1), field.arguments
    with field.scratch():
        first, _, _ = np.exp(2 * x + y), np.exp(y), np.sqrt(y)
        assert (field.arguments, field.opaque_met) == (arguments + 1, {"sqrt"})
        assert field.bound(1) > bound
    assert (field.arguments, field.bound(1), field.opaque_met) == (arguments, bound, set())
    u, v = variables(fresh).values()
    assert [int(e.element) for e in (before, np.exp(y))] == [int(e.element) for e in (np.exp(u), np.exp(v))]
    assert first != np.exp(x) ** 2 * np.exp(y)  # within scratch exp(2x + y) was a basis element of its own


# --- The bound --------------------------------------------------------------------------------------------------------


def lstm_weight(field: Residues, steps: int) -> Any:
    """The last state of an LSTM of one unit, with weights of its own for each gate."""
    x, h, c = (field.variable(name) for name in "xhc")
    for _ in range(steps):
        i, f, o, g = (field.variable(f"w_{gate}") * x + field.variable(f"u_{gate}") * h for gate in "ifog")
        i, f, o = (1 / (1 + np.exp(-z)) for z in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
    return h


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_the_bound_of_an_lstm_is_below_the_default(steps: int) -> None:
    field = Residues(relations=False)
    state = lstm_weight(field, steps)
    assert 0 < field.bound(state.size) < DEFAULT
    assert field.bound(state.size) > Residues(bits=512, relations=False).bound(state.size)


@pytest.mark.parametrize(("arguments", "bits"), RELATION_BITS)
def test_the_bound_with_all_relations_is_below_the_default_for_as_many_arguments_as_stated(
    arguments: int, bits: int
) -> None:
    field = Residues(bits=bits)
    total = sum(field.variable(f"x{j}").exp() for j in range(arguments))
    assert field.arguments == arguments
    assert 0 < field.bound(total.size) < DEFAULT


def test_the_bound_grows_with_the_size_and_with_the_relations_tested() -> None:
    few, many, alone = Residues(relations=False), Residues(), Residues(relations=False)
    assert few.bound(10) == many.bound(10)
    assert few.bound(10) < few.bound(11)
    for j in range(3):
        before, before_many = few.bound(10), many.bound(10)
        for field in (few, many):
            field.variable(f"x{j}").exp()
        assert before < few.bound(10) < many.bound(10) > before_many
    assert alone.bound(10) < few.bound(10)


@pytest.mark.parametrize(("order", "factor"), [(16, 1), (17, 17)])
def test_a_root_finer_than_foreseen_multiplies_the_bound_by_its_order(order: int, factor: int) -> None:
    field = Residues()
    assert field.prime % 17 != 1
    x = field.variable("x")
    size = 10**12  # far more than the relations tested
    x.exp()
    before = field.bound(size)
    (x / order).exp()
    assert factor * before < field.bound(size) < (factor + 1) * before


def test_sums_products_and_powers_grow_in_size() -> None:
    x = Residues().variable("x")
    assert (x + x).size > x.size
    assert (x * x).size == (x / x).size == (x**2).size == (x**-2).size == 2 * x.size
    assert (x * 0 + 1).size < (x + Fraction(1, 2**1000)).size > 1000


def quotient(expression: Expression) -> tuple[sympy.Poly, sympy.Poly]:
    """A rational expression as a quotient of polynomials with integer coefficients, nothing cancelled."""
    symbols = [sympy.Symbol(name) for name in VARIABLES]
    if not expression.parts:
        top, bottom = sympy.fraction(sympy.sympify(expression.head))
        return sympy.Poly(top, *symbols), sympy.Poly(bottom, *symbols)
    (p, q), (r, s) = map(quotient, expression.parts)
    match expression.head:
        case "+":
            return p * s + r * q, q * s
        case "-":
            return p * s - r * q, q * s
        case "*":
            return p * r, q * s
    return p * s, q * r


def test_the_size_of_an_exponential_is_its_degree_in_the_roots() -> None:
    field = Residues()
    x, y = variables(field).values()
    assert [np.exp(u).size for u in (x, y, x / 2, -3 * x, 3 * x - 5 * y)] == [
        ROOT_ORDER * n for n in (1, 1, Fraction(1, 2), 3, 8)
    ]


@given(expressions(RATIONAL, max_leaves=10))
@settings(max_examples=100)
def test_the_size_bounds_degrees_and_coefficients(expression: Expression) -> None:
    (residue,) = residues(expression)
    for polynomial in quotient(expression):
        assert polynomial.total_degree() <= residue.size or polynomial.is_zero
        assert sum(abs(c) for c in polynomial.coeffs()) <= 2**residue.size


def test_half_the_size_would_bound_neither() -> None:
    x = Expression("x")
    square = Expression("*", (x, x))
    (residue,) = residues(square)
    assert quotient(square)[0].total_degree() > residue.size / 2
    (residue,) = residues(Expression(7**40))
    assert 2 ** (residue.size / 2) < 7**40


def test_the_chance_of_a_false_accept_is_as_bounded_and_needs_a_large_prime() -> None:
    def accepts(bits: int) -> tuple[int, Fraction]:
        """How many of 400 seeds take x^5 for x, and how many may on average."""
        fields = [Residues(seed, bits, relations=False) for seed in range(400)]
        xs = [field.variable("x") for field in fields]
        bounds = [field.bound((x**5 - x).size) for field, x in zip(fields, xs, strict=True)]
        return sum(x**5 == x for x in xs), sum(bounds, Fraction(0))

    assert 0 < accepts(8)[0] <= accepts(8)[1]
    assert accepts(64)[0] == 0


def test_a_prime_too_small_for_so_many_relations_is_refused_with_the_size_it_takes() -> None:
    def exponentials(bits: int, relations: bool = True) -> int:
        field = Residues(bits=bits, relations=relations)
        for j in range(13):
            field.variable(f"x{j}").exp()
        return field.arguments

    with pytest.raises(
        OverflowError, match="expected a prime of at least 258 bits for 11 independent exponentials, got one of 255"
    ):
        exponentials(DEFAULT_BITS)
    assert exponentials(336) == exponentials(DEFAULT_BITS, relations=False) == 13


# --- Adversaries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fooled_seed", [0, 1, 2])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_constant_built_to_vanish_fools_only_the_prime_it_was_built_for(seed: int, fooled_seed: int) -> None:
    field = Residues(seed)
    x, y = variables(field).values()
    assert (x + random_prime(DEFAULT_BITS, fooled_seed) * y == x) is (seed == fooled_seed)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    "prime", [2**255 - 19, 2**521 - 1, prod(sympy.primerange(2000))], ids=["25519", "M521", "many"]
)
def test_constants_of_well_known_primes_do_not_vanish(seed: int, prime: int) -> None:
    field = Residues(seed)
    x, y = variables(field).values()
    assert x + prime * y != x
    assert np.exp(x + prime * y) != np.exp(x)


# --- The same everywhere ----------------------------------------------------------------------------------------------


def test_random_choices_are_the_same_on_every_machine() -> None:
    assert random_bits(0, "x", 64) == 0x4D50F74389DF69B4
    assert random_bits(12345, "β[1,2]", 20) == 670836
    assert random_prime(64, 7) == 15653899427996546107
    assert random_prime(255, 0) == 0x634484B46BE072B93F819B0A5C9290CAA14711D831E761AF361A261DCF2D0193
    x = Residues(0).variable("x")
    assert int(x.element) == 0x434B43907E4E1C4A7AE49FFE929BDDD75E5B9264D6C4B82EB57896B874090691
    assert int(x.exp().element) == 0x34BE9EAC0A20DD665EF25C7B32FF3BB12B91979A287AEAE6A0E661C50E72648C


def test_another_seed_is_another_choice() -> None:
    assert len({random_prime(64, seed) for seed in range(100)}) == 100
    assert len({int(Residues(seed, 64).variable("x").element) for seed in range(100)}) == 100


@pytest.mark.parametrize("seed", range(4))
def test_what_is_taken_for_a_prime_is_proven_to_be_one(seed: int) -> None:
    assert flint.fmpz(random_prime(255, seed)).is_prime()


@pytest.mark.parametrize("bits", [79, 1024])
def test_a_composite_that_passes_for_many_bases_does_not_pass_for_random_ones(bits: int) -> None:
    pseudoprime = 318665857834031151167461  # for the first twelve primes as bases (Jaeschke 1993)
    assert not _passes(flint.fmpz(pseudoprime), bits, 0)
    assert _passes(flint.fmpz(2**521 - 1), bits, 0)


@pytest.mark.parametrize("bits", [8, 64, 255, 512])
def test_primes_have_exactly_so_many_bits(bits: int) -> None:
    prime = random_prime(bits, 3)
    assert sympy.isprime(prime)
    assert prime.bit_length() == bits
    assert not sympy.isprime(prime + 2**8 - 1)  # even


@pytest.mark.parametrize("order", [*permutations("xyz")])
def test_elements_do_not_depend_on_the_order_of_drawing(order: tuple[str, ...]) -> None:
    first, other = Residues(), Residues()
    drawn = {name: first.variable(name).exp() for name in "xyz"}
    assert {name: other.variable(name).exp() for name in order} == drawn
    assert len(set(drawn.values())) == 3


@given(rationals())
def test_a_constant_is_the_quotient_of_its_integers(q: Fraction) -> None:
    field = Residues()
    assert field.number(q) * q.denominator == q.numerator
    assert field.number(q) * q.denominator != q.numerator + 1


@pytest.mark.parametrize("use", [abs, sorted, np.max, np.maximum.reduce, np.sort, lambda z: np.where(z >= 0, z, -z)])
def test_code_that_branches_is_outside_the_class(use: Callable[[Any], Any]) -> None:
    x, y = variables(Residues()).values()
    with pytest.raises(
        OutsideClass, match=r"residues have no (order, so code cannot branch on them; run it on pairs|abs)"
    ):
        use(np.array([x, y]) if use is not abs else x)


@given(st.integers(-4096, 4096).filter(bool), st.integers(1, 4096), st.integers(1, 1 << 250))
def test_a_small_ratio_is_found_and_another_residue_is_none(over: int, under: int, other: int) -> None:
    prime = random_prime(255, 0)
    assert small_ratio(over * pow(under, -1, prime) % prime, prime, 4096) == Fraction(over, under)
    found = small_ratio(other, prime, 4096)
    assert found is None or (found.numerator - found.denominator * other) % prime == 0
    assert small_ratio(prime // 8191, prime, 4096) is None
    with pytest.raises(OverflowError):
        small_ratio(1, 4096**2, 4096)
