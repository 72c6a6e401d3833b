"""JUnit XML, as Jenkins' junit-10.xsd has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET


@dataclass(frozen=True)
class Trouble:
    """Why a test case did not pass: a failure, an error where nothing could be decided, or that it was skipped."""

    element: Literal["failure", "error", "skipped"]
    kind: str
    message: str
    text: str = ""


@dataclass(frozen=True)
class Case:
    """A test case, which passed if it has no trouble."""

    name: str
    seconds: float = 0.0
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Suite:
    """A test suite, with remarks on the whole."""

    name: str
    cases: Sequence[Case]
    remarks: str = ""


def xunit(suites: Sequence[Suite]) -> str:
    """The document. Texts must be free of control characters."""
    root = ET.Element("testsuites")
    root.extend(_suite(suite) for suite in suites)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _suite(suite: Suite) -> ET.Element:
    counts = Counter(case.trouble.element for case in suite.cases if case.trouble is not None)
    element = ET.Element(
        "testsuite",
        name=suite.name,
        tests=str(len(suite.cases)),
        failures=str(counts["failure"]),
        errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
        time=f"{sum(case.seconds for case in suite.cases):.3f}",
    )
    element.extend(_case(case, suite.name) for case in suite.cases)
    ET.SubElement(element, "system-out").text = suite.remarks
    return element


def _case(case: Case, suite: str) -> ET.Element:
    element = ET.Element("testcase", name=case.name, classname=suite, time=f"{case.seconds:.3f}")
    trouble = case.trouble
    if trouble is not None:
        ET.SubElement(element, trouble.element, message=trouble.message, type=trouble.kind).text = trouble.text
    return element
