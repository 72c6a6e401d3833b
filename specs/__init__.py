"""What is claimed: one file a question, and the scenes in which implementations are observed."""
