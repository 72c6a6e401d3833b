"""Deciding: does a claim's formula equal what is observed? The answer is a `Verdict` with its evidence."""
