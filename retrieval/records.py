"""The records of retrieval: the question and the evidence found for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from stores.access import Principal
from stores.conversation_records import NO_SUMMARY, Summary
from stores.documents import FoundChunk
from stores.filters import NO_FILTERS, Filters
from stores.records import Span


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a conversation and its answer; `""` where there was none.

    Attributes
    ----------
    documents
        The documents whose words the answer may hold.
    restated
        The question is given as it was understood, and may hold words of `documents`, too.
    """

    question: str
    answer: str
    documents: frozenset[UUID] = frozenset()
    restated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A question with the one who asks it.

    Attributes
    ----------
    text
        The question as it was asked, or as it was understood: it stands on its own.
    lang
        `zh` or `en`: the language to answer in.
    principal
        Who asks; the only source of what may be seen.
    asked_on
        The day as of which the asker wants to know; None is today.
    filters
        What documents are searched.
    interpret
        Whether days that the question names are read as days that it is about.
    history
        What was asked before, oldest first, as the caller or the catalog tells it.
    summary
        What was said before the history.
    context
        What was answered before, for the dense search alone; never evidence, never shown.
    kept_documents
        Documents whose passages are candidates, too, however many others the searches find first:
        those that the question goes on with.
    """

    text: str
    lang: str
    principal: Principal
    asked_on: date | None = None
    filters: Filters = NO_FILTERS
    interpret: bool = True
    history: tuple[Turn, ...] = ()
    summary: Summary = NO_SUMMARY
    context: str = ""
    kept_documents: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """A visible passage that at least one search found.

    Attributes
    ----------
    cosine
        Of question and passage; where only the lexical search found the passage, the lowest cosine
        that the dense search returned, which is an upper bound of the true one.
    lexical
        BM25 score; 0 where the lexical search did not find the passage.
    ranks
        1-based ranks by stage: `dense_rank` and `lexical_rank`, each absent where that search did
        not find the passage; both are absent for one of a kept document that neither found.
    terms
        Ids of the passage's distinct terms.
    """

    found: FoundChunk
    terms: frozenset[int]
    cosine: float
    lexical: float
    ranks: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Candidate(Match):
    """A match with what the fusion makes of it; `ranks` has a `fusion_rank`, too.

    Attributes
    ----------
    coverage
        Share of the question's information that stands in the passage, in [0, 1].
    fusion
        Merit by the signals of both searches (`retrieval.fusion.FusionWeights`).
    probability
        That the passage is relevant, by the same signals, in [0, 1].
    """

    coverage: float
    fusion: float
    probability: float


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A sentence or a table row of a text: start and end of it, and how well it answers.

    Scores of one question compare across texts; higher is better, the scale is the reranker's own.
    """

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that was found for a question.

    Attributes
    ----------
    number
        1-based rank; the number that an answer cites.
    ordinal
        0-based position of the chunk within the revision.
    quote
        The chunk's text.
    pages
        1-based, ascending; empty where the format has none.
    spans
        Where the quote stands in the document's blocks.
    score
        Calibrated probability that the passage is relevant, in [0, 1].
    signals
        The parts of the ranking: `dense` (cosine), `lexical` (BM25), `coverage`, `fusion` (merit
        by these), the ranks of `Candidate.ranks`, what the reranker adds, such as `rerank`, and
        what the policy adds (`policy.records.Placed`).
    duplicates
        Other documents that the asker may see and in which the same passage was found.
    sentences
        The sentences of the quote, in order; empty where the reranker does not tell them apart.
    joined
        The chunks of a passage that was put together of several, in order; empty for one chunk.
    """

    number: int
    chunk_id: UUID
    document_id: UUID
    revision: int
    ordinal: int
    title: str
    uri: str
    heading_path: tuple[str, ...]
    quote: str
    pages: tuple[int, ...]
    spans: tuple[Span, ...]
    score: float
    signals: Mapping[str, float]
    duplicates: tuple[UUID, ...] = ()
    sentences: tuple[ScoredSpan, ...] = ()
    joined: tuple[UUID, ...] = ()

    @property
    def highlight(self) -> str:
        """The sentence of the quote that says it best; empty where the reranker does not tell."""
        if not self.sentences:
            return ""
        best = max(self.sentences, key=lambda each: each.score)
        return self.quote[best.start : best.end].strip()
