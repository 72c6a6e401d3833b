"""Marking many submissions, one after the other: a bad one never stops the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from refute.deciding.verdict import fault
from refute.errors import UsageError
from refute.grade.blanks import Blanks
from refute.grade.hand import HandMark
from refute.grade.marking import Marker
from refute.grade.records import Graded, Problem, Submission
from refute.grade.submissions import Source, read_submission


def grade_all(
    sources: Iterable[Source],
    blanks: Blanks,
    marker: Marker,
    *,
    late: timedelta | None = None,
    by_hand: Mapping[str, Mapping[str, HandMark]] | None = None,
) -> Iterator[Graded]:
    """Each submission marked, in order, as soon as it is. `late` and the marker's points, `by_hand` by submission and
    claim, are as for `Marker.mark`."""
    for source in sources:
        hand = (by_hand or {}).get(source.name)
        try:
            graded = marker.mark(read_submission(source, blanks), late=late, by_hand=hand)
        except Exception as error:  # noqa: BLE001  # a fault of ours is one submission's, and goes to a person
            problem = Problem(fault(error).message, needs_person=True)
            graded = marker.mark(Submission(source.name, problems=(problem,)), late=late, by_hand=hand)
        yield graded


def check_names(by_hand: Mapping[str, object], sources: Iterable[Source]) -> None:
    """Raises UsageError when a marker's points are for a submission that is not there: they would be lost."""
    from difflib import get_close_matches  # slow to import

    known = [source.name for source in sources]
    for name in by_hand:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(
                "the marks name an unknown submission", expected=f"one of {', '.join(known[:10])}{hint}", got=repr(name)
            )
