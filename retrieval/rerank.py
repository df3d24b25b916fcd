"""What a reranker of the fused candidates must do, and the one that leaves them as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from retrieval.records import Candidate, ScoredSpan


@dataclass(frozen=True, slots=True)
class Relevance:
    """What a reranker says of one candidate.

    Attributes
    ----------
    merit
        What candidates are ordered by, on any scale; higher is better.
    probability
        That the passage is relevant, in [0, 1].
    signals
        What it rests on beside the candidate's own signals.
    sentences
        Those of the chunk's text, in order; empty if the reranker does not tell them apart.
    """

    merit: float
    probability: float
    signals: Mapping[str, float]
    sentences: tuple[ScoredSpan, ...] = ()


class Reranker(Protocol):
    """Judges candidates for a question. Safe to call from several threads."""

    def judge(self, question: str, candidates: Sequence[Candidate]) -> list[Relevance]:
        """Return one judgement for each candidate, in their order."""


class FusedOrder:
    """Leaves the candidates in the order of the fusion, with its probability."""

    def judge(self, question: str, candidates: Sequence[Candidate]) -> list[Relevance]:
        """Return one judgement for each candidate, in their order."""
        return [Relevance(each.fusion, each.probability, {}) for each in candidates]
