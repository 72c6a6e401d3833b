"""Looks for the files of the grader, of other students, and of the machine."""

import os


def attack(given):
    found = []
    for path in (
        given["secret"],
        "/etc/passwd",
        "/etc/shadow",
        "/proc/1/root/etc/passwd",
        "/engine/refute/_catalogue/specs",
    ):
        try:
            with open(path, "rb") as stream:
                stream.read(100)
            found.append(path)
        except OSError:
            continue
    for folder, _, files in os.walk("/submission"):
        found += [os.path.join(folder, name) for name in files if name not in given["own"]]
    for folder in ("/root", "/home", "/tmp", "/var", "/work", "/proc", "/sys", "/dev", "/old_root"):
        if os.path.isdir(folder):
            found.append(folder)
    return ", ".join(found) or None
