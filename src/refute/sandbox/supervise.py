"""Starts the process that runs somebody's code, hears it out within limits, and says how it ended."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from refute.sandbox.harness import FAILURE, REPLY, STARTED
from refute.sandbox.records import Failure, Kind, Limits, Outcome

HEADER = 9  # a letter and a length
CHUNK = 1 << 16
FORGED = frozenset({Kind.ISOLATION, Kind.TIME})  # what the code cannot know, and so cannot say
CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}


@dataclass
class Heard:
    """What came out of the process, and how it ended; `status` is None if it had to be stopped."""

    reply: bytearray = field(default_factory=bytearray)
    log: bytearray = field(default_factory=bytearray)
    status: int | None = None
    seconds: float = 0.0


@contextmanager
def pipe() -> Iterator[list[int]]:
    """A pipe, as [reading end, writing end]; whoever closes one writes -1 in its place."""
    ends = list(os.pipe())
    try:
        yield ends
    finally:
        for end in ends:
            if end >= 0:
                os.close(end)


def supervise(
    command: Callable[[int], Sequence[str]],
    request: int,
    limits: Limits,
    *,
    environment: Mapping[str, str],
    folder: str,
    descriptors: Sequence[int] = (),
    kill: Callable[[subprocess.Popen[bytes]], None],
) -> Heard:
    """Run the command, made from the descriptor of its reply, until it ends or breaks a limit; then it is killed.

    `request` is the descriptor of its input, `descriptors` are others that it inherits. In every case, an interrupt of
    our own too, the process has ended when this returns. The thread that calls must live as long, which it does.
    """
    start = time.monotonic()
    with pipe() as reply, pipe() as log:
        process = subprocess.Popen(
            command(reply[1]),
            stdin=request,
            stdout=log[1],
            stderr=log[1],
            pass_fds=[reply[1], *descriptors],
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
        heard = Heard()
        try:
            for ends in (reply, log):
                os.close(ends[1])
                ends[1] = -1
            if _listen(reply[0], log[0], heard, limits, start + limits.wall):
                heard.status = _wait(process, start + limits.wall)
        finally:
            kill(process)
            process.wait()
        heard.seconds = time.monotonic() - start
        return heard


def _listen(reply: int, log: int, heard: Heard, limits: Limits, deadline: float) -> bool:
    """Read both pipes until nobody can write to them; False if a limit was reached before."""
    with selectors.DefaultSelector() as selector:
        selector.register(reply, selectors.EVENT_READ, (heard.reply, limits.reply + HEADER + len(STARTED) + 1))
        selector.register(log, selectors.EVENT_READ, (heard.log, limits.log + 1))
        while selector.get_map():
            remaining = deadline - time.monotonic()
            if remaining <= 0 or len(heard.reply) > limits.reply + HEADER + len(STARTED):
                return False
            for key, _ in selector.select(remaining):
                kept, most = key.data
                chunk = os.read(key.fd, CHUNK)
                if chunk:
                    kept += chunk[: most - len(kept)]
                else:
                    selector.unregister(key.fd)
    return True


def _wait(process: subprocess.Popen[bytes], deadline: float) -> int | None:
    try:
        return process.wait(max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        return None


def outcome(heard: Heard, limits: Limits, *, isolated: bool) -> Outcome:
    """What the parent makes of it."""
    log = bytes(heard.log[: limits.log]).decode("utf-8", "replace").translate(CONTROLS)
    if len(heard.log) > limits.log:
        log += f"\n[the rest is left out: only the first {limits.log:,} bytes are kept]\n"
    if not heard.reply.startswith(STARTED):
        return Outcome(None, log, _not_started(heard, log, limits), isolated)
    kind, body = _frame(bytes(heard.reply[len(STARTED) :]))
    if kind == REPLY and len(body) <= limits.reply:
        return Outcome(body, log, None, isolated)
    failure = _told(body, limits) if kind == FAILURE else None
    return Outcome(None, log, failure or _ended(heard, limits), isolated)


def _frame(data: bytes) -> tuple[bytes, bytes]:
    """The letter and the bytes of an answer that is complete; else nothing."""
    kind, length, body = data[:1], data[1:HEADER], data[HEADER:]
    return (kind, body) if len(length) == HEADER - 1 and int.from_bytes(length) == len(body) else (b"", b"")


def _not_started(heard: Heard, log: str, limits: Limits) -> Failure:
    if heard.status is None:
        why = f"it was not ready within {limits.wall:g} s"
    else:
        why = (log.strip().splitlines() or [f"it ended with status {heard.status}"])[-1][:1000]
    return Failure(Kind.ISOLATION, f"the code was not run, since its box could not be made: {why}")


def _told(body: bytes, limits: Limits) -> Failure | None:
    """The failure that the harness reports. The code could have written it itself, which would harm nobody else."""
    try:
        said = json.loads(body)
        kind, message = Kind(said["kind"]), str(said["message"])[:1000]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return None if kind in FORGED else Failure(kind, f"{sentence(kind, limits)}: {message}")


def _ended(heard: Heard, limits: Limits) -> Failure:
    if len(heard.reply) > limits.reply:
        return Failure(Kind.REPLY, sentence(Kind.REPLY, limits))
    if heard.status is None:
        return Failure(Kind.TIME, sentence(Kind.TIME, limits))
    number = -heard.status if heard.status < 0 else heard.status - 128  # bwrap gives a signal as a shell does
    if number == signal.SIGXCPU or (number == signal.SIGKILL and heard.seconds >= limits.cpu):
        return Failure(Kind.CPU, sentence(Kind.CPU, limits))
    if number in {int(known) for known in signal.Signals}:
        return Failure(Kind.CRASHED, f"{sentence(Kind.CRASHED, limits)}: {signal.Signals(number).name}")
    return Failure(Kind.ENDED, f"{sentence(Kind.ENDED, limits)}, with exit code {heard.status}")


def sentence(kind: Kind, limits: Limits) -> str:
    """What to tell a person about a failure of that kind."""
    return {
        Kind.TIME: f"the code was stopped after {limits.wall:g} s",
        Kind.CPU: f"the code used more than {limits.cpu} s of processor time",
        Kind.MEMORY: f"the code wanted more than {limits.memory >> 20} MiB of memory",
        Kind.PROCESSES: f"the code asked for a program, the network, or more than {limits.threads} threads",
        Kind.FILES: "the code opened too many files, or wrote to one, and there is no place to write",
        Kind.REPLY: f"the answer of the code is longer than {limits.reply >> 20} MiB",
        Kind.CRASHED: "the code crashed",
        Kind.ENDED: "the code ended the process before it had answered",
        Kind.ISOLATION: "the code was not run",
    }[kind]


def orders(
    channel: int, session: str, folder: str, limits: Limits, *, uid: int | None = None, boxed: bool
) -> list[str]:
    """The harness's orders, as its argument."""
    bounds = {"cpu": limits.cpu, "memory": limits.memory, "threads": limits.threads}
    said = {"channel": channel, "session": session, "folder": folder, "limits": bounds, "uid": uid, "boxed": boxed}
    return [json.dumps(said)]
