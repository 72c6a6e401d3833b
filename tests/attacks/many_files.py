"""Makes 2000 empty files, or folders, which no limit on bytes counts."""

import os


def attack(given):
    for folder in (".", "/tmp", "/dev/shm", "/", "/submission"):
        try:
            for i in range(2000):
                os.mkdir(os.path.join(folder, f"refute-attack-{i}"))
            for i in range(2000):
                os.rmdir(os.path.join(folder, f"refute-attack-{i}"))
            return f"2000 folders in {folder}"
        except OSError:
            continue
    return None
