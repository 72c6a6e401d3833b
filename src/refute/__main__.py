"""``python -m refute`` is the command `refute`."""

from refute.cli import main

main()
