"""Starts processes that start no others: at most 40, each gone after a second."""

import os
import time


def attack(given):
    children = []
    for _ in range(40):
        child = os.fork()
        if child == 0:
            time.sleep(0.2)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    return f"{len(children)} processes"
