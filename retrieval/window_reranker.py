"""The reranker with a model: reads the likeliest candidates until the order is settled."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from ingest.sentences import split_sentences_and_rows
from models.language import detect_language
from models.window_scorer import Window, WindowScore, WindowScorer
from retrieval.records import Candidate, ScoredSpan
from retrieval.rerank import Relevance

WEIGHTS: Final = Path(__file__).parent / "reranking.json"
_SETTLED: Final = 3
_MARGIN: Final = 1e-3


@dataclass(frozen=True, slots=True)
class ReadLogistic:
    """`P(relevant) = 1 / (1 + exp(-(intercept + score · s + cosine · c + coverage · v)))`."""

    intercept: float
    score: float
    cosine: float
    coverage: float

    def probability(self, *, score: float, cosine: float, covered: float) -> float:
        """Return the probability that a window with these signals is relevant."""
        logit = self.intercept + self.score * score
        logit += self.cosine * cosine + self.coverage * covered
        return 1 / (1 + math.exp(-logit))


@dataclass(frozen=True, slots=True)
class ScorerWeights:
    """How a scorer's word is put together with the merit by the fusion.

    Attributes
    ----------
    scorer
        Name of the scorer that they were fitted for.
    score
        What the scorer's value is multiplied by before the fused merit is added.
    crossings
        By languages of question and passage, such as `zh-en`.
    """

    scorer: str
    score: float
    crossings: Mapping[str, ReadLogistic]

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> Self:
        """Read the numbers that `training/fit_reranking.py` fitted."""
        numbers = json.loads(path.read_text(encoding="utf-8"))
        crossings = {name: ReadLogistic(**fit) for name, fit in numbers["crossings"].items()}
        return cls(numbers["scorer"], numbers["score"], crossings)


class WindowReranker:
    """Orders by `w · score + fused merit`, for the candidates that were read.

    Without weights the scorer's value alone counts, as merit and as probability.

    Candidates are read in the order of the fusion, some at a time. Reading ends at `depth`, or as
    soon as none of those read last came among the first three. Those not read come after all that
    were, in the order of the fusion.

    Parameters
    ----------
    depth
        How many candidates are read at most.
    step
        How many are read at a time.
    """

    def __init__(
        self,
        scorer: WindowScorer,
        weights: ScorerWeights | None,
        *,
        depth: int,
        step: int,
    ) -> None:
        self._scorer = scorer
        self._weights = weights
        self._depth = depth
        self._step = step

    def judge(self, question: str, candidates: Sequence[Candidate]) -> list[Relevance]:
        """Return one judgement for each candidate, in their order."""
        order = sorted(range(len(candidates)), key=lambda i: -candidates[i].fusion)
        lang = detect_language(question)
        read: dict[int, Relevance] = {}
        for start in range(0, min(self._depth, len(order)), self._step):
            chosen = order[start : min(start + self._step, self._depth)]
            windows = [_window(candidates[i]) for i in chosen]
            scores = self._scorer.score(question, windows)
            for i, window, score in zip(chosen, windows, scores, strict=True):
                read[i] = self._read(lang, candidates[i], window, score)
            best = sorted(read, key=lambda i: -read[i].merit)[:_SETTLED]
            if start and not set(best) & set(chosen):
                break
        return _with_unread(candidates, read)

    def _read(
        self, lang: str, candidate: Candidate, window: Window, score: WindowScore
    ) -> Relevance:
        read = Relevance(
            merit=score.value,
            probability=score.value,
            signals={"rerank": score.value},
            sentences=_sentences(candidate, window, score),
        )
        if self._weights is None:
            return read
        crossing = self._weights.crossings[f"{lang}-{candidate.found.document.lang}"]
        return replace(
            read,
            merit=candidate.fusion + self._weights.score * score.value,
            probability=crossing.probability(
                score=score.value, cosine=candidate.cosine, covered=candidate.coverage
            ),
        )


def _with_unread(candidates: Sequence[Candidate], read: Mapping[int, Relevance]) -> list[Relevance]:
    """Put those that were not read below all that were."""
    unread = [each.fusion for i, each in enumerate(candidates) if i not in read]
    down = 0.0
    if read and unread:
        down = min(each.merit for each in read.values()) - _MARGIN - max(unread)
    return [
        read.get(i) or Relevance(each.fusion + down, each.probability, {})
        for i, each in enumerate(candidates)
    ]


def _window(candidate: Candidate) -> Window:
    """Lay a chunk out as it was encoded, context first, with its sentences as parts."""
    chunk = candidate.found.chunk
    start = len(chunk.context) + 1
    sentences = split_sentences_and_rows(chunk.text)
    return Window(
        f"{chunk.context}\n{chunk.text}",
        tuple((start + first, start + last) for first, last in sentences),
    )


def _sentences(candidate: Candidate, window: Window, score: WindowScore) -> tuple[ScoredSpan, ...]:
    """Return the sentences as they stand in the chunk's text."""
    if not score.parts:
        return ()
    shift = len(candidate.found.chunk.context) + 1
    return tuple(
        ScoredSpan(start - shift, end - shift, value)
        for (start, end), value in zip(window.parts, score.parts, strict=True)
    )
