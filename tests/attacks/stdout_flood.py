"""Prints 64 MiB, past Python's own stdout and stderr too."""

import os


def attack(given):
    for i in range(1024):
        os.write(1 + i % 2, b"x" * (1 << 16))
    return
