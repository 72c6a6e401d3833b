"""Boxes for tests: a plain process, without walls, that runs the session as the real one does; and none at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Self

from refute.sandbox.proxy import Boxed
from refute.sandbox.records import MIB, Failure, Limits
from refute.sandbox.supervise import Kept
from refute.sandbox.trusted import TrustedProcess

PATIENT = Limits(wall=120, cpu=60, memory=2048 * MIB)  # the machine may be busy


class Process:
    """Puts each request to a process, which is kept where one may be, and counts the requests."""

    def __init__(self) -> None:
        self.runs = 0
        self._kept: Kept | None = None

    @contextmanager
    def kept(self) -> Iterator[Self]:
        with TrustedProcess().kept(PATIENT) as self._kept:
            yield self
        self._kept = None

    def run(self, files: Mapping[str, bytes], request: bytes) -> Boxed:
        self.runs += 1
        return self._kept.run(files, request) if self._kept else TrustedProcess().run(files, request, PATIENT)


@dataclass(frozen=True)
class Outcome:
    """A reply, or why there is none."""

    reply: bytes | None
    failure: Failure | None = None


@dataclass(frozen=True)
class Fixed:
    """Gives the same reply to everything."""

    reply: bytes | None
    failure: Failure | None = None

    def kept(self) -> nullcontext[Self]:
        return nullcontext(self)

    def run(self, files: Mapping[str, bytes], request: bytes) -> Outcome:
        return Outcome(self.reply, self.failure)
