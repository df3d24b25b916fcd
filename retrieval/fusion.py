"""Fusion of the searches: one merit for what either of them found, on one scale."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from models.language import detect_language
from retrieval.coverage import coverage
from retrieval.records import Candidate, Match
from retrieval.relevance import RelevanceModel, Signals

_WEIGHTS: Final = Path(__file__).parent / "fusion.json"


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """How signals become a merit: `cosine · c + v + e`, fitted by `training/fit_fusion.py`.

    `c` is the cosine, `v` the coverage, and `e` what a passage in the question's own language would
    be expected to cover: 0 for a passage in that language, and for any other the mean of the
    `expected_from` best coverages among those that are. A passage in another language shares hardly
    a term with the question, whether it answers or not, so that the lexical search has nothing to
    say about it; with `e` its cosine alone decides between it and the passages in the question's
    language, and within each language nothing changes.

    Attributes
    ----------
    cosine
        What a cosine of 1 counts beside a coverage of 1.
    expected_from
        How many coverages the mean is taken of, ≥ 1.
    """

    cosine: float
    expected_from: int

    @classmethod
    def load(cls, path: Path = _WEIGHTS) -> Self:
        """Read the fitted numbers."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def merits(self, signals: Sequence[Signals]) -> list[float]:
        """Return the merit of each passage that was found for one question; higher is better."""
        own = sorted((each.covered for each in signals if not each.crosses), reverse=True)
        best = own[: self.expected_from]
        expected = sum(best) / len(best) if best else 0.0
        return [
            self.cosine * each.cosine + each.covered + expected * each.crosses for each in signals
        ]


@dataclass(frozen=True, slots=True)
class Fusion:
    """Turns what the searches found into candidates with a merit and a probability.

    The probability does not order, since it is fitted for each crossing apart and those of two
    crossings are not fine enough to compare.
    """

    weights: FusionWeights
    relevance: RelevanceModel

    @classmethod
    def load(cls) -> Self:
        """Read the fitted numbers of both."""
        return cls(FusionWeights.load(), RelevanceModel.load())

    def fuse(
        self, question: str, sought: Mapping[int, float], matches: Sequence[Match]
    ) -> list[Candidate]:
        """Return one candidate for each match, in their order; ranks break ties by it.

        Parameters
        ----------
        sought
            Weight of each term that was looked for (`Sought.lexical`).
        """
        lang = detect_language(question)
        signals = [self._signals(lang, sought, each) for each in matches]
        merits = self.weights.merits(signals)
        order = sorted(range(len(matches)), key=lambda i: -merits[i])
        ranks = {i: rank for rank, i in enumerate(order, start=1)}
        return [
            Candidate(
                found=each.found,
                terms=each.terms,
                cosine=each.cosine,
                lexical=each.lexical,
                ranks={**each.ranks, "fusion_rank": ranks[i]},
                coverage=signals[i].covered,
                fusion=merits[i],
                probability=self.relevance.probability(signals[i]),
            )
            for i, each in enumerate(matches)
        ]

    def _signals(self, lang: str, sought: Mapping[int, float], match: Match) -> Signals:
        model = self.relevance
        covered = coverage(sought, match.terms, model.background_idf, rare=model.rare_idf)
        return Signals(match.cosine, covered, f"{lang}-{match.found.document.lang}")
