"""The command line: `zhiku`."""

from app.cli.main import main

__all__ = ["main"]
