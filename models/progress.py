"""How a long step of a model tells how far it is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What is being done.

    `SKIPPED` says in its item which source was passed over and why, `WAITING` that another process
    is fetching the same model; neither counts bytes.
    """

    WAITING = "waiting"
    LOOKING = "looking"
    SKIPPED = "skipped"
    DOWNLOADING = "downloading"
    CHECKING = "checking"
    CONVERTING = "converting"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is. `total_bytes` is 0 where the step does not count bytes."""

    step: Step
    item: str
    done_bytes: int = 0
    total_bytes: int = 0


Report = Callable[[Progress], None]
