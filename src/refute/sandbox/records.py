"""What a run of somebody's code may use, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one run may use. A box has no place to write and starts no process, so these bound all there is."""

    wall: float = 8  # seconds, the start of the box included
    cpu: int = 4  # seconds
    memory: int = 768 * MIB  # bytes of address space
    threads: int = 16
    files: int = 8 * MIB  # bytes that are handed in
    reply: int = 32 * MIB  # bytes
    log: int = 64 << 10  # bytes that are kept of what was printed


USUAL = Limits()


class Kind(StrEnum):
    """Why there is no reply. All but the last are the code's own doing."""

    TIME = "time"
    CPU = "cpu"
    MEMORY = "memory"
    PROCESSES = "processes"  # it asked for a program, too many threads, or something else that is refused
    FILES = "files"  # it wrote to a file, or opened too many
    REPLY = "reply"  # too long
    CRASHED = "crashed"  # a signal, or an exception that nothing caught
    ENDED = "ended"  # it ended before it had answered
    ISOLATION = "isolation"  # the code has not run: our fault, or the machine's


@dataclass(frozen=True)
class Failure:
    """Why there is no reply, for programs and in a sentence for a person."""

    kind: Kind
    message: str


@dataclass(frozen=True)
class Outcome:
    """The reply to a request, or why there is none; `log` is what was printed, and never a result."""

    reply: bytes | None
    log: str
    failure: Failure | None
    isolated: bool
