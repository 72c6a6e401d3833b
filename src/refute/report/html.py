"""Feedback as pages of HTML: all in one file, no script, nothing loaded, MathML and SVG in place."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from functools import cache, lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from refute.formula.mathml import mathml
from refute.grade.records import Graded
from refute.report.feedback import SIGNS, Feedback, FeedbackBuilder, Note
from refute.report.overview import overview
from refute.report.svg import svg

REMEMBERED = 2_000  # notes whose HTML is kept: many students get the same ones


def feedback_html(feedback: Feedback) -> str:
    """A page with all that is said of a submission."""
    return _page("feedback.html.j2", feedback=feedback, article=_article)


def overview_html(graded: Sequence[Graded], builder: FeedbackBuilder) -> str:
    """A page for those who mark: the gradebook of a class, and for each blank the answers that were not accepted,
    those together that mean the same."""
    return _page("overview.html.j2", overview=overview(graded, builder), mathml=mathml)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("refute.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _page(template: str, **names: object) -> str:
    style = _style()
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _environment().get_template(template).render(style=style, style_hash=f"sha256-{digest}", **names)


@cache
def _style() -> str:
    loader = PackageLoader("refute.report")
    return loader.get_source(_environment(), "page.css")[0]


@lru_cache(REMEMBERED)
def _article(note: Note) -> str:
    template = _environment().get_template("note.html.j2")
    return template.render(note=note, sign=SIGNS[note.tone], mathml=mathml, svg=svg)
