"""One's own code, in a plain process: the limits are those of a box, but nothing is isolated."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import refute
from refute.errors import UsageError
from refute.sandbox.box import ENVIRONMENT, check_files
from refute.sandbox.records import Limits
from refute.sandbox.supervise import Conversation, Supervisor, conversation, orders


class TrustedProcess(Supervisor):
    """Runs code that whoever calls has written, or trusts as much: it can do what this process can, and each outcome
    says that nothing was isolated.

    The limits keep mistakes in bounds, not malice; threads and, outside Linux, memory have none.
    """

    @contextmanager
    def started(self, files: Mapping[str, bytes], limits: Limits) -> Iterator[Conversation]:
        """A process of its own for code in the files. Raises UsageError for a name or a size of a file that is not
        allowed, and on a system that is no Unix."""
        check_files(files, limits)
        if os.name != "posix":
            raise UsageError("code cannot be run on this system", expected="Linux or another Unix", got=sys.platform)
        harness = str(Path(refute.__file__).parent / "sandbox" / "harness.py")
        with TemporaryDirectory(prefix="refute-") as folder:
            for name, data in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            with conversation(
                lambda channel: [
                    *(sys.executable, "-s", "-P", "-B", harness),
                    *orders(channel, self.session, folder, limits, boxed=False),
                ],
                limits,
                isolated=False,
                environment=ENVIRONMENT | {"PYTHONPATH": self._path()},
                folder=folder,
                kill=_kill_group,
            ) as made:
                yield made

    def _path(self) -> str:
        engine = Path(refute.__file__).resolve().parents[1]
        return os.pathsep.join(map(str, [engine, *(path.parent for path in (self.packages or {}).values())]))


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and those that it started, unless they left its session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
