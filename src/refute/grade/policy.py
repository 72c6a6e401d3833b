"""A course's policy, in a small TOML file: what a mistake still earns, what lateness costs, how scores are rounded."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

from refute.errors import UsageError

EXAMPLE = """[partial]            # by the mistake's kind: points, or a part of the blank's
sign = "50%"
index = 0.25
[late]
due = 2019-03-22T23:59:00-04:00
per_day = "10%"      # of the score, for each day begun
most_days = 3        # later work is for a person to decide
[rounding]
to = 0.25            # of the total"""
_AMOUNT = re.compile(r"\d{1,6}(\.\d{1,12})?|\d{1,6}/0*[1-9]\d{0,5}", re.ASCII)
_DAY = timedelta(days=1)
_DURATION = re.compile(r"(?:(\d{1,5})\s*d)?\s*(?:(\d{1,5})\s*h)?\s*(?:(\d{1,6})\s*m)?", re.ASCII)


@dataclass(frozen=True)
class Credit:
    """What a mistake still earns: so many points, or a part of those that the blank has."""

    amount: Fraction
    is_part: bool

    def of(self, points: Fraction) -> Fraction:
        """The points earned on a blank, never more than it has."""
        return min(self.amount * points if self.is_part else self.amount, points)


@dataclass(frozen=True)
class Policy:
    """What a course decides about marks. The default: a mistake earns nothing, a day costs 10%, nothing is rounded."""

    partial: Mapping[str, Credit] = field(default_factory=dict)  # by the mistake's kind
    due: datetime | None = None
    per_day: Fraction = Fraction(1, 10)
    most_days: int = 3
    rounding: Fraction | None = None

    def credit(self, kind: str, points: Fraction) -> Fraction:
        """What an answer with a mistake of this kind earns."""
        return self.partial[kind].of(points) if kind in self.partial else Fraction(0)

    def lateness(self, submitted: datetime | None) -> timedelta:
        """How long after the due time something was handed in; times without a zone are taken in that of the other."""
        if submitted is None or self.due is None:
            return timedelta(0)
        zone = self.due.tzinfo or submitted.tzinfo or UTC
        due, at = (time if time.tzinfo else time.replace(tzinfo=zone) for time in (self.due, submitted))
        return max(at - due, timedelta(0))

    def days(self, lateness: timedelta) -> int:
        """Days late: every day begun counts."""
        return ceil(lateness / _DAY)

    def penalty(self, days: int) -> Fraction:
        """The part of the score that so many days cost."""
        return min(self.per_day * min(days, self.most_days), Fraction(1))

    def rounded(self, score: Fraction) -> Fraction:
        """To the nearest multiple of `rounding`, halves up."""
        if self.rounding is None:
            return score
        return floor(score / self.rounding + Fraction(1, 2)) * self.rounding


def parse_duration(text: str) -> timedelta:
    """``2`` and ``2d`` are days, ``5h`` hours, ``1d 3h 20m`` all three. Raises UsageError."""
    written = text.strip()
    match = _DURATION.fullmatch(f"{written}d" if written.isascii() and written.isdigit() else written)
    if not written or match is None:
        raise UsageError(
            "a duration cannot be read", expected="days, hours, minutes", got=repr(text), example="1d 3h 5m"
        )
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def load_policy(path: Path) -> Policy:
    """The policy in a TOML file. Raises UsageError for one that cannot be read, or that says something unknown."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=str)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            "the policy cannot be read", expected="a TOML file", got=str(error), where=str(path)
        ) from error
    return _Reader(data, str(path)).policy()


class _Reader:
    """Takes a policy's data apart; each wrong entry is an error that names it."""

    def __init__(self, data: Mapping[str, Any], where: str) -> None:
        self._data, self._where = data, where

    def policy(self) -> Policy:
        self._known(self._data, "the policy", ("partial", "late", "rounding"))
        late = self._table("late", ("due", "per_day", "most_days"))
        to = self._entry(self._table("rounding", ("to",)), "rounding", "to", self._positive, None)
        return Policy(
            {
                kind: self._read(self._credit, f"partial.{kind}", value)
                for kind, value in self._table("partial").items()
            },
            self._entry(late, "late", "due", _time, None),
            self._entry(late, "late", "per_day", _part, Policy.per_day),
            self._entry(late, "late", "most_days", _whole, Policy.most_days),
            to,
        )

    def _table(self, name: str, keys: tuple[str, ...] = ()) -> Mapping[str, Any]:
        table = self._data.get(name, {})
        if not isinstance(table, dict):
            raise self._wrong(name, "a table", table)
        if keys:
            self._known(table, f"[{name}]", keys)
        return table

    def _known(self, table: Mapping[str, Any], name: str, keys: tuple[str, ...]) -> None:
        for key in table:
            if key not in keys:
                raise UsageError(
                    f"{name} has an unknown entry",
                    expected=f"one of {', '.join(keys)}",
                    got=repr(key),
                    where=self._where,
                    example=EXAMPLE,
                )

    def _entry(self, table: Mapping[str, Any], name: str, key: str, read: Callable[[Any], Any], default: Any) -> Any:
        return self._read(read, f"{name}.{key}", table[key]) if key in table else default

    def _read(self, read: Callable[[Any], Any], name: str, value: Any) -> Any:
        try:
            return read(value)
        except ValueError as error:
            raise self._wrong(name, str(error), value) from error

    def _wrong(self, name: str, expected: str, value: Any) -> UsageError:
        return UsageError(
            f"{name} is not in order", expected=expected, got=repr(value), where=self._where, example=EXAMPLE
        )

    @staticmethod
    def _credit(value: Any) -> Credit:
        is_part = isinstance(value, str) and value.strip().endswith("%")
        return Credit(_part(value) if is_part else _amount(value), is_part)

    @staticmethod
    def _positive(value: Any) -> Fraction:
        amount = _amount(value)
        if amount == 0:
            raise ValueError("a number above 0")
        return amount


def parse_amount(text: str) -> Fraction:
    """A number that is not negative, exactly as written: ``0.25``, ``1/4``. Raises ValueError for anything else."""
    if not _AMOUNT.fullmatch(text.strip()):
        raise ValueError("a number such as 0.25 or 1/4")
    return Fraction(text.strip())


def _amount(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError("a number such as 0.25 or 1/4")
    return parse_amount(str(value))


def _part(value: Any) -> Fraction:
    """A part of a whole: "10%", or 0.1."""
    if isinstance(value, str) and value.strip().endswith("%"):
        part = _amount(value.strip().removesuffix("%").strip()) / 100
    else:
        part = _amount(value)
    if part > 1:
        raise ValueError("a part from 0% to 100%")
    return part


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10_000:
        raise ValueError("a whole number of days")
    return value


def _time(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError("a date with a time, such as 2019-03-22T23:59:00-04:00")
    return value
