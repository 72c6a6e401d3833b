"""Edits: each most often gives another function."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from benchmarks.soaking.places import operands
from benchmarks.soaking.writer import Rule, Writer, number
from refute.formula.expr import Add, Call, Div, Expr, Mul, Name, Neg, Num, Pow, Sum, substitute

SWAPS = {"tanh": ("sigmoid", "sinh"), "sigmoid": ("tanh", "exp"), "cosh": ("sinh", "sech"), "sinh": ("cosh", "tanh"),
         "sech": ("cosh", "tanh"), "exp": ("cosh", "sigmoid")}  # fmt: skip
TINY = (9, 30, 60)  # decimal places of near misses


def _drop(kind: type[Add] | type[Mul]) -> Rule:
    def rule(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
        if not isinstance(node, kind):
            return None
        parts = list(operands(node))
        del parts[w.random.randrange(len(parts))]
        return kind(tuple(parts)) if len(parts) > 1 else parts[0]

    return rule


def _near(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    tiny = Num(Fraction(1, 10 ** w.random.choice(TINY)))
    if w.kind(node) != "scalar" or w.random.random() < 0.5:
        return Mul((node, Add((number(1), tiny))))
    return Add((node, tiny))


def _other_number(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    return number(node.value + w.random.choice((1, -1, node.value + 1))) if isinstance(node, Num) else None


def _other_exponent(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    match node:
        case Pow(base, Num(value)):
            return Pow(base, number(value + 1))
        case Pow(base, exponent):
            return Pow(base, w.random.choice((Neg(exponent), Add((exponent, number(1))))))
    return None


def _other_function(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if not isinstance(node, Call) or node.function not in SWAPS:
        return None
    return Call(w.random.choice(SWAPS[node.function]), node.arguments)


def _other_argument(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    return Call(node.function, (Neg(node.arguments[0]),)) if isinstance(node, Call) else None


def _other_name(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if not isinstance(node, Name) or w.kind(node) != "scalar":
        return None
    return w.atom(bound)


def _other_index(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    match node:
        case Name(name, (index,)):
            return Name(name, (Add((index, w.random.choice((number(1), Neg(number(1)))))),))
    return None


def _other_ends(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    match node:
        case Sum(body, index, low, high):
            return w.random.choice(
                (
                    Sum(body, index, Add((low, number(1))), high),
                    Sum(body, index, low, Add((high, Neg(number(1))))),
                    substitute(body, {index: high}),
                )
            )
    return None


def _other_operation(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    match node:
        case Mul((a, b)) if w.kind(node) == "scalar":
            return Add((a, b))
        case Add((a, b)) if w.kind(node) == "scalar":
            return Mul((a, b))
        case Mul((a, b)):
            return Mul((b, a))
        case Div(a, b):
            return Mul((a, b))
    return None


EDITS: Mapping[str, Rule] = {
    "drop a term": _drop(Add),
    "drop a factor": _drop(Mul),
    "sign": lambda node, w, bound: Neg(node),
    "near miss": _near,
    "near miss again": _near,
    "number": _other_number,
    "exponent": _other_exponent,
    "function": _other_function,
    "argument": _other_argument,
    "name": _other_name,
    "index": _other_index,
    "ends of a sum": _other_ends,
    "operation": _other_operation,
    "factor": lambda node, w, bound: Mul((node, w.extra(bound))),
}


def edited(expr: Expr, writer: Writer) -> Expr | None:
    """Most often another function; None where the edit that was drawn fits nowhere."""
    name = writer.random.choice(tuple(EDITS))
    changed = writer.somewhere(expr, EDITS[name])
    if changed is not None:
        writer.steps.append(f"EDIT {name}")
    return changed
