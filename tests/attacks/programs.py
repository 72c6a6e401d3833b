"""Starts a program of the machine, and replaces itself by one."""

import os
import subprocess


def attack(given):
    try:
        return subprocess.run(["/usr/bin/id"], capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        pass
    try:
        os.execv("/usr/bin/env", ["env"])
    except OSError:
        return None
