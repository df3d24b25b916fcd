"""The probability that a passage is relevant, by the signals of the searches alone."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from models.bm25 import term_id

_RELEVANCE: Final = Path(__file__).parent / "relevance.json"


@dataclass(frozen=True, slots=True)
class Signals:
    """What the searches say of a passage.

    Attributes
    ----------
    cosine
        Of question and passage.
    covered
        Share of the question that the passage covers, in [0, 1] (`retrieval.coverage`).
    crossing
        Languages of question and passage, such as `zh-en`.
    """

    cosine: float
    covered: float
    crossing: str

    @property
    def crosses(self) -> bool:
        """Tell whether question and passage are in two languages."""
        asked, told = self.crossing.split("-")
        return asked != told


@dataclass(frozen=True, slots=True)
class Logistic:
    """`P(relevant) = 1 / (1 + exp(-(intercept + cosine · c + coverage · v)))`."""

    intercept: float
    cosine: float
    coverage: float

    def probability(self, *, cosine: float, covered: float) -> float:
        """Return the probability that a passage with these signals is relevant."""
        logit = self.intercept + self.cosine * cosine + self.coverage * covered
        return 1 / (1 + math.exp(-logit))


@dataclass(frozen=True, slots=True)
class RelevanceModel:
    """A logistic regression for each crossing, fitted by `training/fit_relevance.py`.

    Across languages the cosine of an answer is about .1 lower than within one, and terms are hardly
    ever shared; one regression for all would call every passage in the other language irrelevant.

    Attributes
    ----------
    crossings
        By languages of question and passage: `zh-zh`, `zh-en`, `en-zh`, `en-en`.
    rare_idf, background_idf
        What `coverage` weighs terms by.
    """

    crossings: Mapping[str, Logistic]
    rare_idf: float
    background_idf: Mapping[int, float]

    @classmethod
    def load(cls, path: Path = _RELEVANCE) -> Self:
        """Read the fitted numbers; the file names terms, the model their ids."""
        numbers = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            crossings={name: Logistic(**fit) for name, fit in numbers["crossings"].items()},
            rare_idf=numbers["rare_idf"],
            background_idf={term_id(term): v for term, v in numbers["background_idf"].items()},
        )

    def probability(self, signals: Signals) -> float:
        """Return the probability that a passage with these signals is relevant."""
        regression = self.crossings[signals.crossing]
        return regression.probability(cosine=signals.cosine, covered=signals.covered)
