"""Traces, and reads the memory of a process by number: here its own."""

import ctypes
import os
import platform

NUMBERS = {"x86_64": (101, 310), "aarch64": (117, 270)}[platform.machine()]


def attack(given):
    libc = ctypes.CDLL(None, use_errno=True)
    source, target = ctypes.create_string_buffer(b"memory"), ctypes.create_string_buffer(6)
    here = (ctypes.c_size_t * 2)(ctypes.addressof(target), 6)
    there = (ctypes.c_size_t * 2)(ctypes.addressof(source), 6)
    done = []
    if libc.syscall(NUMBERS[1], os.getpid(), here, 1, there, 1, 0) == 6:
        done.append("process_vm_readv")
    if libc.syscall(NUMBERS[0], 0, 0, 0, 0) == 0:  # PTRACE_TRACEME
        done.append("ptrace")
    return ", ".join(done) or None
