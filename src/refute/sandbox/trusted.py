"""One's own code, in a plain process: the limits are those of a box, but nothing is isolated."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import refute
from refute.errors import UsageError
from refute.sandbox.box import ENVIRONMENT, check_files
from refute.sandbox.records import USUAL, Limits, Outcome
from refute.sandbox.supervise import orders, outcome, supervise


@dataclass(frozen=True)
class TrustedProcess:
    """Runs code that whoever calls has written, or trusts as much: it can do what this process can.

    The limits keep mistakes in bounds, not malice; threads and, outside Linux, memory have none.
    """

    session: str = "refute.sandbox.session"
    packages: Mapping[str, Path] | None = None

    def run(self, files: Mapping[str, bytes], request: bytes, limits: Limits = USUAL) -> Outcome:
        """What `Box.run` gives, but not isolated, which the outcome says."""
        check_files(files, limits)
        if os.name != "posix":
            raise UsageError("code cannot be run on this system", expected="Linux or another Unix", got=sys.platform)
        with TemporaryDirectory(prefix="refute-") as folder, TemporaryFile() as asked:
            for name, data in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            asked.write(request)
            asked.seek(0)
            harness = str(Path(refute.__file__).parent / "sandbox" / "harness.py")
            heard = supervise(
                lambda channel: [
                    *(sys.executable, "-s", "-P", "-B", harness),
                    *orders(channel, self.session, folder, limits, boxed=False),
                ],
                asked.fileno(),
                limits,
                environment=ENVIRONMENT | {"PYTHONPATH": self._path()},
                folder=folder,
                kill=_kill_group,
            )
        return outcome(heard, limits, isolated=False)

    def _path(self) -> str:
        engine = Path(refute.__file__).resolve().parents[1]
        return os.pathsep.join(map(str, [engine, *(path.parent for path in (self.packages or {}).values())]))


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and those that it started, unless they left its session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
