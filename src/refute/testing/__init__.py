"""Laws of one's own in a test file: equations that hold for all values of their variables, decided like claims."""

from __future__ import annotations

from refute.claims import Choice, Natural, Real
from refute.testing.laws import assume, law, reals

__all__ = ["Choice", "Natural", "Real", "assume", "law", "reals"]
