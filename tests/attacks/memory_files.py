"""Takes memory that no limit of a process counts: a file in memory, written and not mapped."""

import os


def attack(given):
    descriptor = os.memfd_create("x")
    for _ in range(32):
        os.write(descriptor, b"x" * (1 << 20))
    os.close(descriptor)
    return "32 MiB"
