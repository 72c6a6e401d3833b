"""Walks the frames and all objects for the oracle."""

import gc
import sys


def attack(given):
    wanted = given["wanted"][::-1]
    frame = sys._getframe().f_back
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if isinstance(value, str) and wanted in value:
                return "in a frame"
        frame = frame.f_back
    for thing in gc.get_objects():
        if type(thing) is dict and any(type(value) is str and wanted in value for value in list(thing.values())):
            return "in an object"
    return None
