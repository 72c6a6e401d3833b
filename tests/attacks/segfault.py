"""Reads address 0."""

import ctypes


def attack(given):
    print("before", flush=True)
    return ctypes.string_at(0)
