"""Marked submissions, made by hand from real verdicts: what reports on marking are tested on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

from refute.deciding.verdict import Mistake, Status, Verdict
from refute.deciding.written import Deciders
from refute.grade.records import Graded, Mark, Place, Problem, Stray, Submission, Written
from refute.project import Project, load

ROOT = Path(__file__).parents[1]
EVIDENCE = "2G - 1 steps: for the marker alone"
RIGHT = {
    "1a.g_bar": "c_bar[t]*i[t]",
    "1a.o_bar": "h_bar[t]*tanh(c[t])",
    "1a.f_bar": r"\overline{c^{(t)}} c^{(t-1)}",
    "1a.i_bar": "c_bar[t]*g[t]",
    "2a.weights": "2H^2 + DH",
    "3b.det": r"\beta^D",
}
HOSTILE = (  # whatever breaks a terminal, XML, a spreadsheet, Markdown, HTML, UTF-8 or GitHub's runner
    '=HYPERLINK("x")\x00\x1b[31mred\x1b[0m\x1b]0;title\x07 ]]> <script>alert(1)</script> \ud800 \ufffe \x9b31m\u202e'
    "\r\n::error file=x::forged\n::stop-commands::x\n\"',;\t`$\\end{document}$` ![x](http://x) {{7*7}} %n\n\x0b\x0c"
)


@cache
def homework() -> Project:
    return load(ROOT)


@cache
def deciders() -> Deciders:
    return Deciders(homework())


@cache
def decided(claim: str, answer: str) -> Verdict:
    return deciders().of(claim).decide(answer)


def mark(claim: str, answer: str, place: Place | None = None) -> Mark:
    """A blank as the default policy marks it: in full, not at all, or by a person."""
    asked, verdict = homework().claim(claim), decided(claim, answer)
    written = Written(claim, answer, place or Place("answers.tex", 12, 5))
    if verdict.status in (Status.UNREADABLE, Status.UNDECIDED):
        return Mark(asked, written, verdict, None, "it has to be read by a person")
    return Mark(asked, written, verdict, asked.points if verdict.accepted else Fraction(0))


def explanation(text: str = "Because of the chain rule.", claim: str = "2b.optimal") -> Mark:
    asked = homework().claim(claim)
    verdict = Verdict(claim, "", Status.MANUAL)
    return Mark(
        asked,
        Written(claim, text, Place("answers.tex", 40)),
        verdict,
        None,
        "a person marks explanations",
        evidence=EVIDENCE,
    )


def undecided(claim: str = "1a.h_bar") -> Mark:
    asked = homework().claim(claim)
    verdict = Verdict(claim, "", Status.UNDECIDED, message="neither certified nor refuted")
    return Mark(asked, Written(claim, "h_bar[t]", Place("answers.tex", 3)), verdict, None, "it could not be decided")


def missing(claim: str = "1a.c_bar") -> Mark:
    return Mark(homework().claim(claim), None, Verdict(claim, "", Status.MISSING), Fraction(0), "nothing was handed in")


def partial(claim: str = "1a.f_bar", score: Fraction = Fraction(1, 3)) -> Mark:
    wrong = mark(claim, "c_bar[t]*c[t]")
    return replace(wrong, score=score)


def hostile(claim: str = "1a.o_bar", text: str = HOSTILE) -> Mark:
    """An answer of which every word that a student has a say in is hostile."""
    asked = homework().claim(claim)
    verdict = Verdict(
        claim, "", Status.REFUTED, message=text, mistake=Mistake("named", text), read_as=text, reading=text
    )  # fmt: skip
    return Mark(asked, Written(claim, text, Place(text, 2, 3)), verdict, Fraction(0), reason=text, evidence=text)


def graded(name: str, *marks: Mark, **more: object) -> Graded:
    """A submission whose score is the sum of its marks, unless another is given."""
    score = sum((one.score for one in marks if one.score is not None), Fraction(0))
    submission = Submission(name, tuple(one.written for one in marks if one.written is not None))
    return replace(Graded(submission, marks, score), **more)  # type: ignore[arg-type]


def varied() -> Mapping[str, Graded]:
    """Submissions of every kind, by name."""
    right = [mark(claim, answer) for claim, answer in RIGHT.items()]
    wrong = mark("2a.weights", "H^2 + DH")
    listed = Submission("listed", unassigned=(Stray("x = y", Place("a.md", 3)),) * 30, problems=(Problem("odd"),))
    broken = Submission("broken", problems=(Problem("the PDF has no source", Place("hw.pdf"), needs_person=True),))
    evil = Submission(HOSTILE, unassigned=(Stray(HOSTILE, Place(HOSTILE)),), problems=(Problem(HOSTILE),))
    rows = [
        graded("perfect", *right),
        graded("explained", *right, explanation()),
        graded("wrong", wrong, right[0], missing()),
        graded("partial", partial(), right[0], right[5]),
        graded("late", partial(), *right[:2], score=Fraction(6, 5), penalty=Fraction(1, 10), days_late=1),
        graded("rounded up", partial(), *right[:2], score=Fraction(7, 5)),
        graded("undecided", right[0], undecided(), explanation()),
        graded("unreadable", mark("3b.det", "%%%"), right[0]),
        graded("only explained", explanation()),
        graded("empty"),
        graded("no points", mark("1b.w_fx_bar", "0")),
        replace(graded("listed", right[0]), submission=listed),
        replace(graded("broken", explanation("", "2c.receptive_field")), submission=broken),
        replace(graded("evil", hostile(), hostile("1a.g_bar", "x" * 100_000)), submission=evil),
    ]
    return {row.submission.name if len(row.submission.name) < 20 else "evil": row for row in rows}
