"""How much one file may take of the machine."""

from dataclasses import dataclass
from typing import Final

MAX_TEXT_CHARACTERS: Final = 5_000_000
"""Text of one document, about 2,500 pages; more is a bomb, or a table that no one reads."""
MAX_TEXT_BLOCKS: Final = 200_000
"""Paragraphs of one document: each takes memory beside its text."""
MAX_ANSWER_BYTES: Final = 64 << 20
"""Of an answer on its way to the parent: that much text in UTF-8 and JSON, and its structure."""
MAX_TEMPORARY_BYTES: Final = 64 << 20
"""Of one file that a parser writes into its temporary folder."""
_BUSY: Final = 3
"""Seconds of wall time for one of processor time, where other work shares the machine."""
FILES_PER_CHILD: Final = 200
"""A child is replaced after so many, so that what a parser leaks does not grow."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings say of one file.

    Attributes
    ----------
    seconds
        Of processor time; parsers run on one core.
    memory_bytes
        The most that a child may hold: the interpreter, the parsers, the file and its text.
    setting
        The settings that say so are called `<setting>_seconds` and `<setting>_megabytes`.
    """

    seconds: float
    memory_bytes: int
    setting: str = "ingest.parse"

    @property
    def wall_seconds(self) -> float:
        """Seconds of wall time: longer, since a busy machine must not make a file suspicious."""
        return _BUSY * self.seconds
