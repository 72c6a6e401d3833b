"""Ends a process of the machine by its number; then whoever started this one, and all it may signal."""

import os
import signal


def attack(given):
    try:
        os.kill(given["victim"], signal.SIGTERM)
    except OSError:
        return None
    return f"ended {given['victim']}"
