"""Rewritings: each gives the same function, written otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.soaking.places import operands
from benchmarks.soaking.writer import SHIFTED, Rule, Writer, number
from refute.formula.expr import Add, Call, Div, Expr, Matrix, Mul, Name, Neg, Num, Pow, Sum, substitute, walk

MOST_NODES = 150  # of what is rewritten

# Each form of a pattern is the same function: `a` and `b` are any operands, `u` any argument, `e` something positive,
# `r` anything that has a value everywhere.
ANYTHING = ("2*a - a", "-(-a)", "a*e/e", "a/e*e", "(a + a)/2", "3*a - 2*a", "a*e^(-1)*e")  # vectors and matrices too
SCALAR = (
    "a + r - r", "a - (r - r)", "a + 0*r", "1*a", "a + 0", "a^1", "a*exp(r)*exp(-r)", "a*(sigmoid(r) + sigmoid(-r))",
    "a*(cosh(r)^2 - sinh(r)^2)", "a*(tanh(r)^2 + sech(r)^2)", "(a - r) + r",
    "(a*e + a)/(e + 1)", "a*r - a*(r - 1)",
)  # fmt: skip
RATIONAL = ("a + r - r", "a + 0*r", "1*a", "a^1", "(a - r) + r", "(a*e + a)/(e + 1)", "a*r - a*(r - 1)", "a - (r - r)")
SUMS = ("e*(a/e + b/e)", "(a - r) + (b + r)", "-(-a - b)", "b + a", "(a*e + b*e)/e", "(a*e + b)/e + b*(e - 1)/e")
PRODUCTS = (
    "(a*e)*(b/e)", "((a + b)^2 - (a - b)^2)/4", "((a + b)^2 - a^2 - b^2)/2", "-(a*(-b))", "b*a", "a*(b - 1) + a",
    "(a + r)*b - r*b",
)  # fmt: skip
QUOTIENTS = ("a*b^(-1)", "(a*e)/(b*e)", "(1/b)*a", "-(a/(-b))", "a/(b*e)*e")
NEGATIVES = ("(-1)*a", "a - 2*a", "0 - a", "-1*a")
SQUARES = ("a*a", "(a - r)^2 + 2*a*r - r^2", "(a - r)*(a + r) + r^2", "(-a)^2")
POWERS = ("a^(u - 1)*a", "a^(2*u)/a^u", "1/a^(-u)", "a^(u + 3)/a^3", "(1/a)^(-u)", "a^(u - 2)*a^2", "(1/a)^u*a^(2*u)")
IDENTITIES: Mapping[str, tuple[str, ...]] = {
    "tanh": ("(exp(u) - exp(-u))/(exp(u) + exp(-u))", "2*sigmoid(2*u) - 1", "sinh(u)/cosh(u)", "1 - 2/(exp(2*u) + 1)",
             "-tanh(-u)", "2*tanh(u/2)/(1 + tanh(u/2)^2)", "sinh(u)*sech(u)", "sigmoid(2*u) - sigmoid(-2*u)"),
    "sigmoid": ("1/(1 + exp(-u))", "exp(u)/(1 + exp(u))", "(1 + tanh(u/2))/2", "1 - sigmoid(-u)",
                "exp(u/2)/(2*cosh(u/2))", "exp(u/2)*sech(u/2)/2", "sigma(u)", "exp(u)*sigmoid(-u)"),
    "cosh": ("(exp(u) + exp(-u))/2", "cosh(-u)", "2*cosh(u/2)^2 - 1", "1/sech(u)", "exp(u) - sinh(u)",
             "1 + 2*sinh(u/2)^2"),
    "sech": ("1/cosh(u)", "2/(exp(u) + exp(-u))", "2*exp(-u)/(1 + exp(-2*u))", "(1 - tanh(u)^2)*cosh(u)", "sech(-u)"),
    "sinh": ("(exp(u) - exp(-u))/2", "-sinh(-u)", "2*sinh(u/2)*cosh(u/2)", "tanh(u)*cosh(u)", "exp(u) - cosh(u)",
             "(exp(2*u) - 1)/(2*exp(u))"),
    "exp": ("exp(u/2)^2", "1/exp(-u)", "cosh(u) + sinh(u)", "exp(u/3)^3", "sigmoid(u)/sigmoid(-u)", "exp(-u)^(-1)",
            "sigmoid(u)/(1 - sigmoid(u))", "exp(2*u)/exp(u)", "(1 + tanh(u/2))/(1 - tanh(u/2))"),
}  # fmt: skip


def _by(*patterns: str, scalar: bool = True) -> Rule:
    """Any formula by one of the patterns of `a`."""

    def rule(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
        if scalar and w.kind(node) != "scalar":
            return None
        return w.fill(w.random.choice(patterns), bound, a=node)

    return rule


def _scalar(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if w.kind(node) != "scalar":
        return None
    return w.fill(w.random.choice(SCALAR if w.subject.functions else RATIONAL), bound, a=node)


def _of_two(kind: type[Add] | type[Mul], patterns: Sequence[str]) -> Rule:
    """Two neighbours of a sum or product by a pattern of `a` and `b`."""

    def rule(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
        if not isinstance(node, kind) or w.kind(node) != "scalar":
            return None
        parts = list(operands(node))
        i = w.random.randrange(len(parts) - 1)
        joined = w.fill(w.random.choice(patterns), bound, a=parts[i], b=parts[i + 1])
        others = (*parts[:i], joined, *parts[i + 2 :])
        return kind(others) if len(others) > 1 else joined

    return rule


def _commute(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if isinstance(node, Add):
        return Add(tuple(w.random.sample(node.terms, len(node.terms))))
    if isinstance(node, Mul):  # what is no scalar keeps its order
        parts = w.random.sample(node.factors, len(node.factors))
        rest = iter([f for f in node.factors if w.kind(f) != "scalar"])
        return Mul(tuple(f if w.kind(f) == "scalar" else next(rest) for f in parts))
    return None


def _group(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if isinstance(node, (Add, Mul)) and len(operands(node)) > 2:
        parts = operands(node)
        i = w.random.randrange(len(parts) - 1)
        return type(node)((*parts[:i], type(node)(parts[i : i + 2]), *parts[i + 2 :]))
    return None


def _flatten(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if not isinstance(node, (Add, Mul)) or not any(isinstance(part, type(node)) for part in operands(node)):
        return None
    return type(node)(tuple(q for p in operands(node) for q in (operands(p) if isinstance(p, type(node)) else (p,))))


def _distribute(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    match node:
        case Mul(factors):
            for i, factor in enumerate(factors):
                if isinstance(factor, Add) and w.kind(node) == w.kind(factor):
                    return Add(tuple(Mul((*factors[:i], term, *factors[i + 1 :])) for term in factor.terms))
        case Div(Add(terms), bottom):
            return Add(tuple(Div(term, bottom) for term in terms))
        case Neg(Add(terms)):
            return Add(tuple(map(Neg, terms)))
        case Pow(Mul(factors), Num(value) as n) if value.denominator == 1:
            return Mul(tuple(Pow(factor, n) for factor in factors))
        case Pow(Add((a, *rest)), Num(value)) if value == 2:
            return w.fill("a^2 + 2*a*b + b^2", bound, a=a, b=Add(tuple(rest)) if len(rest) > 1 else rest[0])
        case Call("exp", (Add((a, *rest)),)):
            return w.fill("exp(a)*exp(b)", bound, a=a, b=Add(tuple(rest)) if len(rest) > 1 else rest[0])
    return None


def _take_out(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    """A factor that is the first of every term."""
    if not isinstance(node, Add) or w.kind(node) != "scalar":
        return None
    if not all(isinstance(term, Mul) for term in node.terms):
        return None
    shared = [f for f in operands(node.terms[0]) if all(f in operands(term) for term in node.terms)]
    if not shared:
        return None
    factor = w.random.choice(shared)
    rests = []
    for term in node.terms:
        rest = list(operands(term))
        rest.remove(factor)
        rests.append(Mul(tuple(rest)) if len(rest) > 1 else rest[0])
    return Mul((factor, Add(tuple(rests))))


def _identity(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if not isinstance(node, Call) or node.function not in IDENTITIES:
        return None
    return w.fill(w.random.choice(IDENTITIES[node.function]), bound, u=node.arguments[0])


def _quotient(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if not isinstance(node, Div) or w.kind(node) != "scalar":
        return None
    return w.fill(w.random.choice(QUOTIENTS), bound, a=node.numerator, b=node.denominator)


def _negative(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    return w.fill(w.random.choice(NEGATIVES[:2]), bound, a=node.operand) if isinstance(node, Neg) else None


def _power(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    match node:
        case Pow(base, Num(value)) if value == 2 and w.kind(base) == "scalar":
            return w.fill(w.random.choice(SQUARES), bound, a=base)
        case Pow(base, Num(value)) if value > 2 and value.denominator == 1:
            return Mul((Pow(base, number(value - 1)), base))
        case Pow(base, exponent) if not isinstance(exponent, (Num, Neg)) and w.is_positive(base):
            return w.fill(w.random.choice(POWERS), bound, a=base, u=exponent)
        case Mul((a, b)) if a == b and w.kind(a) == "scalar":
            return Pow(a, number(2))
    return None


def _constant(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    if not isinstance(node, Num):
        return None
    k = w.random.choice((1, 2, 3, 10))
    return w.random.choice((Add((number(node.value + k), Neg(number(k)))), Div(number(node.value * k), number(k))))


def _known(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    forms = w.subject.known.get(node)
    is_here = w.subject.claim is not None and (w.subject.claim.id[0] != "1" or "t" in bound)
    return w.random.choice(forms) if forms and is_here else None


def _sum(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    """Another index, one that begins elsewhere, the first or last term alone, the sum of each term."""
    if not isinstance(node, Sum):
        return None
    body, index, low, high = node.body, node.index, node.low, node.high
    fresh = w.random.choice([name for name in ("jm" if index in SHIFTED else "skn") if name not in bound])
    match w.random.randrange(6):
        case 0:
            return Sum(substitute(body, {index: Name(fresh)}), fresh, low, high)
        case 1:
            later = w.random.choice(sorted(SHIFTED - bound))
            earlier = Add((Name(later), Neg(number(1))))
            return Sum(substitute(body, {index: earlier}), later, Add((low, number(1))), Add((high, number(1))))
        case 2 if low == number(1):
            return Add((substitute(body, {index: low}), Sum(body, index, number(2), high)))
        case 3 if high == Name("T"):
            return Add((Sum(body, index, low, Add((high, Neg(number(1))))), substitute(body, {index: high})))
        case 4 if isinstance(body, Add):
            return Add(tuple(Sum(term, index, low, high) for term in body.terms))
        case 5:
            free = [a for a in w.subject.atoms if isinstance(a, Name)]
            if free:
                e = Add((number(1), Pow(w.random.choice(free), number(2))))
                return Div(Sum(Mul((e, body)), index, low, high), e)
    return None


def _multiplied_out(node: Expr, w: Writer, bound: frozenset[str]) -> Expr | None:
    """A product of two block matrices as one."""
    match node:
        case Mul((Matrix(left), Matrix(right))):
            columns = tuple(zip(*right, strict=True))
            return Matrix(
                tuple(
                    tuple(Add(tuple(Mul((a, b)) for a, b in zip(row, column, strict=True))) for column in columns)
                    for row in left
                )
            )
    return None


REWRITINGS: Mapping[str, Rule] = {
    "commute": _commute,
    "group": _group,
    "flatten": _flatten,
    "distribute": _distribute,
    "take out": _take_out,
    "anything": _by(*ANYTHING, scalar=False),
    "scalar": _scalar,
    "sum": _of_two(Add, SUMS),
    "product": _of_two(Mul, PRODUCTS),
    "quotient": _quotient,
    "negative": _negative,
    "power": _power,
    "constant": _constant,
    "function": _identity,
    "function again": _identity,
    "known": _known,
    "sum over time": _sum,
    "matrix product": _multiplied_out,
}


def rewritten(expr: Expr, writer: Writer, times: int) -> Expr:
    """The same function, rewritten a few times."""
    for _ in range(times):
        name = writer.random.choice(tuple(REWRITINGS))
        changed = writer.somewhere(expr, REWRITINGS[name])
        if changed is not None and sum(1 for _ in walk(changed)) <= MOST_NODES:
            expr = changed
            writer.steps.append(name)
    return expr
