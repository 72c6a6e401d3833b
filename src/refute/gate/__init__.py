"""What `refute gate` asks beyond each claim: that it has properties, that they say something, that no implementation is
left out, and that nothing is weaker than the committed refute.lock says."""
