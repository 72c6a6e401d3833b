"""The formula language: one expression tree; reading, evaluating and printing it are separate modules."""
