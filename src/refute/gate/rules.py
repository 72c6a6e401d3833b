"""The gate's rules: from verdicts, properties and a lock to findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from refute.claims import Claim
from refute.deciding.verdict import ACCEPTED, Status, Verdict
from refute.gate.collector import FOLDER
from refute.gate.findings import Finding, Place, Rule, place_of_text, places_in
from refute.gate.lock import NAME, Entry, Lock, place_in_lock
from refute.gate.modules import unchecked_modules
from refute.gate.properties import Properties
from refute.gate.strength import (
    Change,
    changes_of_properties,
    changes_of_sizes,
    changes_of_strength,
    changes_of_what_is_said,
)
from refute.project import Project

UPDATE = "if that is meant, run `refute gate --update` and commit refute.lock"


def findings_of_verdicts(project: Project, verdicts: Sequence[Verdict], properties: Properties) -> Iterator[Finding]:
    """What is wrong with the claims and implementations as they are, whatever they once were."""
    for verdict in verdicts:
        claim = project.claim(verdict.claim)
        if verdict.status in ACCEPTED:
            yield from _vacuous(claim, verdict)
        elif not verdict.stands:
            yield _not_standing(claim, verdict)
    if project.settings.extends is None:  # there, each claim has its properties where it is made
        yield from (_without_property(project, name) for name, tests in properties.items() if not tests)
    yield from _left_out(project, verdicts)


def _not_standing(claim: Claim, verdict: Verdict) -> Finding:
    again = f"refute check {claim.id}"
    shown = verdict.counterexample
    if verdict.status is Status.REFUTED and shown is not None:
        places = (*reversed(places_in(shown.where)), *places_in(claim.place))
        named = "" if verdict.mistake is None else f"; {verdict.mistake.text}"
        return Finding(
            Rule.REFUTED, claim.id, verdict.implementation, shown.sentence() + named,
            f"correct the code or the formula; `{again}` shows it again", tuple(dict.fromkeys(places)),
        )  # fmt: skip
    return Finding(
        Rule.UNDECIDED, claim.id, verdict.implementation, verdict.message or "neither certified nor refuted",
        f"see whether more digits or cases tell: `{again} --digits 200 --cases 5`", places_in(claim.place),
    )  # fmt: skip


def _vacuous(claim: Claim, verdict: Verdict) -> Iterator[Finding]:
    if not verdict.cases:
        yield Finding(
            Rule.VACUOUS, claim.id, verdict.implementation, "no case met the claim",
            "give it sizes and domains at which its scene yields a Sighting", places_in(claim.place),
        )  # fmt: skip
    elif verdict.surviving:
        reasons = {mistake: claim.mistakes.get(mistake, "generated from the formula") for mistake in verdict.surviving}
        mistakes = ", ".join(f"`{mistake}` ({reason})" for mistake, reason in reasons.items())
        yield Finding(
            Rule.VACUOUS, claim.id, verdict.implementation,
            f"with a mistake in the formula's place it would stand too: {mistakes}",
            "widen the sizes or domains until a case tells the two apart; what equals the formula is no mistake",
            places_in(claim.place),
        )  # fmt: skip


def _without_property(project: Project, identifier: str) -> Finding:
    folder = project.root / FOLDER
    message = f"no test in {FOLDER}/ speaks of it" if folder.is_dir() else f"there is no folder {FOLDER}/"
    advice = (
        f"write a law of it in {FOLDER}/test_*.py, with the claim as a parameter of the test, or marked "
        f'`@pytest.mark.claim("{identifier}")`'
    )
    place = project.claim(identifier).place
    return Finding(Rule.NO_PROPERTY, identifier, "", message, advice, places_in(place))


def _left_out(project: Project, verdicts: Sequence[Verdict]) -> Iterator[Finding]:
    settings = project.root / "pyproject.toml"
    checked = {verdict.implementation for verdict in verdicts if verdict.status is not Status.SKIPPED}
    for name in project.others:
        if name not in checked:
            reasons = dict.fromkeys(verdict.message for verdict in verdicts if verdict.implementation == name)
            yield Finding(
                Rule.LEFT_OUT, "", name,
                f"no claim was checked on it: {'; '.join(reasons) or 'none that is checked speaks of its functions'}",
                "give it functions called as those in impl/, or take it out of the list",
                (place_of_text(settings, name),),
            )  # fmt: skip
    for module in unchecked_modules(project):
        yield Finding(
            Rule.LEFT_OUT, "", f"impl.{module}", "nothing checks it",
            f'list it in pyproject.toml, under [tool.refute]: implementations = ["impl.{module}"]',
            (Place(_file_of(project.root / "impl", module), 1),),
        )  # fmt: skip


def _file_of(folder: Path, module: str) -> Path:
    file = folder / f"{module}.py"
    return file if file.is_file() else folder / module / "__init__.py"


# Against the lock


def findings_of_lock(project: Project, verdicts: Sequence[Verdict], locked: Lock, now: Lock) -> Iterator[Finding]:
    """What is not as the lock has it, and may be weaker."""
    for identifier, entry in locked.items():
        if identifier not in now:
            yield Finding(
                Rule.WEAKER, identifier, "", f"{NAME} has this claim, and it is no longer checked", UPDATE,
                (place_in_lock(project.root, identifier),),
            )  # fmt: skip
        else:
            yield from _of_claim(project, identifier, entry, now[identifier])
    yield from _no_longer_checked(project, verdicts, locked, now)


def _of_claim(project: Project, identifier: str, locked: Entry, now: Entry) -> Iterator[Finding]:
    place = places_in(project.claim(identifier).place)
    here = (*place, place_in_lock(project.root, identifier))
    if said := list(changes_of_what_is_said(locked, now)):
        yield Finding(Rule.CHANGED, identifier, "", "; ".join(said), UPDATE, here)
    if losses := [change.text for change in _changes_of_claim(locked, now) if change.is_loss]:
        yield Finding(Rule.WEAKER, identifier, "", "; ".join(losses), UPDATE, here)
    for name in sorted(locked.by.keys() & now.by.keys()):
        if losses := [c.text for c in changes_of_strength(locked.by[name], now.by[name]) if c.is_loss]:
            there = (*place, place_in_lock(project.root, identifier, name))
            yield Finding(Rule.WEAKER, identifier, name, "; ".join(losses), UPDATE, there)


def _changes_of_claim(locked: Entry, now: Entry) -> Iterator[Change]:
    yield from changes_of_sizes(locked.sizes, now.sizes)
    yield from changes_of_properties(locked.properties, now.properties)


def _no_longer_checked(project: Project, verdicts: Sequence[Verdict], locked: Lock, now: Lock) -> Iterator[Finding]:
    """The implementations that the lock has for claims on which nothing was decided now."""
    decided = {(v.claim, v.implementation) for v in verdicts if v.status is not Status.SKIPPED}
    skipped = {(v.claim, v.implementation): v.message for v in verdicts if v.status is Status.SKIPPED}
    lost: dict[str, list[str]] = {}
    for identifier in locked.keys() & now.keys():
        for name in locked[identifier].by:
            if (identifier, name) not in decided:
                lost.setdefault(name, []).append(identifier)
    for name, claims in sorted(lost.items()):
        claims.sort()
        if name in project.missing:
            reason, advice = project.missing[name], "install what it needs where the gate runs"
        else:
            reasons = dict.fromkeys(skipped[c, name] for c in claims if (c, name) in skipped)
            reason, advice = "; ".join(reasons) or "it is not there any more", UPDATE
        yield Finding(
            Rule.LEFT_OUT, "", name, f"{NAME} has it for {', '.join(claims)}, but it was not checked: {reason}", advice,
            (place_in_lock(project.root, claims[0], name),),
        )  # fmt: skip


def gains(locked: Lock, now: Lock) -> Iterator[str]:
    """What is new or stronger than the lock says."""
    for identifier, entry in now.items():
        before = locked.get(identifier)
        if before is None:
            yield f"{identifier}: not in {NAME} yet"
            continue
        yield from (f"{identifier}: {c.text}" for c in _changes_of_claim(before, entry) if not c.is_loss)
        for name, strength in entry.by.items():
            if name not in before.by:
                yield f"{identifier} ({name}): not in {NAME} yet"
                continue
            changes = [c.text for c in changes_of_strength(before.by[name], strength) if not c.is_loss]
            if changes:
                yield f"{identifier} ({name}): {'; '.join(changes)}"
