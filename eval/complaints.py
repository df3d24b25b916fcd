"""How often the rules find the class of a complaint: `python -m eval.complaints`.

On messages of our own (`data/eval/service/messages.yaml`); no model is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.messages import Lang
from generation.service.classes import rule
from generation.service.cues import load_cues
from generation.service.records import ComplaintClass

MESSAGES: Final = Path(__file__).parents[1] / "data" / "eval" / "service" / "messages.yaml"


class LabelledMessage(BaseModel):
    """What a customer writes, and the class that we read in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    half: Literal["tuning", "reporting"]
    language: Lang
    complaint_class: ComplaintClass = Field(alias="class")
    text: str


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    messages: tuple[LabelledMessage, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A message, the class that the rules find, and whether they are sure of it."""

    message: LabelledMessage
    found: ComplaintClass
    decided: bool

    @property
    def right(self) -> bool:
        """Tell whether the class is the one that we read."""
        return self.found is self.message.complaint_class


def load_messages(path: Path = MESSAGES) -> tuple[LabelledMessage, ...]:
    """Read the messages; a malformed file raises `ValidationError`."""
    return _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).messages


def judge(messages: Iterable[LabelledMessage]) -> list[Judged]:
    """Return what the rules make of each message."""
    cues = load_cues()
    rulings = ((each, rule(each.text, cues)) for each in messages)
    return [Judged(each, ruling.complaint_class, ruling.decided) for each, ruling in rulings]


def accuracy(judged: Sequence[Judged]) -> float:
    """Return the share of messages whose class is found; NaN without messages."""
    return sum(each.right for each in judged) / len(judged) if judged else float("nan")


def _print(judged: Sequence[Judged], console: Console) -> None:
    table = Table("half", "language", "messages", "right", "accuracy", "undecided")
    for half in ("tuning", "reporting"):
        for lang in ("zh", "en"):
            own = [e for e in judged if (e.message.half, e.message.language) == (half, lang)]
            right, undecided = sum(e.right for e in own), sum(not e.decided for e in own)
            row = (half, lang, len(own), right, f"{accuracy(own):.3f}", undecided)
            table.add_row(*map(str, row))
    console.print(table)
    for each in judged:
        if not each.right:
            line = f"{each.message.complaint_class} taken for {each.found}: {each.message.text}"
            console.print(Text(line))


if __name__ == "__main__":
    _print(judge(load_messages()), Console())
