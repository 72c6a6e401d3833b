"""What is on trial: plain NumPy implementations of what the three questions ask about, one file a question; and, named
after their libraries, implementations that nobody here wrote, which need optional extras."""
