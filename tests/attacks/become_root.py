"""Becomes root: by asking, and by the programs that run as their owner."""

import os
import stat


def attack(given):
    found = []
    try:
        os.setuid(0)
        found.append("setuid")
    except OSError:
        pass
    for folder in ("/usr/bin", "/bin", "/usr/lib/openssh", "/usr/libexec", "/python/bin"):
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            if (
                os.stat(os.path.join(folder, name), follow_symlinks=False).st_mode & stat.S_ISUID
                and not no_new_privileges()
            ):
                found.append(name)
    return ", ".join(found[:5]) or None


def no_new_privileges():
    import ctypes

    return ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 1
