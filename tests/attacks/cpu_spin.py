"""Computes for 3 seconds of processor time."""

import time


def attack(given):
    while time.process_time() < 3 and time.monotonic():
        pass
    return "3 s"
