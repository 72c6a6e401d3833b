"""Profiles: how hard claims and laws are tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from refute.claims import Choice, Claim, Grid, Size
from refute.deciding.identity import Options


@dataclass(frozen=True)
class Profile:
    """Decimal digits for balls and mpmath, and the least number of cases for each shape. With `smallest` only so many
    of the smallest values of each size are checked. Unless it `tries_mistakes`, it is not checked that a claim's
    mistakes are refuted, nor what SymPy says of it."""

    name: str
    digits: int
    cases: int
    smallest: int | None = None
    tries_mistakes: bool = True

    def options(self, seed: int) -> Options:
        """The options of deciding, with a seed of every random choice."""
        return Options(self.digits, self.cases, seed)

    def fitted(self, claim: Claim) -> Claim:
        """The part of a claim that is checked."""
        changes: dict[str, Any] = {}
        if not self.tries_mistakes:
            changes |= {"mistakes": {}, "blank": None, "symbolic": ()}
        if self.smallest is not None:
            changes["sizes"] = tuple(self.fitted_grid(grid) for grid in claim.grids)
        return claim.but(**changes)

    def fitted_grid(self, grid: Grid) -> Grid:
        """The sizes that are checked."""
        return {name: self._fitted_size(size) for name, size in grid.items()}

    def _fitted_size(self, size: Size) -> Size:
        if self.smallest is None or isinstance(size, Choice):
            return size
        return size.up_to(size.low + self.smallest - 1)

    def words(self) -> str:
        """What it does, in a few words."""
        parts = [f"{self.digits} digits", f"{self.cases} case{'' if self.cases == 1 else 's'} or more for each shape"]
        if self.smallest is not None:
            parts.append(f"the {self.smallest} smallest values of each size only")
        if not self.tries_mistakes:
            parts.append("mistakes are not tried")
        return f"{self.name}: {', '.join(parts)}"


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("quick", digits=20, cases=1, smallest=2, tries_mistakes=False),
        Profile("ci", digits=50, cases=1),
        Profile("thorough", digits=100, cases=4),
    )
}
