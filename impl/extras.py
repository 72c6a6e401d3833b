"""Libraries that only some of the implementations need: each is an optional extra of this package."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray


@contextmanager
def extra(name: str, **settings: str) -> Iterator[None]:
    """Run the body, which imports what the extra `name` installs.

    Until then the `settings` are environment variables, but for those that have a value already. Raises
    ModuleNotFoundError, which says how to install it, if it is not installed.
    """
    unset = {variable: value for variable, value in settings.items() if variable not in os.environ}
    os.environ.update(unset)
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{error.name} is not installed; for example: pip install 'refute[{name}]'", name=error.name
        ) from error
    finally:
        for variable in unset:
            os.environ.pop(variable, None)


def floats(values: Any) -> NDArray[Any]:
    """The values, which compiled code can compute with, as an array. Raises TypeError for anything but floats."""
    array = np.asarray(values)
    if array.dtype.kind != "f":
        raise TypeError(f"expected floats, got an array of {array.dtype}")
    return array
