"""Starts 40 threads that wait."""

import threading


def attack(given):
    threading.stack_size(1 << 18)
    done = threading.Event()
    started = 0
    try:
        for _ in range(40):
            threading.Thread(target=done.wait, daemon=True).start()
            started += 1
    finally:
        done.set()
    return f"{started} threads"
