"""What all properties share: the Hypothesis profile, and one checker whose runs the claims share."""

from __future__ import annotations

import pytest
from hypothesis import settings

from refute.deciding.check import Checker

settings.register_profile("refute", deadline=None)  # how long an example takes depends on the machine's load
settings.load_profile("refute")


@pytest.fixture(scope="session")
def checker() -> Checker:
    """Checks as `refute check` does, and keeps the runs that several claims look at."""
    return Checker()
