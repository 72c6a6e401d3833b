"""Makes namespaces, in which it would be root, and mounts."""

import ctypes
import os
import platform

CLONE_NEWUSER, CLONE_NEWNS, SIGCHLD = 0x10000000, 0x00020000, 17
NUMBERS = {"x86_64": {"clone": 56, "setns": 308}, "aarch64": {"clone": 220, "setns": 268}}[platform.machine()]


def attack(given):
    libc = ctypes.CDLL(None, use_errno=True)
    done = []
    child = libc.syscall(NUMBERS["clone"], CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child > 0:
        os.waitpid(child, 0)
        done.append("clone")
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0:
        done.append("unshare")
        if libc.mount(b"none", b"/", None, 1 << 18 | 1 << 14, None) == 0:  # private, in the new namespace alone
            done.append("mount")
    return ", ".join(done) or None
