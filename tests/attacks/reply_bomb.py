"""Answers with 8 MiB."""


def attack(given):
    return "x" * (8 << 20)
