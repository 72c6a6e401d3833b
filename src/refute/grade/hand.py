"""A marker's points, merged back in from a CSV file: ``submission,claim,points,comment``."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from refute.claims import Claim
from refute.errors import UsageError
from refute.grade.policy import parse_amount

COLUMNS = ("submission", "claim", "points", "comment")
EXAMPLE = f"{','.join(COLUMNS)}\nada,2b.optimal,0.5,clear"


@dataclass(frozen=True)
class HandMark:
    """The points that a person gave, and a comment."""

    points: Fraction
    comment: str = ""

    @property
    def reason(self) -> str:
        """How the points came about."""
        return f"marked by hand: {self.comment}" if self.comment else "marked by hand"


def read_hand_marks(path: Path, claims: Iterable[Claim]) -> Mapping[str, Mapping[str, HandMark]]:
    """A marker's points by submission and claim; rows without points are those not marked yet.

    Raises UsageError for a file that cannot be read, an unknown claim, points that the claim does not have, or a claim
    that is marked twice.
    """
    known = {claim.id: claim for claim in claims}
    found: dict[str, dict[str, HandMark]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            _check_columns(reader.fieldnames or (), path)
            for row in reader:
                where = f"{path}:{reader.line_num}"
                if (row["points"] or "").strip():
                    name, claim = (row["submission"] or "").strip(), (row["claim"] or "").strip()
                    mark = HandMark(_points(row["points"], known, claim, where), (row.get("comment") or "").strip())
                    if found.setdefault(name, {}).setdefault(claim, mark) is not mark:
                        raise UsageError(
                            "a claim is marked twice", expected="one row", got=f"{name}, {claim}", where=where
                        )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError("the marks cannot be read", expected="a CSV file", got=str(error), where=str(path)) from error
    return found


def _check_columns(columns: Iterable[str], path: Path) -> None:
    missing = [name for name in COLUMNS[:3] if name not in columns]
    if missing:
        raise UsageError(
            "the marks lack a column",
            expected=", ".join(missing),
            got=", ".join(columns),
            where=str(path),
            example=EXAMPLE,
        )


def _points(text: str, known: Mapping[str, Claim], claim: str, where: str) -> Fraction:
    if claim not in known:
        raise UsageError(
            "the marks name an unknown claim", expected=f"one of {', '.join(known)}", got=repr(claim), where=where
        )
    most = known[claim].points
    try:
        points = parse_amount(text)
    except ValueError:
        points = most + 1
    if points > most:
        raise UsageError(
            f"the points of {claim} are not in order", expected=f"0 to {most}", got=repr(text), where=where
        )
    return points
