"""Lifts the limits on itself."""

import resource


def attack(given):
    done = []
    for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_FSIZE"):
        which = getattr(resource, name)
        _, hard = resource.getrlimit(which)
        if hard == resource.RLIM_INFINITY:
            done.append(f"no {name}")
            continue
        try:
            resource.setrlimit(which, (hard + 1, hard + 1))
            done.append(name)
        except (OSError, ValueError):
            continue
    return ", ".join(done) or None
