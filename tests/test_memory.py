"""What is remembered is what came last, and never more than the limit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from refute.memory import Recent


@given(st.lists(st.integers(0, 9)), st.integers(1, 5))
def test_the_entries_that_came_last_are_kept(keys: list[int], most: int) -> None:
    kept: Recent[int, int] = Recent(most)
    came: list[int] = []
    for time, key in enumerate(keys):
        came = came if key in came[-most:] else [*came, key]
        kept[key] = time
        assert list(kept) == came[-most:]
        assert kept[key] == time


def test_an_entry_that_is_made_young_outlives_one_that_came_later() -> None:
    kept: Recent[str, int] = Recent(2)
    kept["a"], kept["b"] = 1, 2
    kept.move_to_end("a")
    kept["c"] = 3
    assert list(kept) == ["a", "c"]
