"""Takes 200 MiB in each of three processes: one limit for each process would not see the sum."""

import os


def attack(given):
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            taken = bytearray(b"x" * (200 << 20))
            os._exit(0 if len(taken) else 1)
        children.append(child)
    ends = [os.waitpid(child, 0)[1] for child in children]
    return "600 MiB" if not any(ends) else None
