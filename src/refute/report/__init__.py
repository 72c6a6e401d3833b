"""Reports: verdicts for people and for programs."""
