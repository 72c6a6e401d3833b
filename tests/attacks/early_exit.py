"""Ends the process with exit code 0, before any answer."""

import os


def attack(given):
    os._exit(0)
