"""Determinants, by each number system's own library: flint for residues, balls and rationals, SymPy, mpmath, NumPy."""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import Any

import flint
import numpy as np

from refute.numbers.balls import Ball, Balls, working_precision
from refute.numbers.floats import Floats
from refute.numbers.pairs import Pair, Pairs
from refute.numbers.residues import Residue, Residues
from refute.numbers.scalar import exact


def determinant(matrix: Any, system: Any) -> Any:
    """The determinant of a square matrix of scalars of `system` and exact rationals. Raises TypeError for another
    system."""
    constants = [[exact(e) for e in row] for row in matrix]
    entries = [
        [e if value is None else system.number(value) for e, value in zip(*rows, strict=True)]
        for rows in zip(matrix, constants, strict=True)
    ]
    match system:
        case Pairs():
            residue = _of_residues([[e.residue for e in row] for row in entries], system.residues)
            return Pair(residue, _of_balls([[e.ball for e in row] for row in entries], system.balls), system)
        case Residues():
            return _of_residues(entries, system)
        case Balls():
            return _of_balls(entries, system)
        case Floats():
            return np.linalg.det(np.array(entries, dtype=system.dtype))
    if system.name == "mpmath":
        return _of_reals(entries, system)
    return _of_symbols(entries)


def exact_determinant(matrix: Any) -> Fraction:
    """The determinant of a matrix of exact rationals, by flint."""
    rows = [[flint.fmpq(Fraction(e).numerator, Fraction(e).denominator) for e in row] for row in matrix]
    value = flint.fmpq_mat(rows).det()
    return Fraction(int(value.p), int(value.q))


def _of_residues(entries: list[list[Residue]], field: Residues) -> Residue:
    n = len(entries)
    ring = flint.fmpz_mod_ctx(field.prime)
    value = flint.fmpz_mod_mat(n, n, [e.element for row in entries for e in row], ring).det()
    # n! products of n quotients over the product of all denominators
    size = sum(e.size for row in entries for e in row) + factorial(n).bit_length()
    return Residue(value, size, field)


def _of_balls(entries: list[list[Ball]], system: Balls) -> Ball:
    with working_precision(system.precision):
        return Ball(flint.arb_mat([[e.arb for e in row] for row in entries]).det(), system)


def _of_reals(entries: list[list[Any]], system: Any) -> Any:
    from refute.numbers.reals import Real

    value = system.context.det(system.context.matrix([[e.mpf for e in row] for row in entries]))
    return Real(system.context.mpf(value), system)


def _of_symbols(entries: list[list[Any]]) -> Any:
    import sympy

    from refute.numbers.symbols import Symbol

    if not all(isinstance(e, Symbol) for row in entries for e in row):
        raise TypeError("expected a matrix of residues, balls, reals, floats, symbols or rationals")
    return Symbol(sympy.Matrix([[e.expr for e in row] for row in entries]).det(method="berkowitz"))
