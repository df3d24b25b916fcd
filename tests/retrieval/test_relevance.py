"""The probability by the signals of the searches."""

import math

import pytest

from models.bm25 import query_weights
from models.terms import terms
from retrieval.relevance import Logistic, RelevanceModel, Signals


def test_shipped_model_knows_every_crossing_and_never_punishes_a_signal() -> None:
    model = RelevanceModel.load()
    assert set(model.crossings) == {"zh-zh", "zh-en", "en-zh", "en-en"}
    assert all(fit.cosine > 0 and fit.coverage >= 0 for fit in model.crossings.values())
    common = query_weights(terms("the 的")).keys()
    assert all(model.background_idf[term] < model.rare_idf for term in common)


def test_each_crossing_has_its_own_regression() -> None:
    model = RelevanceModel({"zh-zh": Logistic(-1, 2, 3), "zh-en": Logistic(-2, 4, 0)}, 1.0, {})
    own = model.probability(Signals(0.5, 0.25, "zh-zh"))
    other = model.probability(Signals(0.5, 0.25, "zh-en"))
    assert own == pytest.approx(1 / (1 + math.exp(-0.75)))
    assert other == pytest.approx(0.5)
