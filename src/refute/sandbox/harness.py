"""Runs first in the process that runs somebody's code: it gives up what it can, then lets the session answer.

The parent starts it as a program, with its orders as JSON; the requests come through its standard input, each as its
length and its bytes. It keeps a pipe for the replies, and sends what is printed to the log. When all is in place it
writes one byte, so that the parent knows that the code was reached; an answer to each request follows as a letter, its
length and its bytes.
"""

from __future__ import annotations

import errno
import importlib
import io
import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

STARTED, REPLY, FAILURE = b"+", b"R", b"F"
LENGTH = 8  # bytes
OPEN_FILES = 64
STACK = 8 << 20
ERRORS = {
    "memory": (errno.ENOMEM,),
    "processes": (errno.EAGAIN, errno.EPERM),
    "files": (errno.EROFS, errno.EFBIG, errno.EMFILE, errno.EXDEV),
}


def main() -> None:
    """Carry out the orders in the first argument."""
    orders = json.loads(sys.argv[1])
    channel = orders["channel"]
    sys.stdin = io.StringIO()  # the code has nothing to read
    os.closerange(3, channel)
    os.closerange(channel + 1, 1024)
    os.set_inheritable(channel, False)
    _limit(orders["limits"], boxed=orders["boxed"])
    if orders["uid"] is not None:
        _become(orders["uid"])
    if orders["boxed"]:
        _check_isolation()
    answer = importlib.import_module(orders["session"]).answer
    _write(channel, STARTED)
    for request in _requests():
        kind, body = _answered(answer, request, Path(orders["folder"]))
        for log in (sys.stdout, sys.stderr):
            with suppress(Exception):  # the code may have put anything in its place
                log.flush()
        _write(channel, kind + len(body).to_bytes(LENGTH) + body)
        if kind == FAILURE:
            break
    os._exit(0)  # exit handlers and threads of the code have no say


def _requests() -> Iterator[bytes]:
    """The requests, as they come."""
    with open(0, "rb", closefd=False) as stream:
        while len(length := stream.read(LENGTH)) == LENGTH:
            yield stream.read(int.from_bytes(length))


def _answered(answer: Any, request: bytes, folder: Path) -> tuple[bytes, bytes]:
    try:
        return REPLY, bytes(answer(json.loads(request), folder))
    except Exception as error:  # noqa: BLE001  # whatever the code raises, the parent is told
        traceback.print_exc()
        said = {"kind": kind_of(error) or "crashed", "message": _described(error)}
        return FAILURE, json.dumps(said).encode()


def _described(error: Exception) -> str:
    """Its class and its text, of which even the text may be a program of whoever wrote the code."""
    return f"{type(error).__name__}: {traceback.TracebackException.from_exception(error)}"[:1000]


def kind_of(error: BaseException) -> str | None:
    """The kind of limit, a value of `Kind`, that an exception of the code comes from; None if from no limit."""
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return "processes"
    if isinstance(error, OSError):
        return next((kind for kind, numbers in ERRORS.items() if error.errno in numbers), None)
    return None


def _limit(limits: dict[str, int], *, boxed: bool) -> None:
    import resource  # here, since the parent imports this module on systems that have none

    bounds = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (limits["cpu"], limits["cpu"] + 1),
        resource.RLIMIT_NOFILE: (OPEN_FILES, OPEN_FILES),
        resource.RLIMIT_STACK: (STACK, STACK),
    }
    if sys.platform == "linux":  # elsewhere it is refused
        bounds[resource.RLIMIT_AS] = (limits["memory"], limits["memory"])
    if boxed:  # outside it would count all that the user runs
        bounds |= {
            resource.RLIMIT_NPROC: (limits["threads"], limits["threads"]),
            resource.RLIMIT_FSIZE: (0, 0),
            resource.RLIMIT_MEMLOCK: (0, 0),
            resource.RLIMIT_MSGQUEUE: (0, 0),
        }
    for which, (soft, hard) in bounds.items():
        resource.setrlimit(which, (soft, hard))


def _become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _check_isolation() -> None:
    """End here, before the code was reached, if we may do what nobody may in a box."""
    if os.getuid() == 0:
        raise SystemExit("the box runs as root")
    for attempt in (lambda: os.setresuid(0, 0, 0), lambda: os.memfd_create("x"), Path("/x").mkdir):
        try:
            attempt()
        except OSError:
            continue
        raise SystemExit("the box lets its code do what it must not")


def _write(channel: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(channel, view) :]


if __name__ == "__main__":
    main()
