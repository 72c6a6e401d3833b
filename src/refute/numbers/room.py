"""Room for scalars that are no floats in NumPy's own functions.

``np.zeros(n)`` makes floats, into which no other scalar can be stored, and ``np.tanh`` of a whole number among objects
fails. While numbers are `lifting`, arrays that NumPy would make of floats are made of what they are lifted to; at any
other time, in any other thread, or where an array has a type of its own, that is left to NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import Lock, local
from typing import Any

import numpy as np

from refute.numbers.scalar import FUNCTIONS, Exact, Scalar, exact

FILLED = {"zeros": 0, "ones": 1}
LIKE = {"zeros_like": 0, "ones_like": 1}
SQUARE = ("eye", "identity")
CONVERTING = ("array", "asarray", "asanyarray", "ascontiguousarray")

Lift = Callable[[Exact], Any]


class _Lifting(local):
    lift: Lift | None = None


_lifting = _Lifting()
_users = 0
_originals: dict[str, Any] = {}
_lock = Lock()


@contextmanager
def lifting(lift: Lift) -> Iterator[None]:
    """Run the body with NumPy, in which room was made, making what `lift` makes of exact rationals."""
    before, _lifting.lift = _lifting.lift, lift
    try:
        yield
    finally:
        _lifting.lift = before


@contextmanager
def room_made(*namespaces: dict[str, Any]) -> Iterator[None]:
    """Run the body with NumPy's functions replaced, also where a module has them under names of its own."""
    global _users
    with _lock:
        if _users == 0:
            make_room()
        _users += 1
        imported = [(names, dict(_imported_into(names))) for names in namespaces]
    try:
        for names, functions in imported:
            names.update({name: vars(np)[function] for name, function in functions.items()})
        yield
    finally:
        with _lock:
            for names, functions in imported:
                names.update({name: _originals[function] for name, function in functions.items()})
            _users -= 1
            if _users == 0:
                vars(np).update(_originals)


def _imported_into(names: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The names under which a module has functions that are replaced, each with NumPy's own name of it."""
    functions = {id(original): function for function, original in _originals.items()}
    return ((name, functions[id(value)]) for name, value in names.items() if id(value) in functions)


def make_room() -> None:
    """Replace NumPy's functions: in a process that runs other people's code only, for good."""
    for name in FILLED:
        _replace(name, _filled(name))
    for name in LIKE:
        _replace(name, _like(name))
    for name in SQUARE:
        _replace(name, _lifted(name))
    for name in CONVERTING:
        _replace(name, _converting(name))
    for name in FUNCTIONS:
        _replace(name, _elementwise(name))
    for name, new in (("empty", _empty), ("empty_like", _empty_like), ("full", _full), ("full_like", _full_like)):
        _replace(name, new(getattr(np, name)))


def _replace(name: str, new: Callable[..., Any]) -> None:
    _originals[name] = getattr(np, name)
    setattr(np, name, wraps(_originals[name])(new))


def _is_float(dtype: Any) -> bool:
    """Whether an array of this type holds our scalars while numbers are lifted."""
    return dtype is None or np.dtype(dtype).kind in "fO"


def constants(array: Any) -> Any:
    """An array of the same numbers, lifted."""
    lift = _lifting.lift
    assert lift is not None
    lifted = np.empty(np.shape(array), dtype=object)
    for index, value in np.ndenumerate(array):
        lifted[index] = lift(number) if (number := exact(value)) is not None else value
    return lifted


def _filled(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def make(shape: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        if _lifting.lift is None or not _is_float(dtype):
            return original(shape, np.float64 if dtype is None else dtype, *rest, **options)
        return constants(original(shape))

    return make


def _like(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def make(prototype: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        array = original(prototype, dtype, *rest, **options)
        return constants(array) if _lifting.lift is not None and _is_float(array.dtype) else array

    return make


def _lifted(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def make(*arguments: Any, **options: Any) -> Any:
        array = original(*arguments, **options)
        return constants(array) if _lifting.lift is not None and _is_float(array.dtype) else array

    return make


def _converting(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def make(value: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        if _lifting.lift is None or (dtype is not None and not _is_float(dtype)):
            return original(value, dtype, *rest, **options)
        array = original(value, None, *rest, **options)
        if array is value or array.dtype.kind not in ("fO" if dtype is None else "fiuO"):
            return array
        return constants(array)

    return make


def _elementwise(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def apply(value: Any, *rest: Any, **options: Any) -> Any:
        if _lifting.lift is None:
            return original(value, *rest, **options)
        if isinstance(value, Scalar):
            return getattr(value, name)()
        lifted = constants(np.asarray(value, dtype=object))
        return original(lifted if lifted.shape else lifted.item(), *rest, **options)

    return apply


def _empty(original: Callable[..., Any]) -> Callable[..., Any]:
    def make(shape: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        if _lifting.lift is not None and _is_float(dtype):
            return original(shape, object)  # an entry that is never set is None
        array = original(shape, np.float64 if dtype is None else dtype, *rest, **options)
        if array.dtype.kind == "f":
            array.fill(np.nan)
        return array

    return make


def _empty_like(original: Callable[..., Any]) -> Callable[..., Any]:
    def make(prototype: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        array = original(prototype, dtype, *rest, **options)
        if _lifting.lift is not None and _is_float(array.dtype):
            return original(prototype, object, *rest, **options)
        if array.dtype.kind == "f":
            array.fill(np.nan)
        return array

    return make


def _full(original: Callable[..., Any]) -> Callable[..., Any]:
    def make(shape: Any, value: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        is_ours = _lifting.lift is not None and _is_float(dtype)
        array = original(shape, value, object if is_ours else dtype, *rest, **options)
        return constants(array) if is_ours else array

    return make


def _full_like(original: Callable[..., Any]) -> Callable[..., Any]:
    def make(prototype: Any, value: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        is_ours = _lifting.lift is not None and _is_float(np.asarray(prototype).dtype if dtype is None else dtype)
        array = original(prototype, value, object if is_ours else dtype, *rest, **options)
        return constants(array) if is_ours else array

    return make
