"""Leaves a process behind, in a session of its own, that writes a file after all is over."""

import os
import time


def attack(given):
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return "a daemon"
    os.setsid()
    if os.fork():
        os._exit(0)
    os.closerange(0, 64)
    time.sleep(1)
    with open(given["marker"], "w") as stream:
        stream.write("still here")
    os._exit(0)
