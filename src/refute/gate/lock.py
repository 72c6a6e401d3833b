"""refute.lock: what each claim says, and how strongly each implementation stood when it was written.

It is a TOML file that one reads in a diff. The same project gives the same bytes on every machine.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refute.claims import Bound, Claim, Grid, Natural
from refute.deciding.verdict import ACCEPTED, Status, Verdict, power_of_two
from refute.errors import ProjectError
from refute.gate.findings import Place, place_of_text
from refute.gate.properties import Properties

NAME = "refute.lock"
VERSION = 1
HEADER = f"""\
# What `refute gate` holds this project to: what each claim says, its properties, and how strongly it stood.
# `refute gate --update` writes this file, and nobody else. Commit it; what changes here is for a reviewer to see.

version = {VERSION}
"""

Sizes = Mapping[str, str | list[str | int]]  # of a grid: "2..4", or the options


@dataclass(frozen=True)
class Strength:
    """How strongly a claim stood on one implementation."""

    verdict: str
    error: str | None = None  # a certified verdict is wrong with a chance below it, a power of two
    digits: int | None = None
    cases: int = 0
    mistakes: int = 0  # that were refuted
    systems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """What is known of one claim: what it `says`, the `sizes` of its grids, how many cases of each test in
    `properties/` speak of it, and its strength `by` implementation."""

    says: Mapping[str, str | Mapping[str, str]]
    sizes: tuple[Sizes, ...]
    properties: Mapping[str, int]
    by: Mapping[str, Strength]


Lock = Mapping[str, Entry]


def lock_of(claims: Iterable[Claim], verdicts: Sequence[Verdict], properties: Properties) -> Lock:
    """What a lock says of verdicts; those that do not stand are not in it."""
    return {
        claim.id: Entry(
            says=_says(claim),
            sizes=tuple(_sizes(grid) for grid in claim.grids if grid),
            properties=properties[claim.id],
            by={v.implementation: strength_of(v) for v in verdicts if v.claim == claim.id and v.accepted},
        )
        for claim in claims
    }


def strength_of(verdict: Verdict) -> Strength:
    """The part of a verdict that a lock keeps."""
    return Strength(
        verdict=str(verdict.status),
        error=None if verdict.error_bound is None else power_of_two(verdict.error_bound),
        digits=verdict.digits,
        cases=verdict.cases,
        mistakes=verdict.mistakes_refuted,
        systems=verdict.systems,
    )


def _says(claim: Claim) -> dict[str, str | Mapping[str, str]]:
    """What a claim says beside its sizes, as text. How often it says so is the verdict's to tell."""
    formula = {part: _line(text) for part, text in claim.formulas.items()}
    box = claim.observe.box if isinstance(claim.observe, Bound) else {}
    says: dict[str, str | Mapping[str, str]] = {
        "formula": formula[""] if list(formula) == [""] else formula,
        "within": {part: _line(text) for part, text in claim.within.items()},
        "growth": {part: _line(text) for part, text in claim.growth.items()},
        "functions": ", ".join(claim.functions),
        "least": ", ".join(f"{name} >= {least}" for name, least in claim.least.items()),
        "given": _by_domain({name: str(domain) for name, domain in claim.given.items()}),
        "box": _by_domain({name: f"[{low}, {high}]" for name, (low, high) in box.items()}),
    }
    return {key: value for key, value in says.items() if value}


def _by_domain(domains: Mapping[str, str]) -> dict[str, str]:
    """The names of each domain, on one line."""
    return {domain: ", ".join(n for n, d in domains.items() if d == domain) for domain in domains.values()}


def _line(text: str) -> str:
    return " ".join(text.split())


def values_of(domain: str | list[str | int]) -> Sequence[str | int]:
    """The values of one size as a lock has it. Raises ValueError for anything else."""
    if isinstance(domain, list):
        return domain
    low, _, high = domain.partition("..")
    return range(int(low), int(high) + 1)


def _sizes(grid: Grid) -> Sizes:
    return {n: f"{d.low}..{d.high}" if isinstance(d, Natural) else list(d.options) for n, d in grid.items()}


# Written and read


def write_lock(root: Path, lock: Lock) -> None:
    """Write the lock of the project at a root."""
    (root / NAME).write_text(lock_text(lock), encoding="utf-8", newline="\n")


def lock_text(lock: Lock) -> str:
    """The file, claims and implementations in the order of their names."""
    return "\n".join([HEADER, *(line for identifier in sorted(lock) for line in _block(identifier, lock[identifier]))])


def _block(identifier: str, entry: Entry) -> Iterator[str]:
    yield _heading(identifier)
    for key, said in entry.says.items():
        yield from [f"{key} = {_value(said)}"] if isinstance(said, str) else _dotted(key, said)
    if entry.sizes:
        yield f"sizes = {_value(list(entry.sizes))}"
    yield from _dotted("properties", entry.properties)
    yield ""
    for name in sorted(entry.by):
        yield _heading(identifier, name)
        kept = vars(entry.by[name]).items()
        yield from (f"{key} = {_value(value)}" for key, value in kept if value not in (None, 0, ()))
        yield ""


def _heading(identifier: str, implementation: str | None = None) -> str:
    name = f"claim.{_key(identifier)}"
    return f"[{name}]" if implementation is None else f"[{name}.by.{_key(implementation)}]"


def _dotted(key: str, table: Mapping[str, str | int]) -> Iterator[str]:
    return (f"{key}.{_key(name)} = {_value(value)}" for name, value in table.items())


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(name)} = {_value(inner)}' for name, inner in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_lock(root: Path) -> Lock | None:
    """The lock of the project at a root; None if there is none. Raises ProjectError for one that cannot be read."""
    path = root / NAME
    if not path.is_file():
        return None
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        if document["version"] != VERSION:
            raise ValueError(f"version {document['version']}")
        return {identifier: _entry(table) for identifier, table in document.get("claim", {}).items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ProjectError(
            f"{NAME} cannot be read", expected=f"the file, of version {VERSION}, that refute gate --update writes",
            got=f"{type(error).__name__}: {error}", where=str(path), example="no such file, then refute gate --update",
        ) from error  # fmt: skip


def _entry(table: Mapping[str, Any]) -> Entry:
    apart = {"sizes", "properties", "by"}
    for grid in table.get("sizes", ()):
        for domain in grid.values():
            values_of(domain)
    return Entry(
        says={key: value for key, value in table.items() if key not in apart},
        sizes=tuple(table.get("sizes", ())),
        properties={test: int(cases) for test, cases in table.get("properties", {}).items()},
        by={name: _strength(found) for name, found in table.get("by", {}).items()},
    )


def _strength(table: Mapping[str, Any]) -> Strength:
    kept: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    strength = Strength(**kept)
    if Status(strength.verdict) not in ACCEPTED or not re.fullmatch(r"2\^-?\d+", strength.error or "2^0"):
        raise ValueError(f"{strength.verdict}, error {strength.error}")
    return strength


def place_in_lock(root: Path, identifier: str, implementation: str | None = None) -> Place:
    """Where the lock speaks of a claim, or of its verdict on an implementation."""
    return place_of_text(root / NAME, _heading(identifier, implementation))
