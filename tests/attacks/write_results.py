"""Writes a file of results where the grader keeps them, and changes the engine that marks the next submission."""


def attack(given):
    done = []
    for path in (given["marker"], "/engine/refute/sandbox/harness.py", "/packages/numpy/__init__.py"):
        try:
            with open(path, "a") as stream:
                stream.write("\n")
            done.append(path)
        except OSError:
            continue
    return ", ".join(done) or None
