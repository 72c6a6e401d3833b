"""What is kept of the past, up to a limit: the oldest entry is forgotten first."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(OrderedDict[K, V]):
    """A dictionary of at most `most` entries: a new one takes the place of the one that came first.

    An entry that is given another value keeps its age; `move_to_end` makes it young. Threads need a lock.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def __setitem__(self, key: K, value: V) -> None:
        if len(self) >= self.most and key not in self:
            self.popitem(last=False)
        super().__setitem__(key, value)
