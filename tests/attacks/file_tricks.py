"""Changes the file system in all ways but writing: pipes, modes, times, names, attributes, nameless files."""

import os

OWN = "attack.py"


def attack(given):
    done = []
    for name, attempt in {
        "mkfifo": lambda: os.mkfifo("pipe"),
        "chmod": lambda: os.chmod(OWN, 0o700),
        "utime": lambda: os.utime(OWN),
        "truncate": lambda: os.truncate(OWN, 0),
        "rename": lambda: os.rename(OWN, "other.py"),
        "unlink": lambda: os.unlink("other.py" if os.path.exists("other.py") else OWN),
        "a nameless file": lambda: os.close(os.open(".", os.O_TMPFILE | os.O_RDWR)),
        "the engine": lambda: os.chmod("/engine/refute/cli.py", 0o777),
    }.items():
        try:
            attempt()
            done.append(name)
        except OSError:
            continue
    return ", ".join(done) or None
