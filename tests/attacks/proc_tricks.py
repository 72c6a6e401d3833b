"""Reads what the kernel tells of processes: their environment, memory, mounts and descriptors."""

import os


def attack(given):
    found = []
    for path in ("/proc/1/environ", "/proc/self/mountinfo", "/proc/self/mem", f"/proc/{os.getppid()}/cmdline"):
        try:
            with open(path, "rb"):
                found.append(path)
        except OSError:
            continue
    return ", ".join(found) or None
