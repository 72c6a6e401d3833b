"""Ignores and blocks every signal that it can, then computes for 5 seconds of processor time."""

import signal
import time


def attack(given):
    for number in signal.valid_signals():
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while time.process_time() < 5:
        pass
    return "5 s, whatever the signal"
