"""Determinants are sums over permutations in every number system; gradients of arbitrary functions have symmetric
Hessians and nothing else in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import permutations, product
from math import prod
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from refute.cases import Draw
from refute.numbers.balls import Ball, Balls
from refute.numbers.duals import Dual, partial, value_of
from refute.numbers.floats import Floats
from refute.numbers.linear import determinant, exact_determinant
from refute.numbers.pairs import Pairs
from refute.numbers.reals import Reals
from refute.numbers.residues import Residues
from refute.numbers.symbols import Symbols
from refute.numbers.tallies import Tallies
from tests.strategies import rationals, square_matrices

Matrix = list[list[Any]]


def leibniz(matrix: Matrix) -> Any:
    """The determinant as the sum over all permutations of signed products."""
    total: Any = 0
    for columns in permutations(range(len(matrix))):
        inversions = sum(a > b for k, b in enumerate(columns) for a in columns[:k])
        total = total + (-1) ** inversions * prod(row[c] for row, c in zip(matrix, columns, strict=True))
    return total


def permanent(matrix: Matrix) -> Any:
    """The same without the signs."""
    columns = permutations(range(len(matrix)))
    return sum(prod(row[c] for row, c in zip(matrix, order, strict=True)) for order in columns)


SYSTEMS: Mapping[str, Callable[[], Any]] = {
    "residues": Residues,
    "balls": Balls,
    "pairs": lambda: Pairs(Residues()),
    "reals": Reals,
    "symbols": Symbols,
}


def equals(name: str, ours: Any, value: Fraction) -> bool:
    """Whether a scalar of a system is a rational: within the ball, or to 40 of 50 digits in mpmath."""
    match name:
        case "balls":
            return bool(ours.contains(value))
        case "pairs":
            return bool(ours.residue == value and ours.ball.contains(value))
        case "reals":
            return bool(abs(ours.fraction() - value) <= (1 + abs(value)) / 10**40)
    return bool(ours == value)


# --- Determinants -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SYSTEMS)
@given(matrix=square_matrices(rationals()))
@settings(max_examples=30)
def test_a_determinant_is_the_sum_over_permutations(name: str, matrix: Matrix) -> None:
    value = leibniz(matrix)
    assume(value != 0 or name != "reals")
    ours = determinant(matrix, SYSTEMS[name]())
    assert equals(name, ours, value)
    assert not equals(name, ours, value + Fraction(1, 1000)) or value == 0  # balls of singular matrices are wide


@given(square_matrices(rationals()))
def test_the_exact_determinant_is_the_sum_over_permutations(matrix: Matrix) -> None:
    assert exact_determinant(matrix) == leibniz(matrix)
    assert exact_determinant([[2 * e for e in matrix[0]], *matrix[1:]]) == 2 * leibniz(matrix)


@given(square_matrices(st.integers(-9, 9)))
def test_a_determinant_of_small_integers_in_floats_rounds_to_the_integer(matrix: Matrix) -> None:
    for dtype in ("float64", "float32"):
        assert round(float(determinant(matrix, Floats(dtype)))) == leibniz(matrix)
        assert round(float(determinant([*matrix, matrix[0]][1:], Floats(dtype)))) == leibniz(matrix) * (-1) ** (
            len(matrix) - 1
        )


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_determinant_of_variables_is_no_permanent(name: str, n: int) -> None:
    system = SYSTEMS[name]()
    matrix = [[system.variable(f"a{i}{j}", Fraction(i * i + 1, j + 2 + i)) for j in range(n)] for i in range(n)]
    difference, other = (determinant(matrix, system) - f(matrix) for f in (leibniz, permanent))
    if name == "balls":
        assert (difference.disjoint(0), other.disjoint(0)) == (False, True)
    elif name == "pairs":
        assert (difference.residue == 0, other.residue == 0) == (True, False)
        assert (difference.ball.disjoint(0), other.ball.disjoint(0)) == (False, True)
    else:
        assert (equals(name, difference, Fraction(0)), equals(name, other, Fraction(0))) == (True, False)


@pytest.mark.parametrize("name", ["residues", "pairs"])
def test_a_determinant_is_multiplicative(name: str) -> None:
    system = SYSTEMS[name]()
    a, b = (np.array([[system.variable(f"{m}{i}{j}", i - 3 * j) for j in range(3)] for i in range(3)]) for m in "ab")
    residues = [d.residue if name == "pairs" else d for d in (determinant(m, system) for m in (a, b, a @ b, a + b))]
    assert residues[0] * residues[1] == residues[2]
    assert residues[0] + residues[1] != residues[3]


def test_the_determinant_of_two_shears_of_exponentials_is_certified() -> None:
    field: Any = Residues()
    x, y = field.variable("x"), field.variable("y")
    matrix = np.array([[np.exp(x), np.sinh(y)], [np.sinh(y), np.exp(-x)]])
    assert determinant(matrix, field) == 2 - np.cosh(y) ** 2
    assert determinant(matrix, field) != 2 + np.cosh(y) ** 2
    assert field.bound(determinant(matrix, field).size) < Fraction(1, 2**100)


def test_the_size_of_a_determinant_bounds_its_polynomial() -> None:
    n = 4
    field = Residues()
    size = determinant([[field.variable(f"a{i}{j}") ** 9 for j in range(n)] for i in range(n)], field).size
    symbols = sympy.Matrix(n, n, lambda i, j: sympy.Symbol(f"a{i}{j}") ** 9).det(method="berkowitz")
    polynomial = sympy.Poly(sympy.expand(symbols), *symbols.free_symbols)
    assert polynomial.total_degree() <= size
    assert sum(map(abs, polynomial.coeffs())) <= 2**size
    assert polynomial.total_degree() > size / 8


def test_a_determinant_needs_a_system_that_has_one() -> None:
    with pytest.raises(TypeError, match="expected a matrix of residues, balls, reals, floats, symbols or rationals"):
        determinant([[1, 2], [3, 4]], Tallies())


# --- Gradients of arbitrary functions ---------------------------------------------------------------------------------

FORMAL: Mapping[str, Callable[[], Any]] = {"residues": Residues, "pairs": lambda: Pairs(Residues())}
D = 3


def drawn(system: Any) -> tuple[Any, Any, Any]:
    """A gradient, and two points."""
    draw = Draw(system, {})
    return draw.gradient("g", D), draw("theta", D), draw("phi", D)


def same(a: Any, b: Any) -> list[bool]:
    """Which entries of two arrays are identical, by their residues where they have one."""
    return [getattr(x, "residue", x) == getattr(y, "residue", y) for x, y in zip(np.ravel(a), np.ravel(b), strict=True)]


@pytest.mark.parametrize("name", FORMAL)
def test_equal_arguments_have_equal_values_and_different_ones_do_not(name: str) -> None:
    g, theta, phi = drawn(FORMAL[name]())
    rewritten = np.exp(-phi) * (theta * np.exp(phi) + theta) / (1 + np.exp(-phi))
    assert all(same(rewritten, theta))
    assert all(same(g(rewritten), g(theta)))
    for other in (phi, theta + np.array([1, 0, 0]), theta[::-1], 2 * theta, -theta):
        assert not any(same(g(other), g(theta)))


@pytest.mark.parametrize("name", FORMAL)
def test_a_hessian_is_symmetric_and_otherwise_free(name: str) -> None:
    g, theta, phi = drawn(FORMAL[name]())
    hessian = g.hessian(theta)
    assert hessian.shape == (D, D)
    for (i, j), (k, m) in product(np.ndindex(D, D), repeat=2):
        assert same(hessian[i, j], hessian[k, m]) == [{i, j} == {k, m}]
    assert not any(same(hessian, g.hessian(phi)))


@pytest.mark.parametrize("name", [*FORMAL, "balls"])
def test_the_derivative_of_a_gradient_is_the_hessian_times_the_direction(name: str) -> None:
    system = {**FORMAL, "balls": Balls}[name]()
    g, theta, phi = drawn(system)
    v = np.array([system.number(n) for n in (2, -1, 5)])
    moved = np.array([Dual(x, {"s": s, "t": 1}) for x, s in zip(theta, v, strict=True)])
    result = g(moved)
    along = [partial(entry, "s") for entry in result]
    if name == "balls":
        assert not any(x.disjoint(y) for x, y in zip(along, g.hessian(theta) @ v, strict=True))
        assert any(x.disjoint(y) for x, y in zip(along, g.hessian(theta) @ v[::-1], strict=True))
    else:
        assert all(same(along, g.hessian(theta) @ v))
        assert not any(same(along, g.hessian(phi) @ v))
        assert all(same([value_of(entry) for entry in result], g(theta)))
        assert all(same([partial(entry, "t") for entry in result], g.hessian(theta).sum(axis=1)))


@pytest.mark.parametrize("name", FORMAL)
def test_only_directions_that_the_argument_has_are_in_the_derivative(name: str) -> None:
    g, theta, _ = drawn(FORMAL[name]())
    one = np.array([Dual(theta[0], {"x": 1}), *theta[1:]])
    assert all(same([partial(entry, "x") for entry in g(one)], g.hessian(theta)[:, 0]))
    assert not all(same([partial(entry, "x") for entry in g(one)], g.hessian(theta)[:, 1]))
    assert [partial(entry, "y") for entry in g(one)] == [0] * D
    assert not isinstance(g(theta)[0], Dual)


def test_counterexamples_use_a_gradient_whose_hessian_is_symmetric_and_not_constant() -> None:
    g, theta, phi = drawn(Balls(128))
    difference = (g(theta + phi) - g(theta - phi)) / 2  # a gradient of degree 2 leaves no remainder
    at_theta, at_phi = g.hessian(theta), g.hessian(phi)
    assert not any(map(Ball.disjoint, difference, at_theta @ phi))
    assert all(map(Ball.disjoint, difference, at_phi @ phi))
    assert not any(map(Ball.disjoint, at_theta.flat, at_theta.T.flat))
    assert any(map(Ball.disjoint, at_theta.flat, at_phi.flat))
    assert at_theta[0, 1].disjoint(at_theta[0, 2])
