"""Domains of variables, as one writes them: ``x > 0``, ``0 < y < 1``, ``z >= 2``, ``u != 0``, ``n in 1..9``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from refute.claims import Natural, Real
from refute.errors import ProjectError, UsageError

NUMBER = r"[-+]?(?:\d{1,30}(?:\.\d{1,30})?|\.\d{1,30})(?:e[-+]?\d{1,2}|/[1-9]\d{0,29})?"
NAME = r"[A-Za-z][A-Za-z0-9_]*"
BELOW = re.compile(rf"({NUMBER})\s*(<=?)\s*({NAME})(?:\s*(<=?)\s*({NUMBER}))?")
ONE_SIDED = re.compile(rf"({NAME})\s*(<=?|>=?)\s*({NUMBER})")
EXCEPT = re.compile(rf"({NAME})\s*(?:!=|≠)\s*({NUMBER})")
WHOLE = re.compile(rf"({NAME})\s+in\s+(\d{{1,9}})\.\.(\d{{1,9}})")


def parse_domains(texts: Iterable[str]) -> dict[str, Real | Natural]:
    """The domain of each variable that the texts name. Raises UsageError for a text that is no domain."""
    found: dict[str, Real | Natural] = {}
    for text in texts:
        for part in text.split(","):
            name, domain = _parse(part.strip())
            found[name] = _both(found[name], domain, part) if name in found else domain
    return found


def _parse(text: str) -> tuple[str, Real | Natural]:
    if match := BELOW.fullmatch(text):
        low, first, name, second, high = match.groups()
        above = Real(low=_number(low), closed="=" in first)
        return name, _both(above, Real(high=_number(high), closed="=" in second), text) if high else above
    if match := ONE_SIDED.fullmatch(text):
        name, relation, end = match.groups()
        low, high = (_number(end), None) if relation[0] == ">" else (None, _number(end))
        return name, Real(low, high, closed="=" in relation)
    if match := EXCEPT.fullmatch(text):
        return match[1], Real(without=(_number(match[2]),))
    if match := WHOLE.fullmatch(text):
        name, least, most = match.groups()
        return name, _natural(int(least), int(most))
    raise UsageError("a domain cannot be read", expected="a variable between numbers", got=repr(text), example="x > 0")


def _natural(low: int, high: int) -> Natural:
    try:
        return Natural(low, high)
    except ProjectError as error:
        raise UsageError(error.message, expected=error.expected, got=f"{low}..{high}", example="n in 1..9") from None


def _both(one: Real | Natural, other: Real | Natural, text: str) -> Real:
    if isinstance(one, Natural) or isinstance(other, Natural):
        raise UsageError("a variable has two domains", expected="one", got=repr(text), example="n in 1..9")
    low = max((d.low for d in (one, other) if d.low is not None), default=None)
    high = min((d.high for d in (one, other) if d.high is not None), default=None)
    ends = {end for end in (low, high) if end is not None}
    inside = {end for end in ends if end in one and end in other}
    if low is not None and high is not None and (low > high or low == high not in inside):
        raise UsageError("a domain is empty", expected="a number in it", got=repr(text), example="0 < x < 1")
    without = dict.fromkeys([*one.without, *other.without, *(sorted(ends - inside) if inside else ())])
    return Real(low, high, closed=bool(inside), without=tuple(without))


def _number(text: str) -> Fraction:
    top, _, bottom = text.partition("/")
    return Fraction(top) / Fraction(bottom or 1)
