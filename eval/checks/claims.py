"""Right statements with the passages that bear them out: our own documents' words, and others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from eval.collection import Item, document_name, own_items
from eval.own_set import QUESTIONS, QuestionIn, read_file
from generation.attribution import Attribution
from ingest.chunk import chunk_blocks
from ingest.parse import parse
from models.encoder import CountingEncoder
from models.normalise import normalise

_LEAST_CHARACTERS: Final = 8
_MOST_CHARACTERS: Final = 200
_TARGET_TOKENS: Final = 200
_RESERVED_TOKENS: Final = 10
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Claim:
    """A right statement.

    Attributes
    ----------
    is_verbatim
        It is a sentence of its passages; else it is said in other words.
    question
        What it answers; empty where it stands alone.
    passages
        What it has to be cited from, each with its title and headings.
    """

    text: str
    is_verbatim: bool
    question: str
    passages: tuple[str, ...]

    def attribution(self) -> Attribution:
        """Return what checks it, and what is made of it, against its passages."""
        return Attribution.read(self.question, dict(enumerate(self.passages, start=1)))


def own_claims(encoder: CountingEncoder, folder: Path = QUESTIONS) -> Iterator[Claim]:
    """Yield, for each of our questions, its answer and the sentences that the answer stands in.

    A question is left out if the parser leaves one of these sentences in no single chunk.
    """
    chunks = {document_name(item.source.uri): _chunks(item, encoder) for item in own_items()}
    quoted: set[str] = set()
    for path in sorted(folder.glob("*.yaml")):
        for question in read_file(path).questions:
            yield from _claims(question, chunks, quoted)


def _claims(
    question: QuestionIn, chunks: Mapping[str, Sequence[str]], quoted: set[str]
) -> Iterator[Claim]:
    places = [
        (each.quote.strip(), _holding(chunks[each.document], each.quote)) for each in question.gold
    ]
    held = tuple(dict.fromkeys(passage for _, passage in places if passage))
    if question.answer and all(passage for _, passage in places):
        asked = " ".join((*(turn.question for turn in question.history), question.question))
        yield Claim(question.answer, is_verbatim=False, question=asked, passages=held)
    for quote, passage in places:
        is_prose = _LEAST_CHARACTERS < len(quote) < _MOST_CHARACTERS and "|" not in quote
        if is_prose and passage and quote not in quoted:
            quoted.add(quote)
            yield Claim(quote, is_verbatim=True, question="", passages=(passage,))


def _chunks(item: Item, encoder: CountingEncoder) -> list[str]:
    parsed = parse(item.source)
    chunks = chunk_blocks(
        parsed.title,
        parsed.blocks,
        document_id=_NOBODY,
        revision=1,
        count_tokens=encoder.count_tokens,
        target_tokens=_TARGET_TOKENS,
        max_tokens=encoder.max_tokens - _RESERVED_TOKENS,
    )
    return [f"{chunk.context}\n{chunk.text}" for chunk in chunks]


def _holding(chunks: Sequence[str], quote: str) -> str:
    wanted = _letters(quote)
    return next((chunk for chunk in chunks if wanted in _letters(chunk)), "")


def _letters(text: str) -> str:
    return "".join(character for character in normalise(text) if character not in " |\n")
