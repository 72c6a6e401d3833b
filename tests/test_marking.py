from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import pytest

from refute.deciding.verdict import Status
from refute.deciding.written import Decider, Deciders, deciders
from refute.errors import UsageError
from refute.grade.hand import HandMark, read_hand_marks
from refute.grade.marking import Marker
from refute.grade.policy import EXAMPLE, Credit, Policy, load_policy, parse_duration
from refute.grade.records import Graded, Mark, Place, Problem, Submission, Written

ROOT = Path(__file__).parents[1]
DECIDERS = deciders(ROOT)
CLAIMS = DECIDERS.project.claims
TOTAL = sum(claim.points for claim in CLAIMS)
EXPLAINED = sum(claim.points for claim in CLAIMS if claim.manual or claim.blank is None)
HALF = Fraction(1, 2)
WRONG = {"1a.f_bar": "c_bar[t]*c[t]", "3b.det": "-beta^D", "2b.steps": "2*G"}


def right_answer(claim: str) -> str:
    found = DECIDERS.project.claim(claim)
    assert found.blank is not None
    return " ".join(found.formulas[found.blank.right[0]].split())


def submission(**changed: str | None) -> Submission:
    """All answers right but those changed; None leaves one out."""
    answers = {claim.id: right_answer(claim.id) for claim in CLAIMS if claim.blank is not None and claim.points}
    texts = {**answers, **{name.replace("__", "."): text for name, text in changed.items()}}
    written = tuple(
        Written(claim, text, Place("a.txt", i + 1)) for i, (claim, text) in enumerate(texts.items()) if text
    )
    return Submission("ada", written)


def wrong(*claims: str) -> Submission:
    return submission(**{claim: WRONG[claim] for claim in claims})


def mark_of(graded: Graded, claim: str) -> Mark:
    return next(mark for mark in graded.marks if mark.claim.id == claim)


@pytest.fixture(scope="module")
def marker() -> Marker:
    return Marker(DECIDERS)


# --- points ---


def test_right_answers_earn_all_that_a_machine_can_give(marker: Marker) -> None:
    graded = marker.mark(submission())
    assert (graded.score, graded.max_score, graded.manual_max) == (TOTAL - EXPLAINED, TOTAL - EXPLAINED, EXPLAINED)
    assert (10, Fraction(3, 2)) == (TOTAL, EXPLAINED)
    assert not graded.needs_person


@pytest.mark.parametrize("claim", WRONG)
def test_a_wrong_answer_costs_its_own_points_and_no_others(marker: Marker, claim: str) -> None:
    graded = marker.mark(wrong(claim))
    assert graded.score == TOTAL - EXPLAINED - DECIDERS.project.claim(claim).points
    assert mark_of(graded, claim).verdict.status is Status.REFUTED


def test_one_slip_costs_once(marker: Marker) -> None:
    # What follows from a wrong f_bar is judged with the true one, so h_bar in terms of f_bar stays right.
    graded = marker.mark(wrong("1a.f_bar"))
    assert mark_of(graded, "1a.h_bar").score == HALF


def test_a_blank_that_was_left_out_is_missing_and_earns_nothing(marker: Marker) -> None:
    graded = marker.mark(submission(**{"3b.det": None}))
    mark = mark_of(graded, "3b.det")
    assert mark.verdict.status is Status.MISSING
    assert mark.score == 0
    assert not graded.needs_person


def test_what_could_not_be_read_whole_leaves_no_zero_behind(marker: Marker) -> None:
    unread = Submission("ada", problems=(Problem("a PDF without its source", needs_person=True),))
    graded = marker.mark(unread)
    assert graded.needs_person
    assert graded.max_score == 0
    assert graded.manual_max == TOTAL
    assert all(mark.score is None for mark in graded.marks)


@pytest.mark.parametrize("answer", ["c_bar[t]*(", r"\input{secret}", "c_bar[t]*zeta", "x" * 200_000])
def test_an_unreadable_answer_goes_to_a_person(marker: Marker, answer: str) -> None:
    graded = marker.mark(submission(**{"1a.f_bar": answer}))
    mark = mark_of(graded, "1a.f_bar")
    assert (mark.verdict.status, mark.score) == (Status.UNREADABLE, None)
    assert graded.needs_person
    assert graded.max_score + graded.manual_max == TOTAL


def test_a_fault_of_ours_is_no_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Decider, answer: str) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(Decider, "decide", fails)
    graded = Marker(Deciders(DECIDERS.project)).mark(submission())
    mark = mark_of(graded, "1a.f_bar")
    assert (mark.verdict.status, mark.score) == (Status.UNDECIDED, None)
    assert "boom" in mark.verdict.message
    assert graded.needs_person


def test_explanations_are_for_a_person_with_the_machines_evidence(marker: Marker) -> None:
    mark = mark_of(marker.mark(submission()), "2b.optimal")
    assert (mark.verdict.status, mark.score) == (Status.MANUAL, None)
    assert "2·G - 1" in mark.evidence


def test_a_claim_without_points_is_marked_when_it_was_answered(marker: Marker) -> None:
    extra = submission(**{"1b.w_ih_bar": right_answer("1b.w_ih_bar"), "1c.bounded": "it stays below"})
    graded = marker.mark(extra)
    assert mark_of(graded, "1b.w_ih_bar").verdict.status is Status.CERTIFIED
    assert mark_of(graded, "1c.bounded").verdict.status is Status.MANUAL
    assert graded.score == TOTAL - EXPLAINED
    with pytest.raises(StopIteration):
        mark_of(marker.mark(submission()), "1b.w_ih_bar")


# --- a marker's points ---


def test_a_markers_points_go_before_the_machines(marker: Marker) -> None:
    by_hand = {"2b.optimal": HandMark(HALF, "clear"), "3b.det": HandMark(Fraction(1, 4))}
    graded = marker.mark(wrong("3b.det"), by_hand=by_hand)
    assert graded.score == TOTAL - EXPLAINED - 1 + HALF + Fraction(1, 4)
    assert graded.manual_max == EXPLAINED - HALF
    assert mark_of(graded, "2b.optimal").reason == "marked by hand: clear"


def test_marks_are_read_from_csv(tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    path.write_text("submission,claim,points,comment\nada,2b.optimal,0.5,clear\nada,2c.depth,,\nbob,2c.depth,1/4,\n")
    found = read_hand_marks(path, CLAIMS)
    assert found == {"ada": {"2b.optimal": HandMark(HALF, "clear")}, "bob": {"2c.depth": HandMark(Fraction(1, 4))}}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("submission,claim\nada,2b.optimal\n", "lack a column"),
        ("submission,claim,points\nada,2b.optima,0.5\n", "unknown claim"),
        ("submission,claim,points\nada,2b.optimal,0.6\n", "not in order"),
        ("submission,claim,points\nada,2b.optimal,-1\n", "not in order"),
        ("submission,claim,points\nada,2b.optimal,1e-999999999\n", "not in order"),
        ("submission,claim,points\nada,2b.optimal,1/0\n", "not in order"),
        ("submission,claim,points\nada,2b.optimal,0\nada,2b.optimal,0.5\n", "marked twice"),
        ("", "lack a column"),
    ],
)
def test_marks_that_are_not_in_order_are_refused(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "marks.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=wrong):
        read_hand_marks(path, CLAIMS)


# --- policy ---


def policy_of(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    return load_policy(path)


def test_the_example_policy_is_read_exactly(tmp_path: Path) -> None:
    assert policy_of(tmp_path, EXAMPLE) == Policy(
        {"sign": Credit(HALF, is_part=True), "index": Credit(Fraction(1, 4), is_part=False)},
        datetime(2019, 3, 22, 23, 59, tzinfo=timezone(timedelta(hours=-4))),
        Fraction(1, 10),
        3,
        Fraction(1, 4),
    )
    assert policy_of(tmp_path, "") == Policy()


@pytest.mark.parametrize(
    "text",
    [
        "partial = 3",
        "[partial]\nsign = -1",
        '[partial]\nsign = "150%"',
        "[partial]\nsign = true",
        "[partial]\nsign = 1e999999999",
        '[partial]\nsign = "1/0"',
        "[late]\nper_day = 2",
        "[late]\nmost_days = 1.5",
        "[late]\ndue = 2019-03-22",
        "[rounding]\nto = 0",
        "[lateness]\nper_day = 0.1",
        "[late]\nper_dya = 0.1",
        "[late",
    ],
)
def test_a_policy_that_is_not_in_order_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError):
        policy_of(tmp_path, text)


def test_partial_credit_is_by_the_mistakes_kind() -> None:
    graded = Marker(DECIDERS, Policy({"sign": Credit(HALF, is_part=True)})).mark(wrong("3b.det", "2b.steps"))
    assert mark_of(graded, "3b.det").score == HALF
    assert "sign" in mark_of(graded, "3b.det").reason
    assert mark_of(graded, "2b.steps").score == 0


def test_points_for_a_mistake_are_never_more_than_the_blank_has() -> None:
    assert Credit(Fraction(3), is_part=False).of(HALF) == HALF


@pytest.mark.parametrize(
    ("late", "days", "penalty"),
    [("0", 0, 0), ("1m", 1, "1/10"), ("24h", 1, "1/10"), ("1d 1h", 2, "2/10"), ("3", 3, "3/10"), ("9d", 9, "3/10")],
)
def test_every_day_begun_costs_up_to_the_most(marker: Marker, late: str, days: int, penalty: str) -> None:
    graded = marker.mark(submission(), late=parse_duration(late))
    assert (graded.days_late, graded.penalty) == (days, Fraction(penalty))
    assert graded.score == (TOTAL - EXPLAINED) * (1 - Fraction(penalty))
    assert graded.needs_person == (days > 3)


@pytest.mark.parametrize("text", ["", "soon", "-1", "1e9", "99999999d", "1h 1d", "٣"])
def test_a_duration_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_duration(text)


def test_lateness_is_told_from_the_time_in_the_file() -> None:
    due = datetime(2019, 3, 22, 12, tzinfo=UTC)
    policy = Policy(due=due)
    assert policy.lateness(due - timedelta(days=1)) == timedelta(0)
    assert policy.days(policy.lateness(datetime(2019, 3, 22, 12, 1, tzinfo=UTC))) == 1
    assert policy.lateness(datetime(2019, 3, 22, 13)) == timedelta(hours=1)  # a time without a zone
    assert policy.lateness(None) == timedelta(0)


@pytest.mark.parametrize(("score", "rounded"), [("17/2", "17/2"), ("8.37", "8.25"), ("8.375", "8.5"), ("1/3", "1/4")])
def test_rounding_is_to_the_nearest_multiple(score: str, rounded: str) -> None:
    assert Policy(rounding=Fraction(1, 4)).rounded(Fraction(score)) == Fraction(rounded)
    assert Policy().rounded(Fraction(score)) == Fraction(score)


def test_thirds_stay_exact() -> None:
    third: Callable[[str], Credit] = lambda _: Credit(Fraction(1, 3), is_part=True)  # noqa: E731
    graded = Marker(DECIDERS, Policy({"sign": third("sign")})).mark(wrong("3b.det"))
    assert graded.score == TOTAL - EXPLAINED - Fraction(2, 3)
