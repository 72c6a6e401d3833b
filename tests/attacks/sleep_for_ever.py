"""Sleeps for as long as it is told, using no processor time."""

import time


def attack(given):
    end = time.monotonic() + given["seconds"]
    while time.monotonic() < end:
        time.sleep(0.05)
    return f"{given['seconds']} s"
