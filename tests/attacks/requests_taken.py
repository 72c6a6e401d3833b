"""Takes from its standard input, where the harness reads, what there is and what comes."""

import os
import sys


def attack(given):
    assert sys.stdin.read() == ""
    return os.read(0, 1 << 16).decode()
