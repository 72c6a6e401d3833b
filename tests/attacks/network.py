"""Connects to a server of the machine, and sends to one by UDP."""

import socket


def attack(given):
    done = []
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_INET, kind) as own:
                own.settimeout(1)
                own.connect(("127.0.0.1", given["port"]))
                own.send(b"x")
            done.append(kind.name)
        except OSError:
            continue
    return ", ".join(done) or None
