"""Sums, gradients, Hessians and partial derivatives, as they are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from refute.formula import indexing, naming
from refute.formula.differentiate import (
    ONE,
    SLOPES,
    ZERO,
    differentiate,
    is_same,
    local_partial,
    tidy,
    with_tidy_indices,
)
from refute.formula.expr import Add, Call, Expr, Mul, Name, Neg, Num, Sum, names, substitute, walk
from refute.formula.scripts import bare, flat
from refute.formula.surface import Apply, Equality, Group, Node, Row, Scripted, Symbol

if TYPE_CHECKING:
    from refute.formula.resolve import Items, Resolver

UNSTATED = "the last index"  # of sums without ends
Found = tuple[Expr, int] | None

SUM, PLAIN_SUM = r"\sum_{t=1}^{T} \overline{i^{(t)}} x^{(t)}", "sum(i_bar[t]*x[t], t, 1, T)"
PARTIAL = r"\frac{\partial L}{\partial h^{(t)}}"


def _symbol_at(items: Items, i: int) -> Symbol:
    node = items[i][1]
    assert isinstance(node, Symbol), "the caller looked"
    return node


def _symbol(items: Items, i: int) -> Symbol | None:
    """The symbol side by side with what stands before place i."""
    if i >= len(items) or items[i][0] != "":
        return None
    node = bare(items[i][1])
    return node if isinstance(node, Symbol) else None


def argument(items: Items, i: int) -> Group | None:
    """The bracket at place i."""
    node = items[i][1] if i < len(items) and items[i][0] == "" else None
    return node if isinstance(node, Group) and node.kind in ("(", "[", "\\{") and len(node.items) == 1 else None


# --- sums -----------------------------------------------------------------------------------------------------------


def summation(resolver: Resolver, items: Items, i: int) -> Found:
    """``sum(EXPR, t, 1, T)`` and ``\\sum_{t=1}^{T} EXPR``: the latter takes all factors that follow. And products."""
    symbol = _symbol_at(items, i)
    if symbol.indices is not None and symbol.sub is None and len(symbol.indices) == 1:
        symbol = replace(symbol, sub=symbol.indices[0])  # Σₜ
    group = items[i + 1][1] if i + 1 < len(items) else None
    power = group.sup if isinstance(group, Scripted) else None
    if isinstance(group, Scripted):
        group = group.base
    if symbol.sub is None and isinstance(group, Group) and len(group.items) > 1:
        value, after = _sum_of(resolver, symbol, group.items, i)
        return (value if power is None else resolver.power(value, power)), after
    if i + 1 >= len(items):
        resolver.fail(symbol, "what is summed", got="nothing", example=SUM)
    sub = bare(symbol.sub) if symbol.sub is not None else None
    if isinstance(sub, Group) and len(sub.items) == 1:
        sub = sub.items[0]
    index = sub.left if isinstance(sub, Equality) else sub
    letter, ends = _range(resolver, symbol, index)
    low, high = ends or ((None, None) if isinstance(sub, Equality) else _unstated(resolver, symbol))
    if isinstance(sub, Equality):
        low = indexing.index(resolver, sub.right)
    if symbol.sup is not None:
        high = indexing.index(resolver, bare(symbol.sup))
    if low is None or high is None:
        resolver.fail(symbol, "both ends of the sum", got=f"a sum over {letter} without", example=SUM)
    return _summed(resolver, symbol, letter, low, high, lambda: _body(resolver, items, i + 1)), len(items)


def _body(resolver: Resolver, items: Items, i: int) -> Expr:
    resolver.deepen(items[i][1], 8)
    value = resolver.product(items[i:])
    resolver.depth -= 8
    return value


def _sum_of(resolver: Resolver, symbol: Symbol, arguments: list[Node], i: int) -> tuple[Expr, int]:
    letter = flat(arguments[1]) if len(arguments) in (2, 4) else None
    if letter is None or not letter.rstrip("'").isalpha():
        got = f"{len(arguments)} arguments" if letter is None else "an index that is no plain name"
        example = PLAIN_SUM
        resolver.fail(symbol, "sum(EXPRESSION, INDEX, LOW, HIGH)", "a sum is not complete", got=got, example=example)
    if len(arguments) == 4:
        low, high = indexing.index(resolver, arguments[2]), indexing.index(resolver, arguments[3])
    else:
        _, ends = _range(resolver, symbol, arguments[1])
        first, last = ends or _unstated(resolver, symbol)
        if first is None or last is None:
            resolver.fail(symbol, "both ends of the sum", got=f"a sum over {letter} without")
        low, high = first, last
    return _summed(resolver, symbol, letter, low, high, lambda: resolver.expr(arguments[0])), i + 2


def _summed(resolver: Resolver, symbol: Symbol, letter: str, low: Expr, high: Expr, body: Callable[[], Expr]) -> Expr:
    if isinstance(low, Num) and isinstance(high, Num) and low.value > high.value:
        resolver.fail(symbol, "a sum from a smaller to a larger number", got=f"{low.value} to {high.value}")
    if isinstance(low, Name) and isinstance(high, Num) and low.name in resolver.vocabulary.sizes:
        resolver.fail(symbol, "a sum from a smaller to a larger number", got=f"{low.name} to {high.value}")
    name = f"{letter}_index" if letter in resolver.names else letter  # the sum's i beside a gate i
    resolver.scope.append((letter, name))
    value = body()
    resolver.scope.pop()
    total = Sum(value, name, low, high)
    return _product(resolver, symbol, total) if symbol.base == "prod" else total


def _product(resolver: Resolver, symbol: Symbol, total: Sum) -> Expr:
    """The product of what a sum adds up: written out, or a power of what is the same for each index."""
    body, low, high = total.body, total.low, total.high
    if total.index not in names(body):
        return resolver.raised(body, high if low == ONE else tidy(Add((high, Neg(low), ONE))), symbol)
    if not (isinstance(low, Num) and isinstance(high, Num)):
        resolver.fail(symbol, "numbers for both ends of a product", got="another end", example="prod(x[t], t, 1, 3)")
    count = int(high.value - low.value) + 1
    resolver.spend(symbol, count * sum(1 for _ in walk(body)))
    values = (Num(low.value + k) for k in range(count))
    first, *others = (with_tidy_indices(substitute(body, {total.index: value})) for value in values)
    return Mul((*(first.factors if isinstance(first, Mul) else (first,)), *others)) if others else first


def sigma(resolver: Resolver, items: Items, i: int) -> Found:
    """``Σ_t``, the capital letter for the sum's sign; without a claim it may be a name unless it has both ends."""
    symbol = _symbol_at(items, i)
    sub = bare(symbol.sub) if symbol.sub is not None else None
    has_ends = isinstance(sub, Equality) or (isinstance(sub, Group) and isinstance(sub.items[0], Equality))
    if resolver.vocabulary.is_open and not has_ends:
        return None
    items[i] = (items[i][0], replace(symbol, base="sum"))
    return summation(resolver, items, i)


def _range(resolver: Resolver, symbol: Symbol, index: Node | None) -> tuple[str, tuple[Expr, Expr] | None]:
    """The index of a sum and the range it has where none is written; one that stands for a single step has none."""
    ranges = {name: ends for name, ends in resolver.vocabulary.ranges.items() if ends[0] != ends[1]}
    letter = flat(index) if index is not None else next(iter(ranges)) if len(ranges) == 1 else None
    if letter is None or not letter.rstrip("'").isalpha():
        resolver.fail(symbol, "an index variable below the sum", got="none", example=SUM)
    return letter, ranges.get(letter) or (next(iter(ranges.values())) if len(ranges) == 1 else None)


def _unstated(resolver: Resolver, symbol: Symbol) -> tuple[Expr, Expr] | tuple[None, None]:
    """The ends of a sum that has none: without a claim all such sums have the same, whatever these are."""
    if not resolver.vocabulary.is_open or symbol.sup is not None or symbol.base == "prod":
        return None, None
    resolver.note("sums without ends were read as over one range")
    return ONE, Name(UNSTATED)


def adjoint(resolver: Resolver, items: Items, i: int) -> Found:
    r"""``\delta h_t`` and ``\delta_h^{(t)}``, other ways to write a bar."""
    symbol, node = _symbol_at(items, i), _symbol(items, i + 1)
    of = bare(symbol.sub) if symbol.sub is not None else None
    if of is not None and f"delta_{flat(of)}" in resolver.definitions:
        return None  # a name of the writer's own
    if isinstance(of, Symbol) and not resolver.vocabulary.is_open:
        items[i] = (items[i][0], replace(of, has_bar=True, sup=symbol.sup or of.sup))
        return naming.meaning(resolver, items, i)
    if node is None or symbol.sub is not None or symbol.sup is not None:
        return None
    items[i : i + 2] = [(items[i][0], replace(node, has_bar=True))]
    return naming.meaning(resolver, items, i)


def differential(resolver: Resolver, items: Items, i: int) -> Found:
    r"""``dL/dh_t``; and ``\mathrm{d} h_t``, as code names the adjoint, a product where nothing has a bar."""
    node = _symbol(items, i + 1)
    if resolver.vocabulary.is_open:
        below = bare(items[i + 1][1]) if i + 1 < len(items) and items[i + 1][0] == "/" else None
        if isinstance(below, Symbol) and _is_word(below) and len(below.base) == 2:
            resolver.fail(items[i][1], "a derivative that is worked out", got="a sign for one")
        return None
    if [operator for operator, _ in items[i + 2 : i + 4]] == ["/", ""] and flat(items[i + 2][1]) == "d":
        return slash(resolver, items, i)
    if node is None or not _has_bar(resolver, node):
        return None
    resolver.note(f"d{node.base} was read as {node.base}_bar")
    return adjoint(resolver, items, i)


def quotient(resolver: Resolver, items: Items, i: int) -> Found:
    """``dL/dh_t`` in plain text, where ``dh_t`` is one word; None for anything else."""
    upper, lower = items[i][1], items[i + 1][1] if i + 1 < len(items) and items[i + 1][0] == "/" else None
    if isinstance(lower, Apply) and _is_word(lower.function):
        if all(indexing.is_step(resolver, place) for place in lower.group.items):
            lower = replace(lower.function, indices=lower.group.items)  # dL/dh(t)
            items[i + 1] = ("/", lower)
        else:
            items[i + 1 : i + 2] = [("/", lower.function), ("", lower.group)]
            lower = lower.function
    if not (isinstance(upper, Symbol) and isinstance(lower, Symbol) and _is_word(upper) and _is_word(lower)):
        return None
    top, bottom = (
        Row([("", Symbol("d", word.at)), ("", replace(word, base=word.base[1:], at=word.at + 1))])
        for word in (upper, lower)
    )
    return derivative(resolver, items, top, bottom, i + 2)


def _is_word(symbol: Symbol) -> bool:
    return len(symbol.base) > 1 and symbol.base[0] == "d"


# --- gradients and Hessians -----------------------------------------------------------------------------------------


def nabla(resolver: Resolver, items: Items, i: int) -> Found:
    r"""``\nabla J(u)``, ``\nabla_\theta J``, ``\nabla^2 J(u)``."""
    symbol, following = _symbol_at(items, i), items[i + 1][1] if i + 1 < len(items) else None
    if isinstance(following, Apply):
        items[i + 1 : i + 2] = [(items[i + 1][0], following.function), ("", following.group)]
    order = 1 if symbol.sup is None else 2 if flat(symbol.sup) == "2" else 0
    energy = _symbol(items, i + 1)
    by = bare(symbol.sub) if symbol.sub is not None else None
    has_gradient = resolver.vocabulary.is_open or resolver.vocabulary.function("grad_") is not None
    is_loss = not has_gradient and energy is not None and _is_loss(resolver, energy)
    if order == 1 and energy is not None and isinstance(by, Symbol) and is_loss:
        if i + 2 < len(items) and items[i + 2][0] == "" and isinstance(items[i + 2][1], Group):
            resolver.fail(energy, "a sign before a bracket that is no argument of the loss", got=repr(energy.base))
        return _of_loss(resolver, energy, by), i + 2
    if order == 1 and energy is not None and energy.base == "nabla" and flat(energy.sup) in (None, "top", "T"):
        order, i = 2, i + 1  # nabla twice
        energy = _symbol(items, i + 1)
    if energy is None or not order:
        resolver.fail(symbol, r"\nabla J(...) or \nabla^2 J(...)", example=r"\nabla J(\theta^{(k)})")
    point = bare(symbol.sub) if symbol.sub is not None else None
    return _of_energy(resolver, items, energy, order, point if isinstance(point, Symbol) else None, i + 2)


def gradient(resolver: Resolver, items: Items, i: int) -> Found:
    """``grad J(u)``; without a claim, a name."""
    return None if resolver.vocabulary.is_open else nabla(resolver, items, i)


def of_energy_primed(resolver: Resolver, items: Items, i: int, symbol: Symbol) -> Found:
    """``J'(u)``, the gradient, and ``J''(u)``, the Hessian, where the claim has them."""
    energy = symbol.base.rstrip("'")
    order = symbol.primes + len(symbol.base) - len(energy)
    if order not in (1, 2) or energy not in resolver.vocabulary.energies or not resolver.vocabulary.function("grad_"):
        return None
    return _of_energy(resolver, items, replace(symbol, base=energy, primes=0), order, None, i + 1)


def _of_energy(
    resolver: Resolver, items: Items, energy: Symbol, order: int, point: Symbol | None, after: int
) -> tuple[Expr, int]:
    """The gradient or Hessian of an energy at the argument that follows, else at `point` or the only point there is."""
    start = "grad_" if order == 1 else "hess_"
    function = resolver.vocabulary.function(start) or (start + energy.base if resolver.vocabulary.is_open else None)
    if function is None:
        kind = "gradient" if order == 1 else "Hessian"
        resolver.fail(energy, f"the claim's own names: it has no {kind}", got=f"a {kind}")
    if energy.base not in resolver.vocabulary.energies | {function.removeprefix(start)}:
        resolver.fail(energy, f"the energy {function.removeprefix(start)}", got=repr(energy.base))
    group = argument(items, after)
    if group is not None:
        return Call(function, (resolver.expr(group.items[0]),)), after + 1
    has_no_index = energy.sup is None and (point is None or flat(point) is not None)
    if order == 2 and has_no_index and "H" in resolver.names:
        resolver.note(f"{function} without an argument was read as H")
        return Name("H"), after
    at = _point(resolver, energy, function, point)
    resolver.note(f"{function} without an argument was read as {function}({_text(at)})")
    return Call(function, (at,)), after


def without_argument(resolver: Resolver, items: Items, i: int, function: str) -> Found:
    """``∇²J`` where no argument follows."""
    kind, _, energy = function.partition("_")
    if kind not in ("grad", "hess"):
        return None
    return _of_energy(resolver, items, Symbol(energy, _symbol_at(items, i).at), 1 + (kind == "hess"), None, i + 1)


def _point(resolver: Resolver, energy: Symbol, function: str, point: Symbol | None) -> Expr:
    if point is None:
        names = _points_of_model(resolver, function) or [
            name for name, arity in resolver.names.items() if arity == 1 and not name.endswith("_bar")
        ]
        if len(names) != 1:
            resolver.fail(energy, "an argument", got="none", example=r"\nabla J(\theta^{(k)})")
        point = Symbol(names[0], energy.at)
    if energy.sup is not None and point.sup is None:
        point = replace(point, sup=energy.sup)
    return naming.meaning(resolver, [("", point)], 0)[0]


def _points_of_model(resolver: Resolver, function: str) -> list[str]:
    """The names at which the model's equations take the gradient."""
    model = resolver.vocabulary.model
    nodes = [node for line in model.lines for node in walk(line.right)] if model is not None else []
    calls = [node for node in nodes if isinstance(node, Call) and node.function.startswith(("grad_", "hess_"))]
    points = [call.arguments[0] for call in calls if len(call.arguments) == 1]
    return list(dict.fromkeys(point.name for point in points if isinstance(point, Name)))


def hessian(resolver: Resolver, items: Items, i: int) -> Found:
    """``H``, ``H(u)``, ``H_J``, ``H^{(k)}``: a Hessian if the claim has one; None if this is but a letter."""
    symbol = _symbol_at(items, i)
    function = resolver.vocabulary.function("hess_")
    script = flat(symbol.sub)
    is_energy = script is not None and script in resolver.vocabulary.energies
    at_step, after = _step_of(resolver, items, i)
    points = _points_of_model(resolver, function) if function is not None and at_step is not None else []
    if function is not None and at_step is not None and len(points) == 1:
        there = Call(function, (Name(points[0], (indexing.index(resolver, at_step),)),))
        resolver.note(f"{symbol.base} with an index was read as {_text(there)}")
        return there, after
    if function is None or (symbol.sub is not None and not is_energy):
        return None
    group = argument(items, i + 1)
    if group is not None and symbol.sup is None:
        value = resolver.expr(group.items[0])
        if any(isinstance(node, Name) and node.indices for node in walk(value)):
            return Call(function, (value,)), i + 2
    if symbol.base in resolver.names:
        if is_energy:
            items[i] = (items[i][0], replace(symbol, sub=None))
            return naming.meaning(resolver, items, i)
        return None
    at = _point(resolver, Symbol("J", symbol.at), function, None)
    resolver.note(f"{symbol.base} was read as {function}({_text(at)})")
    value = Call(function, (at,))
    return (value if symbol.sup is None else resolver.power(value, symbol.sup)), i + 1


def _step_of(resolver: Resolver, items: Items, i: int) -> tuple[Node | None, int]:
    """The index of ``H_k``, ``H^{(k)}`` and ``H[k]``, and where the next factor begins."""
    symbol, after = _symbol_at(items, i), i + 1
    places = symbol.indices or [script for script in (symbol.sub, symbol.sup) if script is not None]
    beside = argument(items, after)
    if not places and beside is not None:
        places, after = beside.items, after + 1
    is_step = len(places) == 1 and indexing.is_step(resolver, places[0])
    return (places[0] if is_step else None), after


# --- partial derivatives --------------------------------------------------------------------------------------------


def slash(resolver: Resolver, items: Items, i: int) -> Found:
    r"""``\partial L / \partial h``."""
    four = items[i : i + 4]
    if [operator for operator, _ in four[1:3]] == ["", "/"] and isinstance(four[2][1], Group):
        return derivative(resolver, items, Row([("", four[0][1]), four[1]]), four[2][1].items[0], i + 3)
    if [operator for operator, _ in four][1:] != ["", "/", ""]:
        resolver.fail(items[i][1], "a derivative of one name by another", example=PARTIAL)
    top, bottom = Row([("", four[0][1]), four[1]]), Row([("", four[2][1]), four[3]])
    beside, after = argument(items, i + 4), i + 4
    if beside is not None and indexing.is_step(resolver, beside.items[0]):
        bottom.items.append(("", beside))  # h(t)
        after += 1
    return derivative(resolver, items, top, bottom, after)


def derivative(resolver: Resolver, items: Items, top: Node, bottom: Node, after: int) -> Found:
    """A fraction of differentials, and where the next factor begins; None for a fraction that is none."""
    above, below = _differential(resolver, top), _differential(resolver, bottom)
    if below is not None and resolver.vocabulary.is_open and flat(top) == "d":
        resolver.fail(top, "a derivative that is worked out", got="a sign for one")
    if below is None or (above is None and flat(top) not in ("partial", "d")):
        return None
    (order, over), (_, under) = above or (1, []), below
    if order == 1 and len(under) == 1:
        found = _of_function(resolver, items, over, under[0], after)
        if found is not None:
            return found
    while len(over) > 1 and _is_nabla(over[0]):
        order, over = order + 1, over[1:]
    of, (under, by) = bare(over[0]) if over else None, _by(order, under)
    argument = over[1] if len(over) == 2 and isinstance(over[1], Group) else None
    if not isinstance(of, Symbol) or not isinstance(by, Symbol) or order not in (1, 2) or len(over) > 2:
        resolver.fail(top, "a derivative of one name by another", example=PARTIAL)
    if len(over) == 2 and argument is None:
        resolver.fail(over[1], "a derivative of one name by another", example=PARTIAL)
    if order == 2 and flat(by.sup) == "2":
        by = replace(by, sup=None)
    elif order == 1 and len(under) != 1:
        resolver.fail(bottom, "a derivative by one name", example=PARTIAL)
    if _is_loss(resolver, of):
        if order == 2 or (resolver.vocabulary.function("grad_") and not _has_bar(resolver, by)):
            if argument is not None:
                return _of_energy(resolver, [("", argument)], of, order, by, 0)[0], after
            return _of_energy(resolver, items, of, order, by, after)
        return _of_loss(resolver, of, by), after
    if order == 2 or argument is not None:
        resolver.fail(of, "a derivative of the energy, or of one name by another")
    return _local(resolver, of, by), after


def _by(order: int, under: list[Node]) -> tuple[list[Node], Node | None]:
    """What a derivative is by: ``h(t)`` has its index beside it, ``(h)^2`` its order above."""
    by = bare(under[0]) if under else None
    if isinstance(by, Apply):
        return under, replace(by.function, indices=by.group.items)
    if len(under) == 2 and isinstance(by, Symbol) and by.is_bare() and isinstance(under[1], Group):
        return under[:1], replace(by, sup=under[1])
    if order == 2 and isinstance(by, Scripted) and flat(by.sup) == "2":
        by = bare(by.base)
        return under, bare(by.items[0]) if isinstance(by, Group) and len(by.items) == 1 else by
    return under, by


def _of_function(resolver: Resolver, items: Items, over: list[Node], under: Node, after: int) -> Found:
    r"""``\frac{\partial}{\partial c} \tanh(c)``: the slope of a function by a name in its argument."""
    place = items[after][1] if after < len(items) and items[after][0] == "" else None
    if not over and place is not None:
        applied, after = resolver.factor(items, after)
    elif len(over) == 2 and isinstance(over[0], Symbol) and resolver.function(over[0]) in SLOPES:
        place, applied = over[0], resolver.product([("", node) for node in over])
    else:
        return None
    by = resolver.expr(under)
    try:
        slope = differentiate(applied, by) if isinstance(by, Name) else ZERO
    except ValueError as error:
        resolver.fail(place, "a derivative of a function by a name in it", got=str(error))
    if slope == ZERO:
        resolver.fail(place, "a derivative of a function by a name in it", got="another", example=PARTIAL)
    return slope, after


def _is_nabla(node: Node) -> bool:
    return isinstance(node, Symbol) and node.base == "nabla" and node.sub is None


def _differential(resolver: Resolver, node: Node) -> tuple[int, list[Node]] | None:
    """The order and what follows the sign ∂."""
    inner = bare(node)
    items = inner.items if isinstance(inner, Row) else []
    head = bare(items[0][1]) if items else None
    if not isinstance(head, Symbol) or any(operator != "" for operator, _ in items):
        return None
    if head.base != "partial" and (head.base != "d" or "d" in resolver.names):
        return None
    order = 1 if head.sup is None else int(flat(head.sup) == "2") * 2
    return order, [item for _, item in items[1:]]


def _is_loss(resolver: Resolver, symbol: Symbol) -> bool:
    return symbol.base in resolver.vocabulary.energies and symbol.base not in resolver.names and not symbol.has_bar


def _has_bar(resolver: Resolver, by: Symbol) -> bool:
    return any(naming.lookup(resolver, by.base, script, True) is not None for script in (flat(by.sub), None))


def _of_loss(resolver: Resolver, of: Symbol, by: Symbol) -> Expr:
    """The total derivative, h_bar; but the loss's own term L_h where h_bar at this very index is asked for."""
    value = naming.meaning(resolver, [("", replace(by, has_bar=True))], 0)[0]
    own = resolver.vocabulary.own_node
    if not isinstance(value, Name):
        resolver.fail(by, "a derivative of the loss by one of the claim's nodes or weights")
    direct = f"L_{value.name.removesuffix('_bar')}"
    is_own = own is not None and own.name == value.name and _is_certainly(value, own)
    if direct in resolver.names and (of.sup is not None or (is_own and not resolver.is_left)):
        resolver.note(f"the derivative of {of.base} by {_bare_text(value)} was read as {direct}, its direct part")
        return Name(direct, value.indices)
    resolver.note(f"the derivative of {of.base} by {_bare_text(value)} was read as {_text(value)}")
    return value


def _is_certainly(first: Name, second: Name) -> bool:
    try:
        return is_same(first, second)
    except ValueError:  # indices that may or may not be equal
        return False


def _local(resolver: Resolver, of: Symbol, by: Symbol) -> Expr:
    """The derivative of one of the sheet's equations, all else on its right side held fixed."""
    upper, lower = (naming.meaning(resolver, [("", symbol)], 0)[0] for symbol in (of, by))
    model = resolver.vocabulary.model
    if model is None or not isinstance(upper, Name) or not isinstance(lower, Name):
        resolver.fail(of, "a derivative of the loss or of one of the claim's equations", example=PARTIAL)
    try:
        value = local_partial(model, upper, lower)
    except ValueError as error:
        resolver.fail(of, "a derivative of one of the claim's equations by a name in it", got=str(error))
    resolver.note(f"the derivative of {_text(upper)} by {_text(lower)} was read as that of its own equation")
    resolver.spend(of, sum(1 for _ in walk(value)))
    return value


def _text(expr: Expr) -> str:
    from refute.formula.show import text  # printing needs no reading

    return text(expr)


def _bare_text(name: Name) -> str:
    return _text(Name(name.name.removesuffix("_bar"), name.indices))


SPECIAL: dict[str, Callable[[Resolver, Items, int], Found]] = {
    "sum": summation, "prod": summation, "Sigma": sigma, "nabla": nabla, "grad": gradient,
    "partial": slash, "delta": adjoint, "d": differential, "H": hessian,
}  # fmt: skip
