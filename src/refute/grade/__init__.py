"""Marking what students hand in: documents are read, their answers decided, and points awarded."""
