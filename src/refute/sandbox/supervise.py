"""Asks the process that runs somebody's code one thing after the other, hears it out within limits, and says how it
ended."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from refute.sandbox.harness import FAILURE, LENGTH, REPLY, STARTED
from refute.sandbox.records import USUAL, Failure, Kind, Limits, Outcome

HEADER = 1 + LENGTH  # a letter and a length
CHUNK = 1 << 16
FORGED = frozenset({Kind.ISOLATION, Kind.TIME})  # what the code cannot know, and so cannot say
CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}


@dataclass(frozen=True)
class Supervisor(ABC):
    """Runs somebody's code in processes that it starts. `session` is the module inside whose `answer(request, folder)`
    gives a reply; `packages` are more to import inside, by name."""

    session: str = "refute.sandbox.session"
    packages: Mapping[str, Path] | None = None

    @abstractmethod
    def started(self, files: Mapping[str, bytes], limits: Limits) -> AbstractContextManager[Conversation]:
        """A process of its own for code in the files; nothing of it is left afterwards.

        Raises UsageError for a name or a size of a file that is not allowed, and where no process can be made.
        """

    def run(self, files: Mapping[str, bytes], request: bytes, limits: Limits = USUAL) -> Outcome:
        """The reply to one request, JSON, in a process of its own; or why there is none. Raises what `started` does."""
        with self.started(files, limits) as conversation:
            return conversation.ask(request)

    @contextmanager
    def kept(self, limits: Limits = USUAL) -> Iterator[Kept]:
        """Run the body, in which a process is kept for further requests about the same files."""
        kept = Kept(partial(self.started, limits=limits))
        try:
            yield kept
        finally:
            kept.close()


class Kept:
    """Puts requests about the same files to one process, for as long as that replies.

    A request to which a process that replied before gives no reply is put to a fresh one, which decides: what earlier
    requests cost does not count against a later one.
    """

    def __init__(self, start: Callable[[Mapping[str, bytes]], AbstractContextManager[Conversation]]) -> None:
        self._start, self._stack = start, ExitStack()
        self._files: Mapping[str, bytes] = {}
        self._conversation: Conversation | None = None

    def run(self, files: Mapping[str, bytes], request: bytes) -> Outcome:
        """What `Supervisor.run` gives and raises."""
        if self._conversation is not None and files == self._files:
            outcome = self._conversation.ask(request)
            if outcome.reply is not None:
                return outcome
        self.close()
        self._files, self._conversation = files, self._stack.enter_context(self._start(files))
        outcome = self._conversation.ask(request)
        if outcome.reply is None:
            self.close()
        return outcome

    def close(self) -> None:
        """End the process that is kept."""
        self._conversation = None
        self._stack.close()


@dataclass
class Heard:
    """What came out of a process that was not taken for an answer yet, what it printed, and how it ended; `status` is
    None if it lives, or had to be stopped."""

    said: bytearray = field(default_factory=bytearray)
    log: bytearray = field(default_factory=bytearray)
    is_ready: bool = False
    status: int | None = None
    seconds: float = 0.0

    def hear(self, chunk: bytes) -> None:
        """Take in more of what the process says: before any answer one byte, that it is ready."""
        self.said += chunk
        if not self.is_ready and self.said.startswith(STARTED):
            self.is_ready = True
            del self.said[: len(STARTED)]

    def answer(self) -> tuple[bytes, bytes]:
        """The letter and the bytes of the first answer, if that is complete; else nothing."""
        kind, length = self.said[:1], self.said[1:HEADER]
        size = int.from_bytes(length)
        if not self.is_ready or len(length) < LENGTH or len(self.said) < HEADER + size:
            return b"", b""
        return bytes(kind), bytes(self.said[HEADER : HEADER + size])


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


@contextmanager
def conversation(
    command: Callable[[int], Sequence[str]],
    limits: Limits,
    *,
    isolated: bool,
    environment: Mapping[str, str],
    folder: str,
    descriptors: Sequence[int] = (),
    kill: Callable[[subprocess.Popen[bytes]], None],
) -> Iterator[Conversation]:
    """Run the body, in which the process of the command, made from the descriptor of its replies, can be asked.

    `descriptors` are others that it inherits. In every case, an interrupt of our own too, the process has ended
    afterwards. The thread that calls must live as long, which it does.
    """
    with pipe() as requests, pipe() as replies, pipe() as log:
        process = subprocess.Popen(
            command(replies[1]),
            stdin=requests[0],
            stdout=log[1],
            stderr=log[1],
            pass_fds=[replies[1], *descriptors],
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
        try:
            for ends, theirs in ((requests, 0), (replies, 1), (log, 1)):
                os.close(ends[theirs])
                ends[theirs] = -1
            os.set_blocking(requests[1], False)
            yield Conversation(process, (requests[1], replies[0], log[0]), limits, isolated=isolated)
        finally:
            kill(process)
            process.wait()


class Conversation:
    """A process that is asked one thing after the other. Its answers are a stream: the first that was not taken yet is
    the answer to a request, also where the process gave it before it was asked.

    Once a request was left without a reply, there is nothing more to be had from it.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], pipes: tuple[int, int, int], limits: Limits, *, isolated: bool
    ) -> None:
        self._process, self._limits, self._isolated = process, limits, isolated
        self._requests, self._replies, self._log = pipes
        self._start = time.monotonic()
        self._heard = Heard()

    def ask(self, request: bytes) -> Outcome:
        """The reply to a request, or why there is none within the limits."""
        deadline, heard = time.monotonic() + self._limits.wall, self._heard
        if self._listen(len(request).to_bytes(LENGTH) + request, deadline) and heard.answer()[0] != REPLY:
            heard.status = _wait(self._process, deadline)
        heard.seconds = time.monotonic() - self._start
        result = outcome(heard, self._limits, isolated=self._isolated)
        if result.reply is not None:
            del heard.said[: HEADER + len(result.reply)]
        return result

    def _listen(self, request: bytes, deadline: float) -> bool:
        """Put the request, and read until there is a reply, or nobody is left to give one; False if a limit was reached
        before."""
        heard, unsent = self._heard, memoryview(request)
        with selectors.DefaultSelector() as selector:
            selector.register(self._requests, selectors.EVENT_WRITE)
            selector.register(self._replies, selectors.EVENT_READ)
            selector.register(self._log, selectors.EVENT_READ)
            while selector.get_map():
                is_answered = heard.answer()[0] == REPLY
                remaining = 0 if is_answered else deadline - time.monotonic()
                if remaining < 0 or (not is_answered and len(heard.said) > self._limits.reply + HEADER):
                    return False
                for key, _ in selector.select(remaining):
                    if key.fd == self._requests:
                        unsent = unsent[_write(self._requests, unsent) :]
                        is_open = bool(unsent)
                    else:
                        is_open = self._read(key.fd)
                    if not is_open:
                        selector.unregister(key.fd)
                if is_answered:  # and what was printed before is read too
                    break
        return True

    def _read(self, descriptor: int) -> bool:
        """Read a part of what there is; whether there may be more."""
        chunk = os.read(descriptor, CHUNK)
        if descriptor == self._replies:
            self._heard.hear(chunk)
        else:
            self._heard.log += chunk[: self._limits.log + 1 - len(self._heard.log)]
        return bool(chunk)


def _write(descriptor: int, data: memoryview) -> int:
    """Write what there is room for, and say how much that is; all of it goes to a process that has ended."""
    try:
        return os.write(descriptor, data)
    except BrokenPipeError:
        return len(data)


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
    if not heard.is_ready:
        return Outcome(None, log, _not_started(heard, log, limits), isolated)
    kind, body = heard.answer()
    if kind == REPLY and len(body) <= limits.reply:
        return Outcome(body, log, None, isolated)
    failure = _told(body, limits) if kind == FAILURE else None
    return Outcome(None, log, failure or _ended(heard, limits), isolated)


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
    if len(heard.said) > limits.reply:
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
