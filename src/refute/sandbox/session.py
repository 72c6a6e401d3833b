"""What runs inside the box: imports the code, runs its functions as asked, and answers in plain data.

Nothing here knows what is right. The code may do to this process whatever it likes: it can spoil its own answers only,
which are read as data outside.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import flint
import numpy as np

from refute.numbers import room
from refute.numbers.scalar import Scalar
from refute.sandbox import structure
from refute.sandbox.tape import PRECISION, LeavesNumPy, Recording, Tape

Job = Mapping[str, Any]
MOST_MESSAGE = 300  # characters of an error's text


class Unfit(Exception):
    """A run whose outcome is no result: what was expected, and what was got."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected, self.got = expected, got


class Unanswered(BaseException):
    """A callable argument was asked for a value that is not known yet: none of the code's own handlers may take it."""

    def __init__(self, function: int, argument: Any) -> None:
        super().__init__(function)
        self.function, self.argument = function, argument


def answer(request: Mapping[str, Any], folder: Path) -> bytes:
    """The reply to a request, as JSON: which functions the modules `files` in the folder have, and the outcome of each
    of the `jobs`. What one request has imported stays for the next."""
    session, error = _opened(folder, tuple(request["files"]), tuple(request["tolerant"]))
    return session.reply(request["jobs"], error)


@cache
def _opened(folder: Path, files: tuple[str, ...], tolerant: tuple[str, ...]) -> tuple[Session, dict[str, Any] | None]:
    """A session with the functions of the files; and why they cannot be imported, if they cannot."""
    flint.ctx.prec = PRECISION
    room.make_room()
    session = Session({str(folder / name): name for name in files})
    sys.path.append(str(folder))  # last: a file called random.py is for its neighbours only
    try:
        for name in files:
            session.adopt(vars(_imported(folder / name, tolerant=name in tolerant)))
    except BaseException as raised:  # noqa: BLE001  # of any kind, sys.exit() too: it is the code's own
        return session, session.failed(raised)
    return session, None


class Session:
    """Runs functions as jobs ask, in floats with those of a `dtype`. `paths` has the names of the files that are the
    code's own; what the code raises is its own fault, if it is one of the `faults`."""

    def __init__(
        self, paths: Mapping[str, str], faults: type[BaseException] = BaseException, dtype: str = "float64"
    ) -> None:
        self._paths, self._faults, self._float = paths, faults, np.dtype(dtype).type
        self._functions: dict[str, Callable[..., Any]] = {}

    def adopt(self, names: Mapping[str, Any]) -> None:
        """Take in the functions among names, but for those whose name another has."""
        for name, value in names.items():
            if callable(value) and not isinstance(value, type) and not name.startswith("_"):
                self._functions.setdefault(name, value)

    def reply(self, jobs: Sequence[Job], error: Mapping[str, Any] | None = None) -> bytes:
        """The functions of the code's own, with their places, and the outcome of each job; as JSON."""
        places = {name: self._place(function) for name, function in self._functions.items()}
        own = {name: place for name, place in places.items() if place}
        outcomes = [self._outcome(job) for job in jobs]
        return json.dumps({"error": error, "functions": own, "outcomes": outcomes}, allow_nan=False).encode()

    def _place(self, function: Any) -> str:
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        if code is None:  # a callable object
            code = getattr(vars(type(function)).get("__call__"), "__code__", None)
        if code is None or code.co_filename not in self._paths:
            return ""
        return f"{self._paths[code.co_filename]}:{code.co_firstlineno}"

    def _outcome(self, job: Job) -> dict[str, Any]:
        function = self._functions.get(job["function"])
        if function is None:
            return {"error": {"expected": f"a function {job['function']}", "got": "none", "where": None}}
        try:
            return self._floats(function, job) if job["mode"] == "floats" else self._tape(function, job)
        except self._faults as error:
            return {"error": self.failed(error)}

    def _tape(self, function: Callable[..., Any], job: Job) -> dict[str, Any]:
        """A recording; or why there is none though the code runs in floats."""
        try:
            first = self._recorded(function, job)
            if job["twice"] and self._recorded(function, job) != first:
                raise Unfit("equal answers to equal arguments", "another answer the second time")
        except Unfit:
            raise
        except self._faults as error:
            reason = self.failed(error)
            self._floats(function, {**job, "answers": None})  # raises what the code raises in floats too
            return {"floats_only": f"{reason['got']} ({reason['where']})" if reason["where"] else reason["got"]}
        return {"tape": first}

    def _recorded(self, function: Callable[..., Any], job: Job) -> dict[str, Any]:
        run = Recording(list(self._paths), job["forced"])
        scalars = [run.input(n, flint.arb(text)) for n, text in enumerate(job["point"])]
        callables = (_recorded_call(run, n) for n in range(job["callables"]))
        with room.lifting(run.constant):
            result = _run(function, job["arguments"], scalars, callables)
        shape, entries = structure.of_results(result)
        if any(entry is None for entry in entries):
            raise Unfit("a result", "None" if len(entries) == 1 else f"{structure.words(shape)} with entries never set")
        slots = [run.lift(entry).index for entry in entries]
        return {"instructions": run.instructions, "structure": shape, "slots": slots}

    def _floats(self, function: Callable[..., Any], job: Job) -> dict[str, Any]:
        scalars = [self._float(text) for text in job["point"]]
        answers = None if job["answers"] is None else iter(job["answers"])
        callables = (_answering(n, answers) for n in range(job["callables"]))
        try:
            with np.errstate(all="ignore"):
                result = _run(function, job["arguments"], scalars, callables)
        except Unanswered as call:
            argument = np.asarray(call.argument, dtype=np.float64)
            values = [_hex(value) for value in argument.flat]
            return {"call": {"function": call.function, "shape": list(argument.shape), "values": values}}
        shape, entries = structure.of_results(result)
        if any(entry is None or isinstance(entry, (str, bytes, Tape)) for entry in entries):
            raise Unfit("numbers", "None" if entries == [None] else structure.words(shape) + " with other things in it")
        return {"floats": {"structure": shape, "values": [_hex(entry) for entry in entries]}}

    def failed(self, error: BaseException) -> dict[str, Any]:
        """What an error of the code's says: what was expected, what was got, and the line."""
        if isinstance(error, Unfit):
            return {"expected": error.expected, "got": error.got, "where": None}
        text = str(error) if isinstance(error, LeavesNumPy) else f"{type(error).__name__}: {error}"[:MOST_MESSAGE]
        return {"expected": "a result", "got": text, "where": self._where(error)}

    def _where(self, error: BaseException) -> str | None:
        if isinstance(error, SyntaxError) and error.filename is not None and error.filename in self._paths:
            return f"{self._paths[error.filename]}:{error.lineno}"
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in self._paths]
        return f"{self._paths[frames[-1].filename]}:{frames[-1].lineno}" if frames else None


def _imported(path: Path, *, tolerant: bool) -> ModuleType:
    """The module in a file, under its own name unless another has that already."""
    known = sys.modules.get(path.stem)
    if known is not None and getattr(known, "__file__", None) == str(path):
        return known  # a neighbour has imported it
    spec = importlib.util.spec_from_file_location(path.stem if known is None else f"{path.stem}_py", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    if tolerant:
        _run_tolerantly(path, vars(module))
    else:
        spec.loader.exec_module(module)
    return module


def _run_tolerantly(path: Path, names: dict[str, Any]) -> None:
    """Run a file's statements one by one. One that fails, for want of a screen or a data set, is passed over."""
    for statement in ast.parse(path.read_bytes(), str(path)).body:
        code = compile(ast.Module([statement], []), str(path), "exec")
        try:
            exec(code, names)  # in the box, where it is at home
        except Exception as error:  # noqa: BLE001  # of any kind
            print(f"passed over, line {statement.lineno}: {error}", file=sys.stderr)  # noqa: T201  # into the log


def _run(function: Callable[..., Any], arguments: Any, scalars: list[Any], callables: Iterator[Any]) -> Any:
    """The function's result. Raises Unfit when it changed its arguments."""
    given, options = structure.build(arguments, iter(scalars), callables)
    result = function(*given, **options)
    after, _, _ = structure.of_arguments((given, options))
    left = structure.of_arguments((given, options))[1]
    if len(left) != len(scalars) or any(not _same(now, was) for now, was in zip(left, scalars, strict=True)):
        raise Unfit("arguments left as they are", "arguments changed in place")
    if json.dumps(after) != json.dumps(arguments):
        raise Unfit("arguments left as they are", "arguments with another structure")
    return result


def _same(now: Any, was: Any) -> bool:
    return now is was if isinstance(was, Scalar) else bool(now == was)


def _recorded_call(run: Recording, number: int) -> Callable[[Any], Any]:
    return lambda argument: run.call(number, argument)


def _answering(number: int, answers: Iterator[list[str]] | None) -> Callable[[Any], Any]:
    """The callable argument of that number in floats: known answers in order. None known at all means that any will
    do."""

    def call(argument: Any) -> Any:
        if answers is None:
            return np.tanh(argument)
        known = next(answers, None)
        if known is None:
            raise Unanswered(number, argument)
        return np.array([float.fromhex(text) for text in known], dtype=np.float64).reshape(np.shape(argument))[()]

    return call


def _hex(value: Any) -> str:
    return float(value).hex()
