"""Claims: what lies in a domain, which sizes are checked, where a claim was written, what its mistakes replace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, replace
from fractions import Fraction
from inspect import currentframe
from itertools import product
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refute.claims import Choice, Claim, Natural, Real, Sighting, Size
from refute.deciding.check import Checker
from refute.errors import ProjectError, RefuteError
from refute.formula.parse import parse
from refute.project import Project, load

ROOT = Path(__file__).parents[1]
BOUNDS = st.none() | st.fractions(-9, 9)


def nothing(implementation: Any, sizes: Any, draw: Any) -> tuple[()]:
    return ()


def claim(formula: str | Mapping[str, str] = "x", mistakes: Mapping[str, str] | None = None, **more: Any) -> Claim:
    return Claim("c", "x", formula, more.pop("observe", nothing), mistakes or {}, "made up", **more)


@pytest.fixture
def homework(own_imports: None) -> Project:
    return load(ROOT)


# --- Domains ---------------------------------------------------------------------------------------------------------


@given(BOUNDS, BOUNDS, st.fractions(-9, 9))
def test_a_real_lies_strictly_between_its_bounds(low: Fraction | None, high: Fraction | None, value: Fraction) -> None:
    between = (low is None or low < value) and not (high is not None and high <= value)
    assert (value in Real(low, high)) == between


@given(st.fractions())
def test_a_bound_is_not_in_its_domain_and_no_bound_excludes_nothing(bound: Fraction) -> None:
    assert (bound in Real(bound), bound in Real(high=bound), bound in Real()) == (False, False, True)


@given(st.integers(-20, 20), st.integers(0, 20))
def test_a_natural_is_checked_from_end_to_end(low: int, more: int) -> None:
    values = list(Natural(low, low + more).values())
    assert (values[0], values[-1], len(values)) == (low, low + more, more + 1)


def test_every_option_of_a_choice_is_checked() -> None:
    assert list(Choice(("all", 3, "last")).values()) == ["all", 3, "last"]


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        (Natural(2, 4), "whole number 2..4"),
        (Choice(("all", 3)), "all or 3"),
        (Real(), "real in (-∞, ∞)"),
        (Real(0, Fraction(1, 2)), "real in (0, 1/2)"),
    ],
)
def test_a_domain_says_what_it_is(domain: Any, text: str) -> None:
    assert str(domain) == text


# --- Sizes -----------------------------------------------------------------------------------------------------------

GRID: Mapping[str, Size] = {"T": Natural(2, 4), "loss": Choice(("all", "last")), "D": Natural(1, 3)}


def test_every_combination_of_sizes_is_checked_smallest_first() -> None:
    sizes = [tuple(size.values()) for size in claim(sizes=GRID).all_sizes()]
    assert sizes == list(product((2, 3, 4), ("all", "last"), (1, 2, 3)))
    assert claim(sizes=GRID).typical_sizes == {"T": 4, "loss": "last", "D": 3}


def test_grids_are_checked_one_after_the_other() -> None:
    two = claim(sizes=({"D": Natural(1, 2)}, {"G": Natural(5, 6)}))
    assert list(two.all_sizes()) == [{"D": 1}, {"D": 2}, {"G": 5}, {"G": 6}]
    assert two.typical_sizes == {"D": 2}


def test_a_claim_without_sizes_has_one_case() -> None:
    assert list(claim().all_sizes()) == [{}]


def is_accepted(formula: str, n: Natural) -> bool:
    """Whether the claim that n is the formula stands."""

    def scene(implementation: Any, sizes: Any, draw: Any) -> list[Sighting]:
        return [Sighting("c", sizes["n"], sizes, "n")]

    try:
        return Checker().check(claim(formula, sizes={"n": n}, observe=scene), SimpleNamespace()).accepted
    except RefuteError:
        return False


def test_a_domain_without_values_is_refused() -> None:
    assert is_accepted("n", Natural(5, 5))
    assert not is_accepted("n + 1", Natural(5, 5))
    with pytest.raises(ProjectError, match="a domain is empty"):
        Natural(5, 2)
    with pytest.raises(ProjectError, match="a choice has no options"):
        Choice(())


# --- Claims ----------------------------------------------------------------------------------------------------------


def this_line() -> int:
    frame = currentframe()
    assert isinstance(frame, FrameType)
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def test_a_claims_place_is_where_it_was_written() -> None:
    written = Claim("c", "x", "x", nothing, {}, "made up")
    assert written.place == f"{__file__}:{this_line() - 1}"
    assert Claim("c", "x", "x", nothing, {}, "made up").place != written.place


def test_a_claim_of_several_lines_is_placed_at_its_first() -> None:
    first = this_line() + 1
    written = Claim(
        "c",
        ask="x",
        formula="x",
        observe=nothing,
        mistakes={},
        source="made up",
    )
    assert written.place == f"{__file__}:{first}"


def test_equal_claims_in_different_places_are_equal() -> None:
    one = Claim("c", "x", "x", nothing, {}, "made up")
    other = Claim("c", "x", "x", nothing, {}, "made up")
    assert one == other
    assert one != replace(other, formula="y")


@pytest.mark.parametrize("record", [claim(), Natural(1, 2), Choice((1,)), Real(), Sighting("c", 1, {}, "x")])
def test_what_is_claimed_cannot_be_changed(record: Any) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(record, next(iter(record.__dataclass_fields__)), None)


def test_a_claim_with_one_formula_has_one_nameless_part() -> None:
    assert claim("x^2").formulas == {"": "x^2"}
    assert claim({"a": "x", "b": "y"}).formulas == {"a": "x", "b": "y"}


def test_a_mistake_takes_the_place_of_its_own_part() -> None:
    one = claim("x", {"x + 1": "one more"})
    assert list(one.mistaken_formulas()) == [("x + 1", {"": "x + 1"}, "one more")]
    several = claim({"a": "x", "b: c": "y"}, {"a: y": "b for a", "b: c: z": "none"})
    assert list(several.mistaken_formulas()) == [
        ("a: y", {"a": "y"}, "b for a"),
        ("b: c: z", {"b: c": "z"}, "none"),
    ]


def test_every_mistake_of_the_homework_is_another_formula_for_a_part_that_exists(homework: Project) -> None:
    for claim in homework.claims:
        right = {**claim.formulas, **dict(zip(["growth"], claim.growth.values(), strict=False))}
        for _, formulas, _ in claim.mistaken_formulas():
            assert all(parse(wrong) != parse(right[part]) for part, wrong in formulas.items())
    assert sum(len(claim.mistakes) for claim in homework.claims) > len(homework.claims)


def test_every_claim_of_the_homework_is_placed_in_its_spec(homework: Project) -> None:
    folders = {Path(claim.place.rpartition(":")[0]).parent for claim in homework.claims}
    assert folders == {ROOT / "specs"}
