"""What is on trial: plain NumPy implementations of what the three questions ask about, one file a question."""
