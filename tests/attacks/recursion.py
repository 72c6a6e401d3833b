"""Runs out of the C stack."""

import sys


def attack(given):
    sys.setrecursionlimit(1 << 30)

    class Deep:
        def __repr__(self):
            return repr(self)

    return repr(Deep())
