"""What the reranker learns from: a question, windows that answer it, and windows that do not."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TrainingList:
    """A question with candidates.

    Attributes
    ----------
    source
        Folder of the set, or `own`.
    crossing
        Languages of question and passage: `zh-zh`, `zh-en`, `en-zh`, `en-en`.
    passages
        Ids of the passages that answer; their windows are no negatives of this question.
    positives
        Windows that answer it, the likeliest first.
    negatives
        Windows that our own search finds for it and that do not answer, and the passages they are
        of.
    """

    source: str
    question: str
    crossing: str
    passages: tuple[str, ...]
    positives: tuple[str, ...]
    negatives: tuple[str, ...]
    negative_passages: tuple[str, ...]


_TUPLES = ("passages", "positives", "negatives", "negative_passages")


def write_lists(file: Path, lists: Iterable[TrainingList]) -> int:
    """Write one list a line; returns how many there were."""
    count = 0
    unfinished = file.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8") as lines:
        for each in lists:
            lines.write(json.dumps(asdict(each), ensure_ascii=False) + "\n")
            count += 1
    unfinished.replace(file)
    return count


def read_lists(file: Path) -> Iterator[TrainingList]:
    """Read what `write_lists` wrote."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield TrainingList(
                source=row["source"],
                question=row["question"],
                crossing=row["crossing"],
                **{name: tuple(row[name]) for name in _TUPLES},
            )
