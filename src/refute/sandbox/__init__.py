"""Runs untrusted code: a box of its own for each submission, and one pipe out of it."""
