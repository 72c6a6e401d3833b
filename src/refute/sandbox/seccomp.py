"""The filter of system calls, assembled for the kernel's own classic BPF machine.

What numerical Python has no use for is refused with EPERM, so that Python raises PermissionError. Calls newer than
the list are answered as an older kernel would, with ENOSYS, and so is clone3, whose flags a filter cannot see: the C
library then uses clone. A table and two hundred instructions need no binding to libseccomp; where there is one, the
tests ask it whether the numbers are right.
"""

from __future__ import annotations

import platform
import struct
from collections.abc import Mapping
from errno import ENOSYS, EPERM
from types import MappingProxyType
from typing import NamedTuple

from refute.errors import UsageError


class Machine(NamedTuple):
    """An architecture: its AUDIT_ARCH word, and the numbers of its system calls."""

    audit: int
    calls: Mapping[str, int]


def _numbers(text: str) -> dict[str, int]:
    words = text.split()
    return dict(zip(words[::2], map(int, words[1::2]), strict=True))


LAST = 439  # faccessat2; a call beyond it does not exist in a box
SHARED = _numbers(  # new calls have the same number everywhere
    """
    pidfd_send_signal 424 io_uring_setup 425 io_uring_enter 426 io_uring_register 427 open_tree 428 move_mount 429
    fsopen 430 fsconfig 431 fsmount 432 fspick 433 pidfd_open 434 clone3 435 pidfd_getfd 438
    """
)
X86_64 = _numbers(
    """
    shmget 29 shmat 30 shmctl 31 socket 41 socketpair 53 fork 57 vfork 58 semget 64 semop 65 semctl 66 shmdt 67
    msgget 68 msgsnd 69 msgrcv 70 msgctl 71 ptrace 101 syslog 103 personality 135 mlock 149 mlockall 151 vhangup 153
    modify_ldt 154 pivot_root 155 adjtimex 159 chroot 161 acct 163 settimeofday 164 mount 165 umount2 166 swapon 167
    swapoff 168 reboot 169 sethostname 170 setdomainname 171 iopl 172 ioperm 173 init_module 175 delete_module 176
    quotactl 179 semtimedop 220 clock_settime 227 mbind 237 set_mempolicy 238 get_mempolicy 239 mq_open 240
    mq_unlink 241 mq_timedsend 242 mq_timedreceive 243 mq_notify 244 mq_getsetattr 245 kexec_load 246 add_key 248
    request_key 249 keyctl 250 ioprio_set 251 inotify_init 253 migrate_pages 256 unshare 272 vmsplice 278
    move_pages 279 inotify_init1 294 perf_event_open 298 fanotify_init 300 name_to_handle_at 303
    open_by_handle_at 304 clock_adjtime 305 setns 308 process_vm_readv 310 process_vm_writev 311 kcmp 312
    finit_module 313 memfd_create 319 kexec_file_load 320 bpf 321 execveat 322 userfaultfd 323 mlock2 325 clone 56
    ioctl 16 rt_sigaction 13
    """
)
AARCH64 = _numbers(
    """
    umount2 39 mount 40 pivot_root 41 chroot 51 vhangup 58 quotactl 60 vmsplice 75 acct 89 personality 92 unshare 97
    kexec_load 104 init_module 105 delete_module 106 clock_settime 112 syslog 116 ptrace 117 reboot 142
    sethostname 161 setdomainname 162 settimeofday 170 adjtimex 171 mq_open 180 mq_unlink 181 mq_timedsend 182
    mq_timedreceive 183 mq_notify 184 mq_getsetattr 185 msgget 186 msgctl 187 msgrcv 188 msgsnd 189 semget 190
    semctl 191 semtimedop 192 semop 193 shmget 194 shmctl 195 shmat 196 shmdt 197 socket 198 socketpair 199
    add_key 217 request_key 218 keyctl 219 swapon 224 swapoff 225 mlock 228 mlockall 230 mbind 235 get_mempolicy 236
    set_mempolicy 237 migrate_pages 238 move_pages 239 perf_event_open 241 fanotify_init 262 name_to_handle_at 264
    open_by_handle_at 265 clock_adjtime 266 setns 268 process_vm_readv 270 process_vm_writev 271 kcmp 272
    finit_module 273 memfd_create 279 bpf 280 execveat 281 userfaultfd 282 mlock2 284 kexec_file_load 294
    ioprio_set 30 inotify_init1 26 clone 220 ioctl 29 rt_sigaction 134
    """
)
MACHINES: Mapping[str, Machine] = MappingProxyType(
    {"x86_64": Machine(0xC000003E, X86_64 | SHARED), "aarch64": Machine(0xC00000B7, AARCH64 | SHARED)}
)

CLONE_THREAD = 0x00010000
TIOCSTI, TIOCLINUX = 0x5412, 0x541C  # both put characters into the input of a terminal
SIGXCPU = 24  # whoever may not handle it ends by it, and so the parent sees why

LOAD, EQUAL, GREATER, BITS, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST, SECOND = 0, 4, 16, 24  # offsets in struct seccomp_data; of arguments, the low words
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000


def program(machine: str = "") -> bytes:
    """The filter for a machine, by default this one, as `bwrap --seccomp` reads it.

    Raises UsageError for a machine of which we do not know the numbers of the system calls.
    """
    name = machine or platform.machine()
    if name not in MACHINES:
        raise UsageError(
            "code cannot be isolated on this machine", expected=f"one of {', '.join(MACHINES)}", got=repr(name)
        )
    audit, numbers = MACHINES[name]
    looked_into = {"clone", "ioctl", "rt_sigaction", "clone3"}
    return b"".join(
        (
            _word(LOAD, ARCHITECTURE),
            _jump(EQUAL, audit, over=1),
            _word(RETURN, KILL),
            _word(LOAD, NUMBER),
            _answer_if(GREATER, LAST, ERRNO | ENOSYS),  # the calls of the x32 ABI are among these
            _answer_if(EQUAL, numbers["clone3"], ERRNO | ENOSYS),
            *(_answer_if(EQUAL, numbers[call], ERRNO | EPERM) for call in sorted(numbers.keys() - looked_into)),
            *_examine(numbers["clone"], FIRST, _jump(BITS, CLONE_THREAD, over=1), _word(RETURN, ERRNO | EPERM)),
            *_examine(numbers["rt_sigaction"], FIRST, _answer_if(EQUAL, SIGXCPU, ERRNO | EPERM)),
            *_examine(numbers["ioctl"], SECOND, *(_answer_if(EQUAL, c, ERRNO | EPERM) for c in (TIOCSTI, TIOCLINUX))),
            _word(RETURN, ALLOW),
        )
    )


def _word(code: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, 0, 0, value)


def _jump(code: int, value: int, *, over: int = 0, otherwise: int = 0) -> bytes:
    """Skip so many instructions if it holds, else so many."""
    return struct.pack("=HBBI", code, over, otherwise, value)


def _answer_if(code: int, value: int, answer: int) -> bytes:
    return _jump(code, value, otherwise=1) + _word(RETURN, answer)


def _examine(number: int, argument: int, *refusals: bytes) -> tuple[bytes, ...]:
    """Of one system call, look at an argument; what is not refused is allowed."""
    body = _word(LOAD, argument) + b"".join(refusals) + _word(RETURN, ALLOW)
    return _jump(EQUAL, number, otherwise=len(body) // 8), body
