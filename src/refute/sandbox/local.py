"""Functions of this process as an implementation: one's own module, or any object that has some of the functions.

In floats the functions are called as they are. In every other number system they are recorded and replayed, as code in
a box is, so that ordinary NumPy code need not be written for our scalars.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import getattr_static, unwrap
from math import inf
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from refute.deciding.floating import dtype_of
from refute.numbers.balls import working_precision
from refute.numbers.floats import FORMATS
from refute.numbers.room import room_made
from refute.numbers.scalar import OutsideClass, Scalar
from refute.sandbox import structure, wire
from refute.sandbox.proxy import Call, CodeImplementation, Key
from refute.sandbox.records import Failure
from refute.sandbox.session import Session
from refute.sandbox.tape import PRECISION


@dataclass(frozen=True)
class _Replied:
    reply: bytes
    failure: Failure | None = None


class _ThisProcess:
    """Runs a session here rather than in a box; `namespaces` are those of the modules whose functions it runs."""

    def __init__(self, session: Session, namespaces: Iterable[dict[str, Any]]) -> None:
        self._session, self._namespaces = session, tuple(namespaces)

    def run(self, files: Mapping[str, bytes], request: bytes) -> _Replied:
        with room_made(*self._namespaces), working_precision(PRECISION):
            return _Replied(self._session.reply(json.loads(request)["jobs"]))


class LocalImplementation(CodeImplementation):
    """The functions of an object, by default a module, as attributes; for those that it lacks, and for outputs that its
    functions do not give, a `reference`'s.

    The functions raise ImplementationError when they fail or change their arguments, and OutsideClass when they leave
    NumPy and are given anything but floats.
    """

    most_questions = most_spared = most_bytes = most_work = most_seconds = inf  # nobody waits for a box

    def __init__(self, name: str, functions: Any, reference: Any) -> None:
        self._own = {key: value for key, value in _members(functions) if _is_function(key, value)}
        places = {key: _place(function) for key, function in self._own.items()}
        self._files_by_name = {Path(file).name: file for file, _ in places.values() if file}
        self.DTYPE = dtype_of(functions)
        paths = {file: short for short, file in self._files_by_name.items()}
        self._session = Session(paths, faults=Exception, dtype=FORMATS[self.DTYPE].dtype)
        self._session.adopt(self._own)
        super().__init__({}, _ThisProcess(self._session, _namespaces(self._own.values())), reference)
        self.__name__ = name
        self._where = {key: f"{file}:{line}" if file else "" for key, (file, line) in places.items()}
        self.functions = self._where

    def _ask(self, jobs: Mapping[Any, dict[str, Any]]) -> None:
        super()._ask(jobs)
        self.functions = self._where

    def _expect(self, key: Key) -> None:
        try:
            super()._expect(key)
        except OutsideClass:  # the function is made for floats, and so is the reference's
            self._expected[key] = None

    def _wanted(self, key: Key, got: structure.Structure) -> structure.Structure | None:
        """Of outputs by name, those that are there."""
        match self._expected[key], got:
            case ("dict", items), ("dict", found):
                return ("dict", tuple(item for item in items if item[0] in dict(found)))
        return self._expected[key]

    def _place(self, where: str) -> str:
        file, _, line = where.partition(":")
        return f"{self._files_by_name.get(file, file)}:{line}"

    def _call(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        shape, scalars, callables = structure.of_arguments((arguments, options))
        key = Key(name, shape)
        if any(isinstance(scalar, Scalar) for scalar in scalars):
            result = self.answer(Call(key, scalars, callables))
        else:
            self._expect(key)
            result = self._fit(key, self._called(name, arguments, options))
        expected = self._expected[key]
        if expected is None or expected[0] != "dict":
            return result
        lacking = [output for output, _ in expected[1] if output not in result]
        self._watch.lack.update((name, output) for output in lacking)
        return {**self._stood_in(name, arguments, options), **result} if lacking else result

    def _called(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """What the function itself gives. Raises ImplementationError when it fails, gives something else than numbers,
        or changes its arguments."""
        given = _copied((arguments, options))
        try:
            result = self._own[name](*given[0], **given[1])
        except Exception as error:
            failure = wire.Failure(**self._session.failed(error))
            raise self._failed(f"{name} failed", failure, self.place_of(name)) from error
        if not _is_equal(given, (arguments, options)):
            failure = wire.Failure("arguments left as they are", "arguments changed in place")
            raise self._failed(f"{name} failed", failure, self.place_of(name))
        strange = [
            entry for entry in structure.of_results(result)[1] if entry is None or isinstance(entry, (str, bytes))
        ]
        if strange:
            failure = wire.Failure("numbers", repr(strange[0]))
            raise self._failed(f"{name} failed", failure, self.place_of(name))
        return result


def _members(functions: Any) -> Iterator[tuple[str, Any]]:
    """The names of a module, or the attributes of an object."""
    if isinstance(functions, ModuleType):
        yield from vars(functions).items()
        return
    for name in dir(functions):
        if not name.startswith("_") and not isinstance(getattr_static(functions, name), (property, cached_property)):
            yield name, getattr(functions, name)


def _is_function(name: str, value: Any) -> bool:
    return callable(value) and not isinstance(value, type) and not name.startswith("_")


def _plain(function: Callable[..., Any]) -> Any:
    """What a method or a wrapper calls in the end."""
    return unwrap(getattr(function, "__func__", function))


def _namespaces(functions: Iterable[Callable[..., Any]]) -> list[dict[str, Any]]:
    """The names of the modules that functions are written in, and of those that these take functions from."""
    own = [getattr(_plain(function), "__globals__", {}) for function in functions]
    used = [_names_behind(value) for names in own for value in list(names.values())]
    found = {id(names): names for names in (*own, *used)}
    return [names for names in found.values() if not str(names.get("__name__")).startswith("numpy")]


def _names_behind(value: Any) -> dict[str, Any]:
    """The names of a module, or of the module that a function is written in."""
    return vars(value) if isinstance(value, ModuleType) else getattr(value, "__globals__", None) or {}


def _place(function: Callable[..., Any]) -> tuple[str, int]:
    """File and line; '' and 0 of what is not written in Python."""
    code = getattr(_plain(function), "__code__", None)
    return ("", 0) if code is None else (code.co_filename, code.co_firstlineno)


def _copied(value: Any) -> Any:
    """Arguments in which arrays can be changed without harm."""
    match value:
        case np.ndarray():
            return value.copy()
        case dict():
            return {key: _copied(item) for key, item in value.items()}
        case list() | tuple() if type(value) in (list, tuple):
            return type(value)(map(_copied, value))
    return value


def _is_equal(left: Any, right: Any) -> bool:
    match left:
        case np.ndarray():
            return isinstance(right, np.ndarray) and np.array_equal(left, right, equal_nan=left.dtype.kind == "f")
        case dict():
            return left.keys() == right.keys() and all(_is_equal(item, right[key]) for key, item in left.items())
        case list() | tuple() if type(left) in (list, tuple):
            return len(left) == len(right) and all(map(_is_equal, left, right))
    return True
