"""A box for tests: a plain process, without walls, that runs the session as the real one does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from refute.sandbox.records import Failure, Kind

HARNESS = """
import json, sys
from pathlib import Path
from refute.sandbox.session import answer
reply = answer(json.loads(sys.stdin.buffer.read()), Path(sys.argv[1]))
Path(sys.argv[1], "reply").write_bytes(reply)
"""


@dataclass(frozen=True)
class Outcome:
    """A reply, or why there is none."""

    reply: bytes | None
    failure: Failure | None = None


class Plain:
    """Keeps nothing between requests."""

    def kept(self) -> AbstractContextManager[Self]:
        return nullcontext(self)


class Process(Plain):
    """Runs each request in a process of its own, and counts them."""

    def __init__(self) -> None:
        self.runs = 0

    def run(self, files: Mapping[str, bytes], request: bytes) -> Outcome:
        self.runs += 1
        with TemporaryDirectory() as folder:
            for name, content in files.items():
                Path(folder, name).write_bytes(content)
            command = [sys.executable, "-c", HARNESS, folder]
            done = subprocess.run(command, input=request, capture_output=True, timeout=120, check=False)
            reply = Path(folder, "reply")
            return (
                Outcome(reply.read_bytes())
                if reply.exists()
                else Outcome(None, Failure(Kind.CRASHED, done.stderr.decode()[-300:]))
            )


@dataclass(frozen=True)
class Fixed(Plain):
    """Gives the same reply to everything."""

    reply: bytes | None
    failure: Failure | None = None

    def run(self, files: Mapping[str, bytes], request: bytes) -> Outcome:
        return Outcome(self.reply, self.failure)
