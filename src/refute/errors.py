"""Errors: what was expected, what was got, where, one form that would be right. The class says whose fault it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class RefuteError(Exception):
    """Base of all errors of ours; its parts are attributes, and `exit_code` belongs to the class.

    The text is ``message: expected ..., got ...; at ...; for example ...`` without the parts that are None.
    """

    exit_code: ClassVar[int] = 70

    def __init__(
        self,
        message: str = "",
        *,
        expected: str | None = None,
        got: str | None = None,
        where: str | None = None,
        example: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.expected, self.got, self.where, self.example = message, expected, got, where, example

    def __str__(self) -> str:
        comparison = ", ".join(_labelled({"expected": self.expected, "got": self.got}))
        detail = "; ".join([comparison, *_labelled({"at": self.where, "for example": self.example})]).removeprefix("; ")
        return ": ".join(text for text in (self.message, detail) if text)


def _labelled(parts: dict[str, str | None]) -> list[str]:
    return [f"{label} {part}" for label, part in parts.items() if part is not None]


class AnswerError(RefuteError):
    """The answer's fault: it cannot be read."""

    exit_code = 3


class ProjectError(RefuteError):
    """The spec author's fault: the claim project is not in order."""

    exit_code = 2


class UsageError(RefuteError):
    """The caller's fault: the command or function was not called as it must be."""

    exit_code = 2


class ImplementationError(RefuteError):
    """The implementation's fault: it fails where it should give a result. `case` says where, by name."""

    exit_code = 1
    case: Mapping[str, str] = MappingProxyType({})


class InternalError(RefuteError):
    """Our own fault: two of our methods contradict each other, or a promise of the engine is broken."""

    exit_code = 70
