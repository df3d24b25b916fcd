"""Summaries of documents: part by part, then of the parts; figures are checked against it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from generation.checking.check import find_faults
from generation.citations import finished
from generation.llm import LanguageModel, Message, Usage
from generation.prompts import Prompt, literal
from generation.tables import spell_out_tables
from ingest.sentences import split_sentences, split_sentences_and_rows
from models.encoder import TokenCounter
from stores.records import Block

_PART_TOKENS: Final = 1000
"""What the model reads at once: it leaves room in a context of 4,096 tokens of the model's own."""
_LEAST_MERGED: Final = 2
_NOTHING: Final = {
    "zh": "没有得到数字与原文一致的摘要，请直接阅读文档。",
    "en": "No summary came out whose figures stand in the document: please read the document.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySettings:
    """How much is read and written.

    Attributes
    ----------
    max_read_tokens
        Of a longer document only the beginning is read, in tokens of the encoder.
    max_summary_tokens
        The longest summary, in the model's tokens; of a part, too.
    """

    max_read_tokens: int
    max_summary_tokens: int


@dataclass(frozen=True, slots=True)
class SourceText:
    """A document to be summarised; its blocks in reading order."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary.

    Attributes
    ----------
    text
        Its sentences; or a line that says that there is none, and `sentences` is empty.
    dropped
        How many sentences were left out, since the document does not hold their figures.
    partial
        The document is longer than what was read.
    """

    text: str
    lang: str
    sentences: tuple[str, ...]
    dropped: int
    partial: bool
    usage: Usage
    provenance: Mapping[str, str]


@dataclass(slots=True)
class _Work:
    """What is counted while a summary is made."""

    title: str
    lang: str
    cancelled: Callable[[], bool]
    dropped: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0


class _Cancelled(Exception):
    """Nobody waits for the summary any more; the way out of several calls."""


class DocumentSummariser:
    """Summarises documents with the language model.

    Parameters
    ----------
    provenance
        What the summaries are made with; the model's name is added to it.
    """

    def __init__(
        self,
        *,
        llm: LanguageModel,
        prompt: Prompt,
        count_tokens: TokenCounter,
        settings: SummarySettings,
        provenance: Mapping[str, str],
    ) -> None:
        self._llm = llm
        self._prompt = prompt
        self._count_tokens = count_tokens
        self._settings = settings
        self._provenance = provenance

    def summarise_document(
        self, source: SourceText, *, lang: str, cancelled: Callable[[], bool]
    ) -> Summary | None:
        """Return the summary in a language, or None once `cancelled` is true.

        The text is read in parts; their summaries are summarised until one is left. After each call
        sentences are dropped whose figures the read text does not hold (`find_faults`).

        Raises
        ------
        ModelUnavailable, PromptTooLong
            From the language model.
        """
        pieces = list(_pieces(source.blocks))
        read = list(self._beginning(pieces))
        work = _Work(source.title, lang, cancelled)
        try:
            sentences = self._reduce(self._parts(read, least=1), work)
        except _Cancelled:
            return None
        separator = "" if lang == "zh" else " "
        return Summary(
            text=separator.join(sentences) or _NOTHING[lang],
            lang=lang,
            sentences=tuple(sentences),
            dropped=work.dropped,
            partial=len(read) < len(pieces),
            usage=Usage(work.prompt_tokens, work.answer_tokens),
            provenance={**self._provenance, "model": self._llm.name},
        )

    def _beginning(self, pieces: Iterable[str]) -> Iterator[str]:
        left = self._settings.max_read_tokens
        for number, piece in enumerate(pieces):
            left -= self._count_tokens(piece)
            if left < 0 and number > 0:
                return
            yield piece

    def _reduce(self, parts: list[str], work: _Work) -> list[str]:
        everything = [work.title, *parts]
        summaries = [self._write(part, work, known=everything, merges=False) for part in parts]
        while len(summaries) > 1:
            texts = ["\n".join(each) for each in summaries if each]
            merged = self._parts(texts, least=_LEAST_MERGED)
            summaries = [self._write(each, work, known=everything, merges=True) for each in merged]
        return summaries[0] if summaries else []

    def _parts(self, pieces: Sequence[str], *, least: int) -> list[str]:
        """Put pieces together up to `_PART_TOKENS`; each part but the last has `least` pieces."""
        parts: list[list[str]] = []
        used = 0
        for piece in pieces:
            tokens = self._count_tokens(piece)
            if not parts or (used + tokens > _PART_TOKENS and len(parts[-1]) >= least):
                parts.append([])
                used = 0
            parts[-1].append(piece)
            used += tokens
        return ["\n".join(part) for part in parts]

    def _write(self, text: str, work: _Work, *, known: Sequence[str], merges: bool) -> list[str]:
        """Return the sentences of a summary that hold; count the others."""
        variables = {"title": work.title, "text": text, "parts": merges, "language": work.lang}
        written, usage = self._ask(self._prompt.render(variables), work)
        work.prompt_tokens += usage.prompt_tokens
        work.answer_tokens += usage.answer_tokens
        if usage.answer_tokens >= self._settings.max_summary_tokens:
            written = finished(written)
        said = [written[start:end].strip() for start, end in split_sentences(written)]
        sentences = [literal(each) for each in said if each]
        held = [each for each in sentences if not any(find_faults(each, known, question=""))]
        work.dropped += len(sentences) - len(held)
        return held

    def _ask(self, messages: Sequence[Message], work: _Work) -> tuple[str, Usage]:
        pieces: list[str] = []
        most = self._settings.max_summary_tokens
        for item in self._llm.stream(messages, max_tokens=most, cancelled=work.cancelled):
            if isinstance(item, Usage):
                return "".join(pieces), item
            pieces.append(item)
        raise _Cancelled


def _pieces(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield sentences, headings, and table rows with the header of each cell."""
    for block in blocks:
        text = spell_out_tables(block.text)
        for start, end in split_sentences_and_rows(text):
            if piece := text[start:end].strip():
                yield piece
