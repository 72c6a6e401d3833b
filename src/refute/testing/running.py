"""What a test that is running has to do with refute: how hard it should try, and what verdicts it came to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from rich.console import RenderableType

from refute.deciding.verdict import Verdict
from refute.testing.profiles import PROFILES, Profile


class NotAccepted(AssertionError):
    """A claim or a law does not stand. `shown` is what is told of it, `commands` are those that decide it again."""

    def __init__(self, verdict: Verdict, shown: RenderableType, commands: tuple[str, ...] = ()) -> None:
        super().__init__(verdict.message)
        self.verdict, self.shown, self.commands = verdict, shown, commands

    def __str__(self) -> str:
        from refute.testing.shown import rendered

        return rendered(self.shown, self.commands)


@dataclass
class Running:
    """A test that is running. `verdicts` are those that it came to, each with what is decided: claim or law."""

    profile: Profile
    seed: int
    verdicts: list[tuple[str, Verdict]] = field(default_factory=list)


_running: ContextVar[Running] = ContextVar("_running")


@contextmanager
def running(profile: Profile, seed: int) -> Iterator[Running]:
    """Run the body, a test, and note its verdicts."""
    token = _running.set(Running(profile, seed))
    try:
        yield _running.get()
    finally:
        _running.reset(token)


def current() -> Running:
    """The test that is running; outside of pytest one that nobody asks."""
    return _running.get(None) or Running(PROFILES["ci"], 0)
