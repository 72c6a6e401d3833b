"""Writes a file of 20 MiB, wherever it can."""

import os


def attack(given):
    for folder in (".", "/tmp", "/dev/shm", "/", "/submission", "/var/tmp", "/run", "/packages", "/python/lib"):
        path = os.path.join(folder, "refute-attack")
        try:
            with open(path, "wb") as stream:
                stream.writelines(b"x" * (1 << 20) for _ in range(20))
            os.remove(path)
            return f"20 MiB into {folder}"
        except OSError:
            continue
    return None
