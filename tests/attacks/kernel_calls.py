"""Asks the kernel for what has had holes: each answer that is not a refusal counts."""

import ctypes
import errno
import platform

NUMBERS = {
    "x86_64": {"bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "keyctl": 250, "msgget": 68, "kcmp": 312},
    "aarch64": {"bpf": 280, "userfaultfd": 282, "perf_event_open": 241, "keyctl": 219, "msgget": 186, "kcmp": 272},
}[platform.machine()] | {"io_uring_setup": 425, "fsopen": 430, "pidfd_open": 434}
REFUSED = {errno.EPERM, errno.ENOSYS}


def attack(given):
    libc = ctypes.CDLL(None, use_errno=True)
    done = []
    for name, number in NUMBERS.items():
        ctypes.set_errno(0)
        if libc.syscall(number, 99, 0, 0, 0, 0) >= 0 or ctypes.get_errno() not in REFUSED:
            done.append(name)
    return ", ".join(done) or None
