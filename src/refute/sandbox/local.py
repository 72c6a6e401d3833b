"""Functions of this process as an implementation: one's own module, or any object that has some of the functions.

In floats the functions are called as they are. In every other number system they are recorded and replayed, as code in
a box is, so that ordinary NumPy code need not be written for our scalars.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from inspect import unwrap
from math import inf
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from refute.deciding.floating import dtype_of
from refute.errors import ImplementationError
from refute.numbers.balls import working_precision
from refute.numbers.floats import FORMATS
from refute.numbers.room import room_made
from refute.numbers.scalar import Scalar
from refute.sandbox import structure, wire
from refute.sandbox.proxy import CodeImplementation, Key, structure_of_result
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
        jobs = [job | {"twice": False} for job in json.loads(request)["jobs"]]  # nobody here means to deceive
        with room_made(*self._namespaces), working_precision(PRECISION):
            return _Replied(self._session.reply(jobs))


class LocalImplementation(CodeImplementation):
    """The functions of an object, by default a module, as attributes; for those that it lacks, and for outputs that its
    functions do not give, a `reference`'s.

    The functions raise ImplementationError when they fail or change their arguments, and OutsideClass when they leave
    NumPy and are given anything but floats.
    """

    most_runs = most_spared = most_work = inf  # nobody waits for a box

    def __init__(self, name: str, functions: Any, reference: Any) -> None:
        self._own = {key: value for key, value in _members(functions) if _is_function(key, value)}
        places = {key: _place(function) for key, function in self._own.items()}
        self._files_by_name = {Path(file).name: file for file, _ in places.values() if file}
        self.DTYPE = dtype_of(functions)
        paths = {file: short for short, file in self._files_by_name.items()}
        self._session = Session(paths, faults=Exception, dtype=FORMATS[self.DTYPE].dtype)
        self._session.adopt(self._own)
        found = [getattr(_plain(function), "__globals__", {}) for function in self._own.values()]
        namespaces = {id(names): names for names in found}
        super().__init__({}, _ThisProcess(self._session, namespaces.values()), reference)
        self.__name__ = name
        self._where = {key: f"{file}:{line}" if file else "" for key, (file, line) in places.items()}
        self.functions = self._where
        self._outputs: dict[str, frozenset[str]] = {}  # of the reference's functions that give a dict

    def _ask(self, jobs: Mapping[Any, dict[str, Any]]) -> None:
        super()._ask(jobs)
        self.functions = self._where

    def _expect(self, key: Key) -> None:
        """What is asked of a result is what the scene asks."""
        self._expected[key] = None

    def _place(self, where: str) -> str:
        file, _, line = where.partition(":")
        return f"{self._files_by_name.get(file, file)}:{line}"

    def _call(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        shape, scalars, _ = structure.of_arguments((arguments, options))
        if any(isinstance(scalar, Scalar) for scalar in scalars):
            result = super()._call(name, arguments, options)
        else:
            result = self._called(name, arguments, options)
        lacking = self._outputs_of(Key(name, shape)) - result.keys() if isinstance(result, Mapping) else ()
        if not lacking:
            return result
        self._watch.lack.update((name, output) for output in lacking)
        return {**self._stood_in(name, arguments, options), **result}

    def _outputs_of(self, key: Key) -> frozenset[str]:
        """The outputs that the reference's function gives by name."""
        if key.function not in self._outputs:
            function = getattr(self.reference, key.function, None)
            whole = () if function is None else structure_of_result(function, key.arguments)
            self._outputs[key.function] = (
                frozenset(name for name, _ in whole[1]) if whole[:1] == ("dict",) else frozenset()
            )
        return self._outputs[key.function]

    def _called(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """What the function itself gives. Raises ImplementationError when it fails, or changes its arguments."""
        given = _copied((arguments, options))
        try:
            result = self._own[name](*given[0], **given[1])
        except Exception as error:
            failure = wire.Failure(**self._session.failed(error))
            raise self._failed(f"{name} failed", failure, self.place_of(name)) from error
        if not _is_equal(given, (arguments, options)):
            raise ImplementationError(
                f"{name} changes its arguments", expected="arguments left as they are",
                got="arguments changed in place", where=self.place_of(name),
            )  # fmt: skip
        self._watch.ran.add(name)
        return result


def _members(functions: Any) -> Iterator[tuple[str, Any]]:
    """The names of a module, or the attributes of an object."""
    if isinstance(functions, ModuleType):
        yield from vars(functions).items()
    else:
        yield from ((name, getattr(functions, name)) for name in dir(functions) if not name.startswith("_"))


def _is_function(name: str, value: Any) -> bool:
    return callable(value) and not isinstance(value, type) and not name.startswith("_")


def _plain(function: Callable[..., Any]) -> Any:
    """What a method or a wrapper calls in the end."""
    return unwrap(getattr(function, "__func__", function))


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
