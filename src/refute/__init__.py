"""Refute: a property-based verification framework for mathematical claims about machine-learning code."""

__version__ = "0.1.0"
