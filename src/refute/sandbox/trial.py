"""A session that tries, inside a box, what must not work there; `refute doctor` runs it."""

from __future__ import annotations

import ctypes
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLONE_NEWUSER = 0x10000000
BOUND = 64 << 20  # bytes that an attempt takes beyond the limit, should there be none
SHOWN = {"engine", "etc", "lib", "lib64", "packages", "python", "submission", "usr"}  # all that a box has
PRIVATE = ("/root", "/home", "/proc", "/sys", "/dev", "/tmp", "/var", "/etc/passwd")


def answer(request: dict[str, Any], folder: Path) -> bytes:
    """What became of the attempts, by their names: None if refused, else what could be done.

    Or, if the request says so, no answer: it keeps the processor busy, or sleeps.
    """
    match request["do"]:
        case "spin":
            _for_a_while(lambda: None)
        case "sleep":
            _for_a_while(lambda: time.sleep(0.1))
    attempts: dict[str, Callable[[], str | None]] = {
        "user": _is_root,
        "files": lambda: _visible() or _writable(folder),
        "network": _socket,
        "processes": _fork,
        "namespaces": _unshare,
        "threads": lambda: _threads(request["threads"]),
        "memory": lambda: _allocate(request["memory"]),
    }
    return json.dumps({name: _attempt(attempt) for name, attempt in attempts.items()}).encode()


def _attempt(attempt: Callable[[], str | None]) -> str | None:
    try:
        return attempt()
    except (OSError, MemoryError, RuntimeError):
        return None


def _for_a_while(wait: Callable[[], None]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        wait()


def _is_root() -> str | None:
    return "the code runs as root" if os.getuid() == 0 else None


def _visible() -> str | None:
    found = sorted({path.name for path in Path("/").iterdir()} - SHOWN) + [
        path for path in PRIVATE if os.path.lexists(path)
    ]
    return f"the code sees {', '.join(found)}" if found else None


def _writable(folder: Path) -> str | None:
    for place in (folder, Path("/"), Path("/engine/refute"), Path("/packages"), Path("/python/lib")):
        try:
            (place / "written").write_text("x", encoding="ascii")
        except OSError:
            continue
        return f"the code can write into {place}"
    return None


def _socket() -> str:
    import socket

    socket.socket().close()
    return "the code can open a socket"


def _fork() -> str:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "the code can start a process"


def _unshare() -> str:
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    return "the code can make namespaces"


def _threads(most: int) -> str:
    done = threading.Event()
    try:
        for _ in range(most + 1):
            threading.Thread(target=done.wait).start()
    finally:
        done.set()
    return f"the code can start more than {most} threads"


def _allocate(limit: int) -> str:
    bytearray(limit + BOUND)
    return f"the code can take more than {limit >> 20} MiB"
