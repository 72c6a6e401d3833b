"""What is weaker than a lock says, and what is stronger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from refute.deciding.verdict import Status
from refute.gate.lock import NAME, Entry, Sizes, Strength, values_of

RANK = {Status.TESTED: 0, Status.CERTIFIED: 1, Status.PROVED: 1}  # a proof and a certificate are as good


@dataclass(frozen=True)
class Change:
    """One thing that is not as the lock says, and whether that makes the claim weaker."""

    text: str
    is_loss: bool


def changes_of_strength(locked: Strength, now: Strength) -> Iterator[Change]:
    """What is not as it was in a verdict that stands."""
    if now.verdict != locked.verdict:
        is_loss = RANK[Status(now.verdict)] < RANK[Status(locked.verdict)]
        yield Change(f"{now.verdict}, {locked.verdict} in {NAME}", is_loss)
    else:
        yield from _errors(locked, now)
        yield from _counts("digits", locked.digits or 0, now.digits or 0)
        yield from _counts("cases", locked.cases, now.cases)
        yield from _systems(dict(map(_extent, locked.systems)), dict(map(_extent, now.systems)))
    yield from _counts("mistakes refuted", locked.mistakes, now.mistakes)


def changes_of_properties(locked: Mapping[str, int], now: Mapping[str, int]) -> Iterator[Change]:
    """Fewer cases of tests that speak of a claim are a loss."""
    gone = sorted(locked.keys() - now.keys())
    named = f"; gone: {', '.join(gone)}" if gone else ""
    before, after = sum(locked.values()), sum(now.values())
    if before != after or gone:
        yield Change(f"{_number(after, 'property', 'properties')}, {before} in {NAME}{named}", after < before)


def changes_of_sizes(locked: Iterable[Sizes], now: Iterable[Sizes]) -> Iterator[Change]:
    """Sizes that are no longer checked are a loss."""
    before, after = _shapes(locked), _shapes(now)
    if before != after:
        lost, more = len(before - after), len(after - before)
        what = [f"{_number(lost, 'shape')} of {NAME} left out"] if lost else []
        what += [f"{_number(more, 'shape')} more than in {NAME}"] if more else []
        yield Change(", ".join(what), lost > 0)


def changes_of_what_is_said(locked: Entry, now: Entry) -> Iterator[str]:
    """What a claim says otherwise than the lock. Whether that is more or less, nobody can tell from here."""
    for key in dict.fromkeys((*locked.says, *now.says)):
        before, after = _parts(locked, key), _parts(now, key)
        for part in dict.fromkeys((*before, *after)):
            was, is_now = before.get(part), after.get(part)
            if was != is_now:
                name = f"{key} ({part})" if part else key
                yield f"{name}: {_quoted(is_now)} now, {_quoted(was)} in {NAME}"


def _parts(entry: Entry, key: str) -> Mapping[str, str]:
    said = entry.says.get(key, {})
    return {"": said} if isinstance(said, str) else said


def _quoted(text: str | None) -> str:
    return "none" if text is None else f"`{text}`"


def _errors(locked: Strength, now: Strength) -> Iterator[Change]:
    """Chances of error add up over the cases, so with more cases a larger one is no loss, nor a smaller one with fewer
    a gain."""
    if locked.error is not None and now.error is not None and locked.error != now.error:
        is_larger = _exponent(now.error) > _exponent(locked.error)
        if is_larger or now.cases >= locked.cases:
            yield Change(f"error < {now.error}, < {locked.error} in {NAME}", is_larger and now.cases <= locked.cases)


def _exponent(error: str) -> int:
    return int(error.removeprefix("2^"))


def _counts(what: str, locked: int, now: int) -> Iterator[Change]:
    if locked != now:
        yield Change(f"{now} {what}, {locked} in {NAME}", now < locked)


def _extent(system: str) -> tuple[str, int]:
    """``sympy at 3 shapes`` is sympy, and more than at 2."""
    name, _, extent = system.partition(" at ")
    return name, int(extent.partition(" ")[0]) if extent else 0


def _systems(locked: Mapping[str, int], now: Mapping[str, int]) -> Iterator[Change]:
    for name in dict.fromkeys((*locked, *now)):
        if name not in now:
            yield Change(f"no {name}, which {NAME} has", is_loss=True)
        elif name not in locked:
            yield Change(f"{name} too, which {NAME} has not", is_loss=False)
        else:
            yield from _counts(f"shapes by {name}", locked[name], now[name])


def _shapes(grids: Iterable[Sizes]) -> frozenset[frozenset[tuple[str, str | int]]]:
    """Every combination of sizes."""
    return frozenset(
        frozenset(zip(grid, values, strict=True))
        for grid in grids
        for values in product(*(values_of(domain) for domain in grid.values()))
    )


def _number(count: int, noun: str, nouns: str | None = None) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {nouns or noun + 's'}"
