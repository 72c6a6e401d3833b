"""Takes and touches 512 MiB."""


def attack(given):
    taken = []
    for _ in range(64):
        taken.append(bytearray(b"x" * (8 << 20)))
    return f"{len(taken) * 8} MiB"
