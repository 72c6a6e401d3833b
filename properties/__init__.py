"""How what is claimed meets what is on trial: the homework's laws, each beside its false twins."""
