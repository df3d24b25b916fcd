"""A gate that lets every question through, unless told otherwise."""

from generation.gate import Gate, GateLogistic, GateWeights
from generation.llm import LanguageModel
from generation.prompts import Prompt

ODDS_ALONE = GateLogistic(intercept=0.0, odds=1.0, relevance=0.0, least_odds=-20.0)


def scripted_gate(llm: LanguageModel, prompt: Prompt, *, min_answerable: float = 0.0) -> Gate:
    """Return a gate that believes the model alone."""
    weights = GateWeights({"zh": ODDS_ALONE, "en": ODDS_ALONE})
    return Gate(llm, prompt, weights, min_answerable=min_answerable)
