"""Room for scalars that are no floats in NumPy's own functions, in a process that runs other people's code only.

``np.zeros(n)`` makes floats, into which no other scalar can be stored, and ``np.tanh`` of a whole number among objects
fails. While a recording runs, arrays that NumPy would make of floats are made of the recording's constants; what is not
recorded, or has a type of its own, is left to NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np

from refute.numbers.scalar import exact
from refute.sandbox.tape import FUNCTIONS, Recording, Tape

FILLED = {"zeros": 0, "ones": 1}
LIKE = {"zeros_like": 0, "ones_like": 1}
SQUARE = ("eye", "identity")
CONVERTING = ("array", "asarray", "asanyarray", "ascontiguousarray")


class _Running:
    recording: Recording | None = None


@contextmanager
def recording(run: Recording) -> Iterator[None]:
    """Run the body with NumPy making room for the numbers of a recording."""
    _Running.recording = run
    try:
        yield
    finally:
        _Running.recording = None


def make_room() -> None:
    """Replace NumPy's functions, for good."""
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
    setattr(np, name, wraps(getattr(np, name))(new))


def _is_float(dtype: Any) -> bool:
    """Whether an array of this type holds our scalars while a recording runs."""
    return dtype is None or np.dtype(dtype).kind in "fO"


def constants(array: Any) -> Any:
    """An array of the same numbers, as constants of the recording."""
    run = _Running.recording
    assert run is not None
    lifted = np.empty(np.shape(array), dtype=object)
    for index, value in np.ndenumerate(array):
        lifted[index] = run.constant(number) if (number := exact(value)) is not None else value
    return lifted


def _filled(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def make(shape: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        if _Running.recording is None or not _is_float(dtype):
            return original(shape, np.float64 if dtype is None else dtype, *rest, **options)
        return constants(original(shape))

    return make


def _like(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def make(prototype: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        array = original(prototype, dtype, *rest, **options)
        return constants(array) if _Running.recording is not None and _is_float(array.dtype) else array

    return make


def _lifted(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def make(*arguments: Any, **options: Any) -> Any:
        array = original(*arguments, **options)
        return constants(array) if _Running.recording is not None and _is_float(array.dtype) else array

    return make


def _converting(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def make(value: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        if _Running.recording is None or (dtype is not None and not _is_float(dtype)):
            return original(value, dtype, *rest, **options)
        array = original(value, None, *rest, **options)
        if array is value or array.dtype.kind not in ("fO" if dtype is None else "fiuO"):
            return array
        return constants(array)

    return make


def _elementwise(name: str) -> Callable[..., Any]:
    original = getattr(np, name)

    def apply(value: Any, *rest: Any, **options: Any) -> Any:
        if _Running.recording is None:
            return original(value, *rest, **options)
        if isinstance(value, Tape):
            return getattr(value, name)()
        lifted = constants(np.asarray(value, dtype=object))
        return original(lifted if lifted.shape else lifted.item(), *rest, **options)

    return apply


def _empty(original: Callable[..., Any]) -> Callable[..., Any]:
    def make(shape: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        if _Running.recording is not None and _is_float(dtype):
            return original(shape, object)  # an entry that is never set is None
        array = original(shape, np.float64 if dtype is None else dtype, *rest, **options)
        if array.dtype.kind == "f":
            array.fill(np.nan)
        return array

    return make


def _empty_like(original: Callable[..., Any]) -> Callable[..., Any]:
    def make(prototype: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        array = original(prototype, dtype, *rest, **options)
        if _Running.recording is not None and _is_float(array.dtype):
            return original(prototype, object, *rest, **options)
        if array.dtype.kind == "f":
            array.fill(np.nan)
        return array

    return make


def _full(original: Callable[..., Any]) -> Callable[..., Any]:
    def make(shape: Any, value: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        is_ours = _Running.recording is not None and _is_float(dtype)
        array = original(shape, value, object if is_ours else dtype, *rest, **options)
        return constants(array) if is_ours else array

    return make


def _full_like(original: Callable[..., Any]) -> Callable[..., Any]:
    def make(prototype: Any, value: Any, dtype: Any = None, *rest: Any, **options: Any) -> Any:
        is_ours = _Running.recording is not None and _is_float(np.asarray(prototype).dtype if dtype is None else dtype)
        array = original(prototype, value, object if is_ours else dtype, *rest, **options)
        return constants(array) if is_ours else array

    return make
