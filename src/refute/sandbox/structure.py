"""The structure of a function's arguments or results apart from the scalars in it: shapes, keys, and what is passed by
value. It is plain data that can be sent, compared and looked up.

A structure is ``("scalar",)``, ``("array", shape)``, ``("dict", ((key, structure), ...))``, ``("list", structures)``,
``("tuple", structures)``, ``("function",)`` or ``("value", plain value)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

Structure = tuple[Any, ...]
MOST_DEPTH = 8
MOST_SCALARS = 100_000
MOST_DIMENSIONS = 32
MOST_TEXT = 200  # characters of a key, or of a text passed by value


class Malformed(ValueError):
    """What was given is no structure, or one that is too large."""


def of_arguments(value: Any) -> tuple[Structure, list[Any], list[Callable[..., Any]]]:
    """The structure of arguments, the scalars in it and the callables in it. Python's own integers, truth values, texts
    and None are passed by value."""
    scalars: list[Any] = []
    callables: list[Callable[..., Any]] = []

    def leaf(value: Any) -> Structure:
        if value is None or isinstance(value, (bool, int, str)):
            return ("value", value)
        if callable(value):
            callables.append(value)
            return ("function",)
        scalars.append(value)
        return ("scalar",)

    return _of(value, leaf, scalars, 0), scalars, callables


def of_results(value: Any) -> tuple[Structure, list[Any]]:
    """The structure of a result, and the scalars in it: whatever is no container. Raises Malformed for one that is too
    deep, or has a key that is no text."""
    scalars: list[Any] = []

    def leaf(value: Any) -> Structure:
        scalars.append(value)
        return ("scalar",)

    return _of(value, leaf, scalars, 0), scalars


def _of(value: Any, leaf: Callable[[Any], Structure], scalars: list[Any], depth: int) -> Structure:
    if depth > MOST_DEPTH or len(scalars) > MOST_SCALARS:
        raise Malformed("containers within containers without an end")
    if isinstance(value, np.ndarray):
        scalars.extend(value.flat)
        return ("array", value.shape)
    if isinstance(value, dict):
        wrong = next((key for key in value if not isinstance(key, str)), "")
        if wrong != "":
            raise Malformed(f"a dict with the key {wrong!r}, which is no text")
        return ("dict", tuple((key, _of(item, leaf, scalars, depth + 1)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        kind = "list" if isinstance(value, list) else "tuple"
        return (kind, tuple(_of(item, leaf, scalars, depth + 1) for item in value))
    return leaf(value)


def build(structure: Any, scalars: Iterator[Any], callables: Iterator[Any]) -> Any:
    """What has that structure, of those scalars and callables. An array of floats is one of floats, any other one of
    objects."""
    kind = structure[0]
    if kind == "scalar":
        return next(scalars)
    if kind == "function":
        return next(callables)
    if kind == "value":
        return structure[1]
    if kind == "array":
        return _array(tuple(structure[1]), scalars)
    if kind == "dict":
        return {key: build(item, scalars, callables) for key, item in structure[1]}
    items = [build(item, scalars, callables) for item in structure[1]]
    return items if kind == "list" else tuple(items)


def _array(shape: tuple[int, ...], scalars: Iterator[Any]) -> Any:
    entries = [next(scalars) for _ in range(prod(shape))]
    types = {type(entry) for entry in entries}
    kind = types.pop() if len(types) == 1 else object
    array = np.empty(len(entries), dtype=kind if issubclass(kind, np.floating) else object)
    for i, entry in enumerate(entries):
        array[i] = entry
    return array.reshape(shape)


def parse(data: Any, depth: int = 0) -> tuple[Structure, int]:
    """A structure of results from parsed JSON, and how many scalars are in it. Raises Malformed."""
    if depth > MOST_DEPTH:
        raise Malformed("a structure that is too deep")
    match data:
        case ["scalar"]:
            return ("scalar",), 1
        case ["array", list(shape)] if len(shape) <= MOST_DIMENSIONS and all(type(n) is int for n in shape):
            count = prod(shape) if all(0 <= n <= MOST_SCALARS for n in shape) else -1
            if 0 <= count <= MOST_SCALARS:
                return ("array", tuple(shape)), count
        case ["dict", list(items)] if all(_is_entry(item) for item in items):
            parsed = [(key, *parse(item, depth + 1)) for key, item in items]
            return ("dict", tuple((key, item) for key, item, _ in parsed)), sum(count for *_, count in parsed)
        case ["list" | "tuple" as kind, list(items)]:
            found = [parse(item, depth + 1) for item in items]
            return (kind, tuple(item for item, _ in found)), sum(count for _, count in found)
    raise Malformed(f"no structure: {str(data)[:80]}")


def _is_entry(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and len(item[0]) <= MOST_TEXT


def as_arrays(structure: Structure) -> Structure:
    """The structure in which a list of equal rows is the array that it stands for."""
    match structure:
        case ("dict", items):
            return ("dict", tuple((key, as_arrays(item)) for key, item in items))
        case ("tuple", items):
            return ("tuple", tuple(map(as_arrays, items)))
        case ("list", items):
            rows = [as_arrays(item) for item in items]
            shapes = {_shape(row) for row in rows}
            if len(shapes) == 1 and None not in shapes:
                return ("array", (len(rows), *(shapes.pop() or ())))
            return ("list", tuple(rows))
    return structure


def _shape(structure: Structure) -> tuple[int, ...] | None:
    return () if structure[0] == "scalar" else tuple(structure[1]) if structure[0] == "array" else None


def mismatch(got: Structure, expected: Structure, place: str = "the result") -> tuple[str, str, str] | None:
    """Where a result's structure is not the expected one: the place, what was expected, and what is there. What is in a
    dict besides the expected keys does no harm, and nor does a list or an array of one shape for the other."""
    got, expected = as_arrays(got), as_arrays(expected)
    match expected, got:
        case ("dict", items), ("dict", found):
            entries = dict(found)
            for key, item in items:
                if key not in entries:
                    return place, f"the key {key!r}", ", ".join(entries) or "an empty dict"
                wrong = mismatch(entries[key], item, key)
                if wrong is not None:
                    return wrong
            return None
        case ("tuple", items), ("tuple" | "list", found) if len(items) == len(found):
            wrongs = (mismatch(g, e, f"entry {i}") for i, (g, e) in enumerate(zip(found, items, strict=True), 1))
            return next((wrong for wrong in wrongs if wrong is not None), None)
        case ("tuple", items), ("array", (length, *rest)) if length == len(items):
            wrongs = (mismatch(("array", tuple(rest)), item, f"entry {i}") for i, item in enumerate(items, 1))
            return next((wrong for wrong in wrongs if wrong is not None), None)
    if _shape(got) is not None and _shape(got) == _shape(expected):
        return None
    return place, words(expected), words(got)


def words(structure: Structure) -> str:
    """A structure as a person reads it."""
    match structure:
        case ("array", shape):
            return f"shape {shape}"
        case ("dict", items):
            return f"a dict with {', '.join(key for key, _ in items)}"
        case ("tuple" | "list" as kind, items):
            return f"a {kind} of {len(items)}"
    return f"a {structure[0]}"
