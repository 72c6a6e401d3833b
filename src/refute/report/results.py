"""What `refute grade` gives out: files for each submission and for the class, or one text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from refute.errors import UsageError
from refute.grade.records import Graded
from refute.project import Project
from refute.report.feedback import Feedback, FeedbackBuilder
from refute.report.platforms import FORMATS

TERMINAL = "terminal"
PAGES = {"html": "feedback.html", "markdown": "feedback.md"}
NAMES = (TERMINAL, *PAGES, *FORMATS)
WITH_ROSTER = ("canvas-csv", "moodle-csv")
GRADEBOOK, TO_MARK, OVERVIEW = "gradebook.csv", "to-mark.csv", "overview.html"  # of a class
LONGEST_NAME = 100  # characters of a folder's name
_UNFIT = re.compile(r"[^\w.@+-]+")


class Results:
    """Writes results in the `formats` named. The same feedback, which many students get, is made once."""

    def __init__(
        self, project: Project, formats: Sequence[str], *, reveal: bool = True, roster: str | None = None
    ) -> None:
        self.project, self.formats, self._roster = project, tuple(formats), roster
        self._builder = FeedbackBuilder(project, reveal=reveal)
        self._folders: set[str] = set()

    def feedback(self, graded: Graded) -> Feedback:
        """All that is said of a submission."""
        return self._builder.build(graded)

    def text(self, graded: Sequence[Graded]) -> str:
        """The one format asked for, as a text. Raises UsageError unless there is one, and one submission if it is one
        of a single submission's."""
        match self.formats:
            case (name,) if name in FORMATS and FORMATS[name].whole_class:
                return self._of_class(name, graded)
            case (name,) if len(graded) == 1:
                return self._of_one(name, graded[0])
        raise UsageError(
            "more than one text cannot go to standard output",
            expected="--out DIR, or one format and one submission",
            got=f"{', '.join(self.formats)} for {len(graded)} submissions",
            example="--out results",
        )

    def write_one(self, graded: Graded, folder: Path) -> None:
        """Write the files of one submission into a folder."""
        for name in self.formats:
            if name in PAGES:
                write(folder / PAGES[name], self._of_one(name, graded))
            elif name in FORMATS and not FORMATS[name].whole_class:
                write(folder / FORMATS[name].file, self._of_one(name, graded))

    def write_class(self, graded: Sequence[Graded], folder: Path) -> None:
        """Write the files of all submissions together: the formats that are a class's."""
        for name in self.formats:
            if name in FORMATS and FORMATS[name].whole_class:
                write(folder / FORMATS[name].file, self._of_class(name, graded))

    def write_gradebook(self, graded: Sequence[Graded], folder: Path) -> None:
        """Write what a class's markers need: all scores, what is left to mark, and a page with answers by meaning."""
        from refute.report.html import overview_html
        from refute.report.platforms.gradebook import gradebook_csv, to_mark_csv

        write(folder / GRADEBOOK, gradebook_csv(graded))
        write(folder / TO_MARK, to_mark_csv(graded))
        write(folder / OVERVIEW, overview_html(graded, self._builder))

    def folder_of(self, graded: Graded) -> str:
        """A name for a submission's folder that no other has, whatever the file system."""
        plain = _UNFIT.sub("_", graded.submission.name).strip("._")[:LONGEST_NAME] or "submission"
        name, number = plain, 1
        while name.casefold() in self._folders:
            number += 1
            name = f"{plain}-{number}"
        self._folders.add(name.casefold())
        return name

    def _of_one(self, name: str, graded: Graded) -> str:
        from refute.report.html import feedback_html
        from refute.report.markdown import feedback_markdown

        pages: Mapping[str, Callable[[Feedback], str]] = {"html": feedback_html, "markdown": feedback_markdown}
        return pages[name](self.feedback(graded)) if name in pages else FORMATS[name].writer()(graded)

    def _of_class(self, name: str, graded: Sequence[Graded]) -> str:
        if name in WITH_ROSTER:
            return FORMATS[name].writer()(graded, title=self.project.name, roster=self._roster)
        return FORMATS[name].writer()(graded)


def write(path: Path, text: str) -> None:
    """Write a file in one step, so that it is never half there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.write_text(text, encoding="utf-8", errors="backslashreplace")
    unfinished.replace(path)
