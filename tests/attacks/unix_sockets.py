"""Connects to the machine's sockets in its file system, to abstract ones, and to its hypervisor."""

import socket


def attack(given):
    done = []
    for family, address in (
        (socket.AF_UNIX, given["socket"]),
        (socket.AF_UNIX, "\0" + given["abstract"]),
        (socket.AF_VSOCK, (socket.VMADDR_CID_HOST, 1)),
    ):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as own:
                own.settimeout(1)
                done.append(f"a socket of {family.name}")
                own.connect(address)
            done.append(repr(address))
        except OSError:
            continue
    return ", ".join(done) or None
