"""What the tests of the sandbox share: runs of the programs in attacks/, and a machine with something to attack."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refute.sandbox.box import Box
from refute.sandbox.records import Limits, Outcome
from refute.sandbox.trusted import TrustedProcess

ATTACKS = Path(__file__).parent / "attacks"
USUAL = Limits(wall=20)  # the machine may be busy
SESSION = """
import importlib, json, sys

def answer(request, folder):
    sys.path.insert(0, str(folder))
    return json.dumps(importlib.import_module("attack").attack(request)).encode()
"""


@dataclass(frozen=True)
class Runs:
    """Runs programs in boxes that can be told, by the name of their session, from all other processes."""

    session: str
    folder: Path

    @classmethod
    def of(cls, folder: Path) -> Runs:
        name = f"session_{secrets.token_hex(8)}"
        (folder / f"{name}.py").write_text(SESSION, encoding="utf-8")
        return cls(name, folder)

    @property
    def packages(self) -> dict[str, Path]:
        return {f"{self.session}.py": self.folder / f"{self.session}.py"}

    def boxed(self, program: str, given: Mapping[str, Any], limits: Limits = USUAL) -> Outcome:
        return self._run(Box(self.session, self.packages), program, given, limits)

    def trusted(self, program: str, given: Mapping[str, Any], limits: Limits = USUAL) -> Outcome:
        return self._run(TrustedProcess(self.session, self.packages), program, given, limits)

    def _run(self, runner: Box | TrustedProcess, program: str, given: Mapping[str, Any], limits: Limits) -> Outcome:
        code = program.encode() if "\n" in program else (ATTACKS / f"{program}.py").read_bytes()
        return runner.run({"attack.py": code}, json.dumps(given).encode(), limits)

    def survivors(self) -> list[str]:
        """What still runs of these boxes, once the kernel had two seconds to clean up."""
        for _ in range(100):
            left = self.running()
            if not left:
                break
            time.sleep(0.02)
        return left

    def running(self) -> list[str]:
        """The command lines of the processes that belong to these boxes."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes()
            except OSError:
                continue  # it ended meanwhile
            if self.session.encode() in line and str(os.getpid()) != path.parent.name:
                found.append(line.replace(b"\0", b" ").decode())
        return found


@dataclass
class World:
    """Something to attack: files, servers, a process, and a way to see from outside whether that was done."""

    secret: Path
    marker: Path
    servers: list[socket.socket]
    victim: subprocess.Popen[bytes]
    given: dict[str, Any]

    def damage(self) -> list[str]:
        """What was done to it."""
        found = []
        if self.marker.exists():
            found.append("a file was written")
        if self.secret.read_text(encoding="utf-8") != "secret" or self.secret.stat().st_nlink != 1:
            found.append("a file was changed or linked")
        if self.victim.poll() is not None:
            found.append("a process was ended")
        found += [f"a connection to {server.getsockname()!r}" for server in self.servers if _was_reached(server)]
        return found


def _was_reached(server: socket.socket) -> bool:
    try:
        if server.type == socket.SOCK_DGRAM:
            return bool(server.recv(1))
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A world in a folder, for as long as it is attacked."""
    nonce = secrets.token_hex(8)
    (folder / "secret").write_text("secret", encoding="utf-8")
    with ExitStack() as stack:
        tcp, udp, unix, abstract = (
            stack.enter_context(socket.socket(family, kind))
            for family, kind in (
                (socket.AF_INET, socket.SOCK_STREAM),
                (socket.AF_INET, socket.SOCK_DGRAM),
                (socket.AF_UNIX, socket.SOCK_STREAM),
                (socket.AF_UNIX, socket.SOCK_STREAM),
            )
        )
        tcp.bind(("127.0.0.1", 0))
        udp.bind(tcp.getsockname())
        path = f"/tmp/refute-{nonce}"  # the path of a socket is short
        unix.bind(path)
        stack.callback(os.unlink, path)
        abstract.bind(f"\0refute-{nonce}")
        for server in (tcp, unix, abstract):
            server.listen()
        for server in (tcp, udp, unix, abstract):
            server.setblocking(False)
        victim = subprocess.Popen(["sleep", "60"])
        stack.callback(victim.wait)
        stack.callback(victim.kill)
        given = {
            "secret": str(folder / "secret"),
            "marker": str(folder / "marker"),
            "own": ["attack.py"],
            "port": tcp.getsockname()[1],
            "socket": path,
            "abstract": f"refute-{nonce}",
            "victim": victim.pid,
            "variable": f"REFUTE_{nonce}",
            "wanted": f"{nonce}-elcaro",
            "seconds": 10,
            "pieces": 0,
        }
        yield World(folder / "secret", folder / "marker", [tcp, udp, unix, abstract], victim, given)
