"""What both stacks are given: documents cut into chunks, the same for all."""

import base64
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from eval.collection import document_name, passage_items
from eval.errors import EvalError
from eval.pools import Pool, pooled
from eval.records import Question
from eval.sets import Passage, PassageSet
from eval.stock.filler import recombined
from ingest.chunk import chunk_blocks, passage
from ingest.errors import IngestError
from ingest.parse import parse
from ingest.pipeline import RESERVED_TOKENS
from ingest.records import Source
from ingest.sources import discover, read_source
from models.encoder import CountingEncoder
from stores.records import document_id

_SEED: Final = 10
_TABLE: Final = "|---"
_MOST_BYTES: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A document and its chunks, as they are encoded: context, then text."""

    source: Source
    chunks: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the id that relevance is judged by."""
        return document_name(self.source.uri)


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions by set, and the passages that they are asked of, those that answer them first."""

    questions: Mapping[str, tuple[Question, ...]]
    passages: tuple[Passage, ...]
    answers: int
    """How many of the passages answer a question."""

    @property
    def others(self) -> list[Passage]:
        """Return prose that answers no question."""
        return [each for each in self.passages[self.answers :] if _TABLE not in each.text]


def choose(sets: Sequence[PassageSet], *, most: int) -> Asked:
    """Put the passages of the sets together and take at most `most` questions of each, evenly."""
    made = pooled(sorted(sets, key=lambda each: each.name), Pool.ALL)
    graded = {
        name: [question for _, question in listed if question.grades]
        for name, listed in made.questions.items()
    }
    questions = {name: _evenly(listed, most) for name, listed in graded.items() if listed}
    wanted = {answer for listed in questions.values() for each in listed for answer in each.grades}
    passages = list(chain.from_iterable(made.collections.values()))
    random.Random(_SEED).shuffle(passages)
    answers = [each for each in passages if each.id in wanted]
    others = [each for each in passages if each.id not in wanted]
    return Asked(questions, (*answers, *others), len(answers))


def _evenly(questions: Sequence[Question], most: int) -> tuple[Question, ...]:
    step = max(1.0, len(questions) / most)
    return tuple(questions[int(number * step)] for number in range(min(most, len(questions))))


class Cutter:
    """Cuts documents as the pipeline does."""

    def __init__(self, encoder: CountingEncoder, *, target_tokens: int) -> None:
        self._encoder = encoder
        self._target_tokens = target_tokens

    def entry(self, source: Source) -> Entry:
        """Return a document with its chunks; raises `IngestError` where it cannot be read."""
        parsed = parse(source)
        chunks = chunk_blocks(
            parsed.title,
            parsed.blocks,
            document_id=document_id("stock", source.uri),
            revision=1,
            count_tokens=self._encoder.count_tokens,
            target_tokens=self._target_tokens,
            max_tokens=self._encoder.max_tokens - RESERVED_TOKENS,
        )
        return Entry(source, tuple(passage(each.context, each.text) for each in chunks))


def entries(asked: Asked, cutter: Cutter, *, texts: Path | None) -> Iterator[Entry]:
    """Yield documents without end: the passages, the files in `texts`, then recombined passages.

    A file in `texts` that cannot be read is left out.
    """
    passages = (item.source for item in passage_items(asked.passages))
    yield from map(cutter.entry, passages)
    if texts is not None:
        yield from _file_entries(texts, cutter)
    made = (item.source for each in recombined(asked.others) for item in passage_items([each]))
    yield from map(cutter.entry, made)


def _file_entries(folder: Path, cutter: Cutter) -> Iterator[Entry]:
    root = folder.resolve()
    for path in discover([folder]):
        try:
            read = read_source(path, max_bytes=_MOST_BYTES)
            named = passage_items([Passage(f"texts/{path.relative_to(root)}", "", "-", "en")])
            yield cutter.entry(Source(named[0].source.uri, path.name, read.data))
        except IngestError:
            continue


def taken(found: Iterable[Entry], *, chunks: int, answers: int) -> list[Entry]:
    """Return the first entries that have so many chunks together, the last one left out.

    Raises
    ------
    EvalError
        The passages that answer do not fit.
    """
    kept: list[Entry] = []
    left = chunks
    for entry in found:
        left -= len(entry.chunks)
        if left < 0:
            break
        kept.append(entry)
    if len(kept) < answers:
        raise EvalError(
            f"{chunks} chunks do not even hold the {answers} passages that answer: "
            "ask less with --questions, or take more --chunks"
        )
    return kept


def write_entries(path: Path, kept: Iterable[Entry]) -> None:
    """Write entries to a file that another process reads."""
    with path.open("w", encoding="utf-8") as file:
        for entry in kept:
            row = {
                "uri": entry.source.uri,
                "filename": entry.source.filename,
                "data": base64.b64encode(entry.source.data).decode(),
                "chunks": entry.chunks,
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_entries(path: Path) -> Iterator[Entry]:
    """Read entries, one at a time."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            source = Source(row["uri"], row["filename"], base64.b64decode(row["data"]))
            yield Entry(source, tuple(row["chunks"]))
