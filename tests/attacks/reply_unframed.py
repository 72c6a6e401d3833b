"""Announces an answer of 2^63 bytes to whoever listens, and ends; or writes without end."""

import os


def attack(given):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"R" + (1 << 63).to_bytes(8) + b"x")
            for _ in range(given["pieces"]):
                os.write(descriptor, b"x" * (1 << 16))
        except OSError:
            continue
    os._exit(0)
