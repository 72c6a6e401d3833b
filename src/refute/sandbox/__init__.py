"""Other people's code: recorded in a box of its own, replayed outside of it in any number system."""
