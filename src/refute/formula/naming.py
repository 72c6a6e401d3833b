"""Which name of the claim a symbol is, in whatever way it is written, and what it then denotes."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, NoReturn

from refute.formula import calculus, indexing
from refute.formula.expr import Call, Expr, Name, Neg, Num
from refute.formula.scripts import bare, flat, is_index, is_transpose, mentions, parts_of
from refute.formula.surface import LONGEST_NAME, SIMILAR, Group, Node, Number, Row, Symbol
from refute.formula.vocabulary import BUILT_IN

if TYPE_CHECKING:
    from refute.formula.resolve import Items, Resolver


_LETTER = re.compile(r"[A-Za-z](?:_[0-9]+)?")


def meaning(resolver: Resolver, items: Items, i: int) -> tuple[Expr, int]:
    """What a name denotes with all that hangs on it, and where the next factor begins."""
    symbol = items[i][1]
    assert isinstance(symbol, Symbol), "the caller looked"
    if resolver.vocabulary.is_open and not resolver.names and not resolver.definitions:
        if resolver.vocabulary.products:
            return _in_the_open(resolver, items, i, symbol)
        return _open_name(resolver, symbol), i + 1
    sub, script = symbol.sub, flat(symbol.sub)
    name = lookup(resolver, symbol.base, script, symbol.has_bar) if script else None
    if name is not None:
        sub = None
    else:
        name = lookup(resolver, symbol.base, None, symbol.has_bar)
    if name is None:
        return (_in_the_open if resolver.vocabulary.is_open else _unknown)(resolver, items, i, symbol)
    definition = resolver.definitions.get(name)
    if definition is not None and calculus.argument(items, i + 1) is not None:
        gradient = definition.gradient()
        if gradient is not None:
            items[i : i + 1] = [(items[i][0], gradient[0]), *(("", node) for node in gradient[1:])]
            return resolver.symbol(items, i)
    arity = resolver.names[name] if definition is None else definition.arity
    if arity == 0:
        return _scalar(resolver, symbol, name, sub), i + 1
    return _indexed(resolver, items, i, name, arity, sub)


def lookup(resolver: Resolver, base: str, script: str | None, has_bar: bool) -> str | None:
    """The claim's name for a letter with a flat subscript and perhaps a bar."""
    name = (f"{base}_{script}" if script else base) + ("_bar" if has_bar else "")
    if name in resolver.names or name in resolver.definitions:
        return name
    if resolver.vocabulary.is_open and not resolver.definitions:
        return None
    for head in dict.fromkeys((resolver.vocabulary.aliases.get(base, base), base.replace("W", "w", 1))):
        if head[:1] != base[:1] and head == base.replace("W", "w", 1) and script is None and "_" not in base:
            continue
        name = (f"{head}_{script}" if script else head) + ("_bar" if has_bar else "")
        if name in resolver.names or name in resolver.definitions:
            if resolver.vocabulary.aliases.get(base) == head and head != base:
                resolver.note(f"{base} was read as {head}")
            return name
    alias = resolver.vocabulary.aliases.get(f"{base}_{script}".replace("W", "w", 1)) if script else None
    if alias is not None and alias + "_bar" * has_bar in resolver.names:
        resolver.note(f"{base}_{script} was read as {alias}")
        return alias + "_bar" * has_bar
    first, underscore, rest = base.partition("_")
    alias = resolver.vocabulary.aliases.get(first)
    if underscore and alias is not None and f"{alias}_{rest}" in resolver.names:
        resolver.note(f"{first} was read as {alias}")
        return f"{alias}_{rest}"
    return None


def _scalar(resolver: Resolver, symbol: Symbol, name: str, sub: Node | None) -> Expr:
    """A name without indices, and its power or transpose."""
    if sub is not None and not (name == "I" and resolver.is_shape(sub)):
        _unknown_name(resolver, symbol, f"{symbol.base}_{flat(sub)}" if flat(sub) else None, name)
    if symbol.indices is not None:
        resolver.fail(symbol, f"{name} without an index", got="one")
    value = _named(resolver, name, (), symbol)
    if symbol.primes:
        resolver.fail(symbol, "no prime after a variable", got=f"{name}'")
    if symbol.sup is None:
        return value
    is_weight = name[:1] in "wW" and flat(symbol.sup) == "T"
    if is_transpose(symbol.sup, resolver.is_name) or is_weight:
        if name[:1].isupper():
            return Call("transpose", (value,))
        resolver.note(f"the transpose of {name} was read as {name}, a number")
        return value
    script = bare(symbol.sup)
    is_like_index = isinstance(script, Group) and is_index(script, resolver.is_known_index)
    if is_like_index and mentions(script, resolver.is_variable):
        resolver.fail(script, f"{name} without an index", got="one")
    return resolver.power(value, symbol.sup)


def _indexed(resolver: Resolver, items: Items, i: int, name: str, arity: int, sub: Node | None) -> tuple[Expr, int]:
    """A name with indices: in brackets, below, above, or left out."""
    symbol = items[i][1]
    assert isinstance(symbol, Symbol), "the caller looked"
    power, after = symbol.sup, i + 1
    if symbol.primes:
        resolver.fail(symbol, "no prime after a variable", got=f"{name}'")
    places = symbol.indices
    if places is None and sub is not None:
        places = indexing.split(sub, arity)
    if places is None and power is not None:
        places, power = indexing.above(resolver, power, arity, name)
    if places is None and after < len(items) and items[after][0] == "":
        places, outer = indexing.beside(resolver, items[after][1], arity)
        if places is not None:
            after += 1
            power = outer if power is None else power
    if places is None:
        indices = indexing.omitted(resolver, symbol, name, arity)
    else:
        if len(places) != arity:
            resolver.fail(symbol, f"{arity} indices of {name}", got=f"{len(places)}")
        indices = tuple(indexing.index(resolver, place) for place in places)
        for place, index in zip(places, indices, strict=True):
            if isinstance(index, Neg):
                resolver.fail(place, f"an index of {name}, from 0 on", got="a negative one")
    value = _named(resolver, name, indices, symbol)
    if power is None:
        return value, after
    if is_transpose(power, resolver.is_name):
        resolver.note(f"the transpose of {name} was read as {name}")
        return value, after
    return resolver.power(value, power), after


def _named(resolver: Resolver, name: str, indices: tuple[Expr, ...], symbol: Symbol) -> Expr:
    """A name of the claim, or what a definition says it is."""
    definition = resolver.definitions.get(name)
    if definition is None:
        return Name(name, indices)
    return definition.value(resolver, indices, symbol)


def _in_the_open(resolver: Resolver, items: Items, i: int, symbol: Symbol) -> tuple[Expr, int]:
    """Any name, without a claim, or a word that is a product."""
    if symbol.base in resolver.vocabulary.products and symbol.indices is None and not symbol.has_bar:
        resolver.note(f"{symbol.base} was read as {'*'.join(letters_of(symbol.base))}")
        return _by_letters(resolver, items, i, symbol)
    return _open_name(resolver, symbol), i + 1


def _open_name(resolver: Resolver, symbol: Symbol) -> Expr:
    """Any name, without a claim: a letter with its subscript; ``(t)`` above is an index, and so is the index of a sum
    below."""
    if symbol.is_bare() and len(symbol.base) == 1 and symbol.base != "e":
        return Name(resolver.renamed(symbol.base))  # as most are
    base, script, sup = symbol.base, flat(symbol.sub), symbol.sup
    is_bare = script is None and not symbol.has_bar and symbol.indices is None
    if base == "e" and is_bare and not resolver.is_variable("e"):
        return _euler(resolver, symbol)
    places = symbol.indices
    head, _, tail = base.rpartition("_")
    if places is None and script is None and head and resolver.is_variable(tail):
        base, places = head, [Symbol(tail, symbol.at + len(head) + 1)]  # x_t in a sum over t
    if places is None and symbol.sub is not None and script is not None and resolver.is_variable(script):
        places, script = parts_of(symbol.sub), None
    inner = bare(symbol.sub) if symbol.sub is not None and resolver.scope else None
    if places is None and isinstance(inner, Row) and any(map(resolver.is_variable, script or "")):
        places, script = [part for _, part in inner.items], None  # a_{ij} in a sum over j
    name = (f"{base}_{script}" if script else base) + ("_bar" if symbol.has_bar else "")
    if places is None and symbol.sub is not None and script is None:
        places = parts_of(symbol.sub)
    inner = bare(sup) if sup is not None else None
    if isinstance(inner, Symbol) and inner.base == "top":
        resolver.transposed(Name(name), inner)
    if places is None and resolver.is_latex and isinstance(inner, Group) and inner.kind == "(":
        places, sup = inner.items, None
    if symbol.primes:
        resolver.fail(symbol, "no prime after a variable", got=f"{name}'")
    if symbol.is_covered and sup is symbol.sup is not None:
        resolver.fail(
            symbol, "a bar over a name, and its power after that", got="one over a power", example=r"\bar{x}^2"
        )
    value = Name(resolver.renamed(name) if not places else name, tuple(map(resolver.expr, places or ())))
    return value if sup is None else resolver.power(value, sup)


def _euler(resolver: Resolver, symbol: Symbol) -> Expr:
    return Call("exp", (Num(Fraction(1)) if symbol.sup is None else resolver.exponent(symbol.sup),))


def _unknown(resolver: Resolver, items: Items, i: int, symbol: Symbol) -> tuple[Expr, int]:
    """A symbol that is no name as it stands: e, an index variable, ``DH``, ``h_t``, ``lr``. Else FormulaError."""
    operator, base = items[i][0], symbol.base
    if not symbol.has_bar and symbol.sub is None and symbol.indices is None:
        if base == "e":
            return _euler(resolver, symbol), i + 1
        if resolver.is_variable(base) and not symbol.primes:
            value = Name(resolver.renamed(base))
            return (value if symbol.sup is None else resolver.power(value, symbol.sup)), i + 1
    if base == "x" and _is_between(items, i):
        resolver.note("x was read as the sign of a product")
        del items[i]
        return resolver.factor(items, i)
    inner = bare(symbol.sub) if symbol.sub is not None else None
    if isinstance(inner, Group) and len(inner.items) > 1 and all(flat(place) for place in inner.items):  # w_{i,h}
        items[i] = (operator, replace(symbol, sub=Row([("", place) for place in inner.items])))
        return meaning(resolver, items, i)
    upper = f"{base}_{flat(symbol.sup)}" if symbol.sup is not None else ""
    if upper in resolver.definitions:  # z^i_t
        items[i] = (operator, replace(symbol, base=upper, sup=None))
        return meaning(resolver, items, i)
    if symbol.primes or base[-1] == "'":
        primed = calculus.of_energy_primed(resolver, items, i, symbol)
        if primed is not None:
            return primed
    head, underscore, tail = base.rpartition("_")
    if head in ("sum", "prod") and len(tail) == 1 and symbol.sub is None:
        items[i] = (operator, replace(symbol, base=head, sub=Symbol(tail, symbol.at + len(head) + 1)))
        return resolver.symbol(items, i)
    if underscore and symbol.sub is None and lookup(resolver, head, None, symbol.has_bar) and len(tail) == 1:
        place = symbol.at + len(head) + 1
        sub: Node = Number(Fraction(int(tail)), place) if tail in "0123456789" else Symbol(tail, place)
        items[i] = (operator, replace(symbol, base=head, sub=sub))
        return meaning(resolver, items, i)
    unbarred = _unbarred(resolver, symbol)
    if unbarred is not None:
        items[i] = (operator, unbarred)
        return meaning(resolver, items, i)
    is_bare = symbol.sub is None and not symbol.has_bar
    if is_bare and 1 < len(base) <= LONGEST_NAME and base.isalpha():
        is_signed = _WITH_SIGNS.fullmatch(base) is not None and not resolver.is_name("x")
        word = base.replace("x", "") if is_signed else base
        if _are_letters(resolver, word):
            return _by_letters(resolver, items, i, replace(symbol, base=word))
    return _joined(resolver, items, i)


_WITH_SIGNS = re.compile(r"x?[A-Z]+(?:x[A-Z]+)*")  # HxH


def _is_between(items: Items, i: int) -> bool:
    """Whether a bare letter stands between two factors, as in ``D x H``."""
    has_neighbours = i > 0 and [operator for operator, _ in items[i : i + 2]] == ["", ""]
    return has_neighbours and flat(items[i][1]) is not None


def letters_of(word: str) -> list[str]:
    """The letters of a word, each with the number below it: ``x_1y``."""
    return _LETTER.findall(word)


def _by_letters(resolver: Resolver, items: Items, i: int, symbol: Symbol) -> tuple[Expr, int]:
    """A word as its letters side by side, the last of which has what hangs on the word."""
    *letters, last = letters_of(symbol.base)
    parts: Items = []
    at = symbol.at
    for letter in letters:
        parts.append(("", Symbol(letter, at)))
        at += len(letter)
    parts.append(("", replace(symbol, base=last, at=at)))
    items[i : i + 1] = [(items[i][0], parts[0][1]), *parts[1:]]
    return resolver.symbol(items, i)


_OF_LOSS = ("dL_d", "dLd", "d_", "d", "delta_", "grad_")


def _unbarred(resolver: Resolver, symbol: Symbol) -> Symbol | None:
    """``hbar_t``, ``dh_t``, ``delta_h`` and ``dL_dh``, as code names the adjoint of h."""
    head, bar, rest = symbol.base.partition("bar")
    names = [head + rest] if bar else []
    names += [symbol.base.removeprefix(start) for start in _OF_LOSS if symbol.base.startswith(start)]
    for name in names:
        letters = {name, name.rpartition("_")[0]} - {""}
        if not symbol.has_bar and any(lookup(resolver, base, None, True) for base in letters):
            resolver.note(f"{symbol.base} was read as the adjoint of {name}")
            return replace(symbol, base=name, has_bar=True)
    return None


def _are_letters(resolver: Resolver, word: str) -> bool:
    vocabulary, defined = resolver.vocabulary, resolver.definitions
    return all(letter in vocabulary.names or letter in vocabulary.aliases or letter in defined for letter in word)


def _joined(resolver: Resolver, items: Items, i: int) -> tuple[Expr, int]:
    """Letters side by side that are one name: ``lr``, and ``w_ih`` in LaTeX, which has w_i h."""
    operator, symbol = items[i]
    assert isinstance(symbol, Symbol), "the caller looked"
    script = flat(symbol.sub)
    word = f"{symbol.base}_{script}" if script else symbol.base
    for k in range(i + 1, min(i + 5, len(items))):
        before, node = items[k - 1][1], items[k][1]
        if items[k][0] != "" or not isinstance(node, Symbol) or (flat(before) is None and (k > i + 1 or not script)):
            break
        word += node.base
        if lookup(resolver, word, None, symbol.has_bar) is not None:
            items[i : k + 1] = [(operator, replace(node, base=word, at=symbol.at, has_bar=symbol.has_bar))]
            return resolver.symbol(items, i)
    return _unknown_name(resolver, symbol)


def unknown_function(resolver: Resolver, symbol: Symbol) -> NoReturn:
    """Raise FormulaError: a word stands before a bracket as a function does, and is none."""
    known = ", ".join(sorted(BUILT_IN))
    resolver.fail(symbol, f"one of the functions {known}; a product needs a sign", "there is no such function")


def _unknown_name(resolver: Resolver, symbol: Symbol, name: str | None = None, known: str | None = None) -> NoReturn:
    """Raise FormulaError: the claim has no such name."""
    from difflib import get_close_matches  # slow to import

    if symbol.base == "for":
        resolver.fail(symbol, "the first and the last index of a sum", example="sum(x[t], t, 1, T)")
    name = name or (f"{symbol.base}_{flat(symbol.sub)}" if flat(symbol.sub) else symbol.base)
    name = name[:LONGEST_NAME]
    name += "_bar" if symbol.has_bar and not name.endswith("_bar") else ""
    choices = [*resolver.names, *resolver.vocabulary.functions, *resolver.vocabulary.aliases, *resolver.definitions]
    near = [known] if known else get_close_matches(name, [*choices, *BUILT_IN], 1, SIMILAR)
    listed = ", ".join(sorted(choices)[:20]) + (", ..." if len(choices) > 20 else "")
    hint = f"; did you mean {near[0]}?" if near else ""
    resolver.fail(symbol, f"one of {listed}{hint}", "the claim has no such name", got=repr(name))
