"""Takes memory that no limit of a process counts: a System V segment of 64 MiB."""

import ctypes


def attack(given):
    libc = ctypes.CDLL(None, use_errno=True)
    segment = libc.shmget(0, 64 << 20, 0o1600)
    if segment < 0:
        return None
    libc.shmctl(segment, 0, None)
    return "64 MiB"
