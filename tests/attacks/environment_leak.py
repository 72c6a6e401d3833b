"""Looks for a secret in the environment, as Python sees it and as C does."""

import ctypes
import os


def attack(given):
    found = [name for name in os.environ if name == given["variable"]]
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_char_p
    if libc.getenv(given["variable"].encode()) is not None:
        found.append("getenv")
    return ", ".join(found) or None
