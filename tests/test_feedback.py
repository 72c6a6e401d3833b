"""Feedback: nothing a student writes acts on a page, nothing told is the answer, and what is wrong is said."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from html import unescape
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console

from refute.claims import Claim
from refute.deciding.verdict import Status, Verdict
from refute.deciding.written import Deciders
from refute.formula.mathml import mathml
from refute.formula.parse import parse
from refute.formula.show import latex, text, unicode
from refute.grade.records import Graded, Mark, Place, Problem, Stray, Submission, Written
from refute.project import load
from refute.report.console import print_feedback
from refute.report.feedback import Feedback, FeedbackBuilder, Note, Tone
from refute.report.hints import hint
from refute.report.html import feedback_html, overview_html
from refute.report.markdown import escaped, feedback_markdown
from refute.report.overview import overview
from refute.report.words import LONGEST, number, points, visible, visible_line

ROOT = Path(__file__).parents[1]
RIGHT = {
    "1a.f_bar": "c_bar[t]*c[t-1]",
    "1b.w_ix_bar": r"\sum_t \overline{i^{(t)}} i^{(t)} (1-i^{(t)}) x^{(t)}",
    "2a.operations": "O(G^2(H^2 + DH))",
    "2b.steps": "2G - 1",
    "2b.optimal": "A square waits for both of its neighbours.",
    "3b.det": "beta^D",
}
WRONG = {
    "1a.f_bar": r"\overline{c^{(t)}} c^{(t)}",
    "1a.i_bar": "i_bar[t]",
    "1b.w_ix_bar": "i_bar[t]*i[t]*(1-i[t])*x[t]",
    "2a.operations": "O(G^2 H^2 D)",
    "2b.steps": "2G",
    "3b.factors": "[[I, 0], [-alpha*H, beta*I]]",
    "3b.det": "0",
}
EVIL = (
    "<script>alert(1)</script>\u202e\x07</pre></svg>--> ![x](http://evil.example/a.png) @octocat ```\n# x\n"
    "<b onclick=x>"
)
HOSTILE = {
    "1a.h_bar": EVIL,
    "1a.c_bar": "<img src=x onerror=alert(1)>" * 4_000,
    "1a.g_bar": "",
    "1a.f_bar": "+".join(["c_bar[t]"] * 900),
    "1a.o_bar": "\ud800\x00\u2066",
    "2b.optimal": f"````{EVIL}",
}


Refusal = tuple[Claim, str, Graded]


class Marker:
    """Marks by hand, with real verdicts: all points for what is accepted, none for what is refuted."""

    def __init__(self) -> None:
        self.project = load(ROOT)
        self._deciders = Deciders(self.project)

    def mark(self, claim: Claim, answer: str | None) -> Mark:
        if claim.blank is None:
            verdict, score = Verdict(claim.id, "", Status.MANUAL), None
        elif answer is None:
            verdict, score = Verdict(claim.id, "", Status.MISSING), Fraction(0)
        else:
            verdict = self._deciders.of(claim.id).decide(answer)
            decided = {Status.REFUTED: Fraction(0)} | ({verdict.status: claim.points} if verdict.accepted else {})
            score = decided.get(verdict.status)
        written = None if answer is None else Written(claim.id, answer, Place("answers.tex", 3))
        return Mark(claim, written, verdict, score)

    def graded(self, answers: Mapping[str, str], name: str = "group-17", **more: Any) -> Graded:
        claims = [claim for claim in self.project.claims if claim.points or claim.id in answers]
        marks = tuple(self.mark(claim, answers.get(claim.id)) for claim in claims)
        written = tuple(mark.written for mark in marks if mark.written is not None)
        submission = Submission(name, written, more.pop("strays", ()), more.pop("problems", ()))
        return Graded(submission, marks, sum((mark.score or Fraction(0) for mark in marks), Fraction(0)), **more)


@pytest.fixture(scope="module")
def marker() -> Marker:
    return Marker()


@pytest.fixture(scope="module")
def builder(marker: Marker) -> FeedbackBuilder:
    return FeedbackBuilder(marker.project)


@pytest.fixture(scope="module")
def refusals(marker: Marker) -> list[Refusal]:
    return list(refused(marker))


def printed(feedback: Feedback) -> str:
    console = Console(file=StringIO(), width=500)  # so that no formula is broken
    print_feedback(feedback, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


FORMATS: dict[str, Callable[[Feedback], str]] = {
    "html": feedback_html,
    "markdown": feedback_markdown,
    "terminal": printed,
}


def notes(feedback: Feedback) -> dict[str, Note]:
    return {note.claim: note for section in feedback.sections for note in section.notes}


def hostile(marker: Marker) -> Graded:
    place = Place(f"{EVIL}.tex", 40)
    strays, problems = (Stray(EVIL * 900, place),), (Problem(EVIL, place, needs_person=True),)
    return marker.graded(HOSTILE, EVIL, strays=strays, problems=problems)


# --- A page ----------------------------------------------------------------------------------------------------------

VOID = {"meta", "br"}
TAGS = {
    *("html", "head", "title", "style", "body", "header", "main", "section", "article", "footer", "div", "span"),
    *("h1", "h2", "h3", "p", "pre", "ul", "li", "dl", "dt", "dd", "bdi", "strong", "figure", "figcaption"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("svg", "title", "desc", "line", "text", "rect", "polygon", "polyline", "circle"),
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msqrt", "msub", "msup", "msubsup", "mover", "munderover"),
    *("mtable", "mtr", "mtd"),
}


class Page(HTMLParser):
    """A page's elements in order. Raises AssertionError for one that is not closed where it must be."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs))
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.text.setdefault(self._open[-1], []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def pages(marker: Marker) -> Iterator[str]:
    builder = FeedbackBuilder(marker.project)
    graded = [marker.graded(RIGHT), marker.graded(WRONG), hostile(marker), marker.graded({})]
    yield from (feedback_html(builder.build(one)) for one in graded)
    yield overview_html(graded, builder)


def test_every_page_is_well_formed_and_nothing_in_it_acts_or_is_loaded(marker: Marker) -> None:
    for markup in pages(marker):
        page = Page(markup)
        assert {tag for tag, _ in page.elements} <= TAGS | VOID
        attributes = [pair for _, found in page.elements for pair in found.items()]
        assert not [name for name, _ in attributes if name.startswith("on") or name in ("style", "src", "href")]
        assert {value for name, value in attributes if name == "xmlns"} <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1998/Math/MathML",
        }


def test_a_page_that_does_not_escape_is_seen_not_to(marker: Marker) -> None:
    """The false twin."""
    markup = feedback_html(FeedbackBuilder(marker.project).build(hostile(marker)))
    with pytest.raises(AssertionError):
        Page(unescape(markup))


def test_the_policy_of_a_page_allows_its_own_style_alone(marker: Marker) -> None:
    for markup in pages(marker):
        (style,) = re.findall(r"<style>(.*?)</style>", markup, re.DOTALL)
        digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = next(meta["content"] for meta in Page(markup).all("meta") if "http-equiv" in meta)
        assert policy is not None
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert rules["default-src"] == "'none'"
        assert rules["style-src"] == f"'sha256-{digest}'"
        assert "url(" not in style
        assert "@import" not in style


def test_a_page_can_be_read_by_those_who_do_not_see_it(marker: Marker) -> None:
    for markup in pages(marker):
        page = Page(markup)
        tags = [tag for tag, _ in page.elements]
        assert page.all("html") == [{"lang": "en"}]
        assert (tags.count("main"), tags.count("h1")) == (1, 1)
        levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert all(header.get("scope") in ("row", "col") for header in page.all("th"))
        assert tags.count("caption") == tags.count("table")
        pictures = [found for found in page.all("svg") if "role" in found]
        assert tags.count("desc") == len(pictures)
        assert all(found["role"] == "img" for found in pictures)
        names = [found["id"] for _, found in page.elements if "id" in found]
        assert len(names) == len(set(names))
        used = {found["aria-labelledby"] for _, found in page.elements if "aria-labelledby" in found}
        assert used <= set(names)


def test_no_page_holds_what_cannot_be_seen(marker: Marker) -> None:
    for markup in pages(marker):
        assert not re.search(
            "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", markup
        )


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_colours_have_the_contrast_that_text_needs_in_the_light_and_in_the_dark() -> None:
    style = (ROOT / "src/refute/report/templates/page.css").read_text(encoding="utf-8")
    palettes = [
        dict(re.findall(r"--(\w+): (#\w+)", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]
    assert len(palettes) == 3  # light, dark, print
    for palette in palettes:
        for ink in ("ink", "soft", "right", "wrong", "partly", "open"):
            assert min(contrast(palette[ink], palette[ground]) for ground in ("paper", "panel")) >= 4.5
        assert contrast(palette["line"], palette["paper"]) < 4.5  # the false twin: lines are no text


# --- The answer is not told ------------------------------------------------------------------------------------------


def notations(formula: str) -> set[str]:
    expr = parse(formula)
    inside = re.sub(r"^<math[^>]*>|</math>$", "", mathml(expr))
    inside = inside.removeprefix("<mrow>").removesuffix("</mrow>") if "mtable" not in inside else inside
    return {text(expr), unicode(expr), latex(expr), inside}


def told(shown: str, formula: str) -> bool:
    """Whether what is shown tells a formula, in any notation."""
    plain = unescape(shown).replace("\\", "")
    return any(way in shown or way in unescape(shown) or way.replace("\\", "") in plain for way in notations(formula))


def refused(marker: Marker) -> Iterator[Refusal]:
    """Wrong answers to each blank that do not have the right formula in them."""
    for claim in marker.project.claims:
        parts = () if claim.blank is None else claim.blank.right
        for _, formulas, _ in claim.mistaken_formulas():
            for part, formula in formulas.items():
                if part not in parts or any(told(unicode(parse(formula)), claim.formulas[right]) for right in parts):
                    continue
                mark = marker.mark(claim, formula)
                if not mark.verdict.accepted:
                    yield claim, formula, Graded(Submission("x"), (mark,), Fraction(0))


@pytest.mark.parametrize("show", FORMATS.values(), ids=list(FORMATS))
def test_no_refused_answer_is_told_the_right_formula(
    marker: Marker, builder: FeedbackBuilder, refusals: list[Refusal], show: Callable[[Feedback], str]
) -> None:
    seen = set()
    for claim, formula, graded in refusals:
        assert claim.blank is not None
        shown = show(builder.build(graded))
        for part in claim.blank.right:
            assert not told(shown, claim.formulas[part]), f"{claim.id}: {formula} is told {claim.formulas[part]}"
        seen.add(claim.id)
    assert seen == {claim.id for claim in marker.project.claims if claim.blank is not None}


def test_nothing_that_is_asked_tells_a_formula(marker: Marker) -> None:
    blanks = [claim for claim in marker.project.claims if claim.blank is not None]
    for asking in marker.project.claims:
        for claim in blanks:
            assert not any(told(asking.ask, formula) for formula in claim.formulas.values()), asking.id


@pytest.mark.parametrize("show", FORMATS.values(), ids=list(FORMATS))
def test_who_was_right_sees_the_right_formula(marker: Marker, show: Callable[[Feedback], str]) -> None:
    """The false twin: the search above finds what is there."""
    builder = FeedbackBuilder(marker.project)
    for claim in marker.project.claims:
        if claim.blank is not None and claim.id != "1a.h_bar":  # which is printed over many lines
            formula = claim.formulas[claim.blank.right[0]]
            assert told(show(builder.build(marker.graded({claim.id: formula}))), formula)


@pytest.mark.parametrize("show", FORMATS.values(), ids=list(FORMATS))
def test_the_right_value_is_told_unless_it_is_kept_back(marker: Marker, show: Callable[[Feedback], str]) -> None:
    graded = marker.graded({"1a.f_bar": WRONG["1a.f_bar"], "2a.operations": WRONG["2a.operations"]})
    by_id = {mark.claim.id: mark for mark in graded.marks}
    case = by_id["1a.f_bar"].verdict.counterexample
    assert case is not None
    shown, kept = (show(FeedbackBuilder(marker.project, reveal=reveal).build(graded)) for reveal in (True, False))
    for value in (case.expected, "grows like n^2"):
        assert value in shown.replace("\n", " ").replace("\\", "")
        assert value not in kept.replace("\n", " ").replace("\\", "")
    assert case.observed in kept.replace("\\", "")


def test_no_hint_depends_on_more_than_the_kind_of_mistake(refusals: list[Refusal]) -> None:
    for _, _, graded in refusals:
        for mark in graded.marks:
            kind = mark.verdict.mistake
            assert hint(replace(mark.verdict, counterexample=None, message="", read_as="")) == hint(mark.verdict)
            assert kind is None or hint(mark.verdict)


# --- What is said ----------------------------------------------------------------------------------------------------


def test_a_refusal_says_what_was_read_what_is_wrong_and_where_to_look(marker: Marker) -> None:
    note = notes(FeedbackBuilder(marker.project).build(marker.graded(WRONG)))["1a.f_bar"]
    assert (note.tone, note.verdict, note.points) == (Tone.WRONG, "Not right", "0 of 0.5")
    assert [unicode(member) for member in note.members] == ["f̄⁽ᵗ⁾", "c̄⁽ᵗ⁾·c⁽ᵗ⁾"]
    assert note.example is not None
    assert note.example.sentence.startswith("With T = 2, t = ")
    assert f"yours gives {note.example.yours}, the right value is {note.example.right}" in note.example.sentence
    assert {value.name for value in note.example.values} >= {"T", "t", "c⁽⁰⁾"}
    assert all(value.value != "0" for value in note.example.values)
    assert note.example.rest == "all else is 0"
    assert note.mistake == "t for t-1"
    assert note.hint == "Ask at which time step the quantity was used in the forward pass."
    assert [picture.curves[0].is_dashed for picture in note.pictures] == [True]


def test_an_answer_without_a_value_is_said_to_have_none(marker: Marker) -> None:
    note = notes(FeedbackBuilder(marker.project).build(marker.graded({"3b.det": "1/0"})))["3b.det"]
    assert note.example is not None
    assert "yours has no value, the right value is 1/2" in note.example.sentence


def test_a_circular_answer_is_shown_with_the_guess_it_was_given(marker: Marker) -> None:
    note = notes(FeedbackBuilder(marker.project).build(marker.graded(WRONG)))["1a.i_bar"]
    assert note.example is not None
    guesses = [value for value in note.example.values if value.name == f"a guess of {unicode(parse('i_bar[1]'))}"]
    assert [value.meaning for value in guesses] == ["not known before the answer is"]
    assert "circular" in note.mistake


def test_the_first_broken_step_of_a_chain_is_said_apart_from_the_rest(marker: Marker) -> None:
    chain = "c_bar[t]*c[t-1] = c_bar[t]*c[t] = c_bar[t] c[t-1]"
    note = notes(FeedbackBuilder(marker.project).build(marker.graded({"1a.f_bar": chain})))["1a.f_bar"]
    assert note.tone is Tone.RIGHT
    assert note.step == "Step 1 breaks: c̄⁽ᵗ⁾·c⁽ᵗ⁻¹⁾ is not c̄⁽ᵗ⁾·c⁽ᵗ⁾"
    wrong = notes(FeedbackBuilder(marker.project).build(marker.graded({"1a.f_bar": "c[t] = c_bar[t]"})))["1a.f_bar"]
    assert wrong.step.startswith("Step 1 breaks: c⁽ᵗ⁾ is not")
    assert wrong.example is not None
    assert "breaks" not in wrong.example.sentence


def test_what_cannot_be_read_is_shown_with_the_place_and_goes_to_a_person(marker: Marker) -> None:
    note = notes(FeedbackBuilder(marker.project).build(marker.graded({"1a.f_bar": "x + $$ c[t"})))["1a.f_bar"]
    assert (note.tone, note.points) == (Tone.OPEN, "open, of 0.5")
    assert note.verdict == "It could not be read: a person marks this"
    assert note.unread is not None
    assert "expected" in note.unread.what
    written, caret = note.unread.excerpt.split("\n")
    assert written == "x + $$ c[t"
    assert caret.strip() == "^"
    assert written[len(caret) - 1] == "$"
    assert note.unread.example


def test_what_a_person_marks_is_shown_as_given(marker: Marker) -> None:
    found = notes(FeedbackBuilder(marker.project).build(marker.graded(RIGHT)))
    assert found["2b.optimal"].written == RIGHT["2b.optimal"]
    assert found["2b.optimal"].verdict == "An explanation: a person marks this"
    assert found["2c.depth"].written == ""
    assert found["1a.h_bar"].verdict == "Nothing was found for this"


def test_once_a_person_has_marked_it_is_open_no_more(marker: Marker) -> None:
    claim = marker.project.claim("2b.optimal")
    mark = replace(marker.mark(claim, "because"), score=Fraction(1, 4), reason="the chain is missing")
    note = FeedbackBuilder(marker.project).note(mark)
    assert (note.tone, note.points) == (Tone.PARTLY, "0.25 of 0.5")
    assert note.verdict == "An explanation: marked by a person"
    assert ("points", "the chain is missing") in note.words


def test_the_project_draws_for_those_who_answered_and_tells_only_those_who_were_right(marker: Marker) -> None:
    builder = FeedbackBuilder(marker.project)
    drawn = {answer: notes(builder.build(marker.graded({"2b.steps": answer})))["2b.steps"].pictures for answer in
             ("2G - 1", "2G", "", "steps!")}  # fmt: skip
    assert [len(pictures) for pictures in drawn.values()] == [1, 1, 0, 0]
    assert "9" in {polygon.label for polygon in drawn["2G - 1"][0].polygons}
    assert "9" not in {polygon.label for polygon in drawn["2G"][0].polygons}
    assert not notes(builder.build(marker.graded({})))["2b.steps"].pictures


def test_the_headline_counts_what_is_checked_and_what_is_left(marker: Marker) -> None:
    builder = FeedbackBuilder(marker.project)
    right = {
        claim.id: claim.formulas[claim.blank.right[0]] for claim in marker.project.claims if claim.blank is not None
    }
    full = marker.graded({name: formula for name, formula in right.items() if marker.project.claim(name).points})
    assert builder.build(full).headline == "8.5 of 8.5 checked, 1.5 for a person"
    unread = marker.graded({"1a.f_bar": "("})
    assert builder.build(unread).headline == "0 of 8 checked, 2 for a person"
    late = replace(full, score=Fraction(17, 3), penalty=Fraction(1, 5), days_late=2)
    assert builder.build(late).headline == "17/3 of 8.5 checked, 1.5 for a person"
    assert builder.build(late).remarks == ("2 days late, 20% of the score is taken off",)


def test_what_was_odd_and_what_belongs_nowhere_is_listed(marker: Marker) -> None:
    place = Place("a.ipynb", 4, cell=2)
    graded = marker.graded({}, strays=(Stray("x = 5", place),), problems=(Problem("twice", place),))
    for name, show in FORMATS.items():
        shown = show(FeedbackBuilder(marker.project).build(graded)).replace("\\", "")
        assert "a.ipynb, cell 2, line 4" in shown, name
        assert "x = 5" in shown
        assert "twice" in shown


def test_a_formula_too_long_to_typeset_is_shown_in_part(marker: Marker) -> None:
    note = notes(FeedbackBuilder(marker.project).build(marker.graded(HOSTILE)))["1a.f_bar"]
    assert not note.members
    assert note.read_as.endswith("more characters")
    assert len(note.read_as) < LONGEST + 100


def test_what_was_made_once_is_not_made_again(marker: Marker) -> None:
    builder = FeedbackBuilder(marker.project)
    first, again = (notes(builder.build(marker.graded(WRONG, name))) for name in ("a", "b"))
    assert all(first[claim] is again[claim] for claim in first)
    other = notes(builder.build(marker.graded(WRONG | {"2b.steps": "G"})))
    assert other["2b.steps"] is not first["2b.steps"]


# --- A class ---------------------------------------------------------------------------------------------------------


def test_equal_functions_are_judged_once(marker: Marker) -> None:
    answers = ["c_bar[t]*c[t]", r"c^{(t)} \overline{c^{(t)}}", "c_bar[t]*h[t-1]", "c_bar[t]*c[t-1]", "(", "( "]
    graded = [marker.graded({"1a.f_bar": answer}, f"s{n}") for n, answer in enumerate(answers)]
    (blank,) = overview([*graded, marker.graded({})], FeedbackBuilder(marker.project)).blanks
    assert (blank.accepted, blank.answered) == (1, 6)
    assert [(group.count, group.names) for group in blank.groups] == [(2, "s0, s1"), (2, "s4, s5"), (1, "s2")]
    assert [group.note.mistake for group in blank.groups] == ["t for t-1", "", "h for c"]


def test_the_gradebook_has_every_score(marker: Marker) -> None:
    graded = [marker.graded(RIGHT, "Ada"), marker.graded({"1a.f_bar": "("}, "Bob")]
    found = overview(graded, FeedbackBuilder(marker.project))
    columns = [claim for claim, _ in found.columns]
    ada, bob = found.rows
    assert dict(zip(columns, ada.scores, strict=True))["1a.f_bar"] == "0.5"
    assert dict(zip(columns, bob.scores, strict=True))["1a.f_bar"] == "open"
    assert (ada.total, ada.needs_person, bob.needs_person) == ("3.5 of 8.5", False, True)
    assert found.persons == 1


# --- Texts -----------------------------------------------------------------------------------------------------------


@given(st.fractions(0, 100))
def test_points_are_exact(value: Fraction) -> None:
    assert Fraction(number(value)) == value
    assert points(value, Fraction(200)) == f"{number(value)} of 200"


@pytest.mark.parametrize(("value", "shown"), [("17/2", "8.5"), ("1/3", "1/3"), ("1/8", "0.125"), ("10", "10")])
def test_points_are_decimals_where_they_can_be(value: str, shown: str) -> None:
    assert number(Fraction(value)) == shown


@given(st.text())
def test_all_of_a_text_can_be_seen(written: str) -> None:
    shown = visible(written)
    assert not [c for c in shown if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn")]
    assert "\n" not in visible_line(written)
    shown.encode()  # not all of Python's texts can be written


def test_a_long_text_says_how_much_is_left_out() -> None:
    assert visible("x" * 10, 10) == "x" * 10
    assert visible("x" * 11, 10) == f"{'x' * 10} … and 1 more character"
    assert visible("x" * 100_000).endswith("and 98000 more characters")
    assert visible("a\u202eb\r\nc") == "a⟨U+202E⟩b\nc"


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
ACTIVE = {"html_block", "html_inline", "link_open", "image", "heading_open", "hr", "blockquote_open", "list_item_open"}


def tokens(document: str) -> Iterator[Token]:
    for token in MARKDOWN.parse(document):
        yield token
        yield from token.children or ()


@given(st.text(st.sampled_from("ab1 \\`*_{}[]()<>#+-.!|~$&:=@/\"'"), max_size=12).filter(str.strip))
def test_escaped_words_are_nothing_but_words(words: str) -> None:
    found = list(tokens(escaped(words)))
    assert {token.type for token in found} <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
    said = "".join(token.content for token in found if token.type in ("text", "text_special"))
    assert said.replace("\u200b", "") == " ".join(words.split())


def test_words_that_are_not_escaped_are_more() -> None:
    """The false twin."""
    assert {"html_inline"} <= {token.type for token in tokens("a <b>")}


def test_in_markdown_nothing_a_student_wrote_is_more_than_text(marker: Marker) -> None:
    quiet = marker.graded(dict.fromkeys(HOSTILE, "x"), strays=(Stray("x", Place("x")),), problems=(Problem("x"),))
    builder = FeedbackBuilder(marker.project)
    kinds = []
    for graded in (quiet, hostile(marker)):
        document = feedback_markdown(builder.build(graded))
        found = [token for token in tokens(document) if token.type in ACTIVE]
        assert not [token for token in found if token.type in ("html_block", "html_inline", "link_open", "image")]
        kinds.append([token.tag for token in found if token.type == "heading_open"])
        assert "@octocat" not in re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", document, flags=re.DOTALL)
    assert kinds[0] == kinds[1]


def test_in_a_terminal_nothing_a_student_wrote_is_a_control(marker: Marker) -> None:
    shown = printed(FeedbackBuilder(marker.project).build(hostile(marker)))
    assert not [c for c in shown if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]
    assert "⟨U+202E⟩" in shown
    assert "[b]" in printed(FeedbackBuilder(marker.project).build(marker.graded({}, "[b]x[/b]")))  # no markup of rich's
