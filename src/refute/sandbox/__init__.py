"""Other people's code: recorded inside a box on tape, replayed outside of it in any number system."""
