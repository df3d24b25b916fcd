"""`python -m app.cli` is `zhiku`."""

from app.cli import main

main()
