"""JUnit XML, as Jenkins' junit-10.xsd has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from refute.grade.records import Graded, Mark
from refute.report.platforms.common import Outcome, line, outcome, remarks, said
from refute.report.words import points

ELEMENT = {
    Outcome.PARTIAL: "failure",
    Outcome.WRONG: "failure",
    Outcome.OPEN: "error",
    Outcome.MANUAL: "skipped",
}


def junit(submissions: Sequence[Graded]) -> str:
    """A test suite for each submission, in it a test case for each blank.

    An answer that is not right in full is a failure, one that could not be decided an error, and one that a person
    always marks is skipped.
    """
    root = ET.Element("testsuites")
    for graded in submissions:
        root.append(_suite(graded))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _suite(graded: Graded) -> ET.Element:
    counts = Counter(ELEMENT.get(outcome(mark)) for mark in graded.marks)
    name = line(graded.submission.name) or "submission"
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(graded.marks)),
        failures=str(counts["failure"]),
        errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
        time=f"{sum(mark.verdict.seconds for mark in graded.marks):.3f}",
    )
    suite.extend(_case(mark, name) for mark in graded.marks)
    ET.SubElement(suite, "system-out").text = remarks(graded)
    return suite


def _case(mark: Mark, suite: str) -> ET.Element:
    case = ET.Element(
        "testcase", name=f"{mark.claim.id}: {mark.claim.ask}", classname=suite, time=f"{mark.verdict.seconds:.3f}"
    )
    element = ELEMENT.get(outcome(mark))
    if element is not None:
        message = f"{mark.verdict.status}, {points(mark.score, mark.max_score)}"
        ET.SubElement(case, element, message=message, type=str(mark.verdict.status)).text = said(mark)
    return case
