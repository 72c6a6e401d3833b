"""What the gate found as JUnit XML."""

from __future__ import annotations

from collections.abc import Sequence

from refute.deciding.verdict import Status, Verdict
from refute.gate.findings import Finding, Outcome, Rule
from refute.report.platforms.common import line
from refute.report.platforms.gate_common import said_of
from refute.report.platforms.xunit import Case, Suite, Trouble, xunit
from refute.report.words import visible


def gate_junit(outcome: Outcome) -> str:
    """One test suite: a test case for each claim on each implementation, and one for whatever else is wrong."""
    of_verdicts = {(verdict.claim, verdict.implementation) for verdict in outcome.verdicts}
    cases = [_case(verdict, outcome.findings) for verdict in outcome.verdicts]
    cases += [
        Case(line(f"{finding.subject}: {finding.rule}"), trouble=_trouble([finding]))
        for finding in outcome.findings
        if (finding.claim, finding.implementation) not in of_verdicts
    ]
    cases += [
        Case(line(name), trouble=Trouble("skipped", "skipped", line(reason)))
        for name, reason in outcome.project.missing.items()
    ]
    return xunit([Suite(line(f"refute gate: {outcome.project.name}"), cases, visible("\n".join(outcome.gains)))])


def _case(verdict: Verdict, findings: Sequence[Finding]) -> Case:
    of_this = [f for f in findings if (f.claim, f.implementation) == (verdict.claim, verdict.implementation)]
    trouble = _trouble(of_this) if of_this else None
    if trouble is None and verdict.status is Status.SKIPPED:
        trouble = Trouble("skipped", str(verdict.status), line(verdict.message))
    return Case(line(f"{verdict.claim} ({verdict.implementation})"), verdict.seconds, trouble)


def _trouble(findings: Sequence[Finding]) -> Trouble:
    rules = {finding.rule for finding in findings}
    return Trouble(
        "error" if rules == {Rule.UNDECIDED} else "failure",
        ", ".join(sorted(rules)),
        line(findings[0].message),
        "\n\n".join(map(said_of, findings)),
    )
