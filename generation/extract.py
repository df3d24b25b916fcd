"""The answer without a language model: the best words of the evidence as they stand."""

from collections.abc import Sequence
from typing import Final

from generation.citations import CitedText
from generation.compaction import compact
from generation.prompts import literal
from generation.records import Sentence, Support
from generation.tables import spell_out_tables
from models.encoder import TokenCounter
from retrieval.records import Evidence

_MOST_TOKENS: Final = 120
_GAP: Final = "…"
_ITEM: Final = "- "
_INTRODUCTIONS: Final = {
    "zh": "语言模型暂时无法使用，以下是资料中与问题最接近的原文，请自行核对：",
    "en": "The language model cannot be reached at the moment. These words of the documents come "
    "closest to your question; please judge for yourself:",
}


def extract(lang: str, evidence: Sequence[Evidence], *, count_tokens: TokenCounter) -> CitedText:
    """Return the sentences and table rows that bear most on the question, each with its citation.

    They are chosen as those that the model is given (`generation.compaction.compact`), within
    about 120 tokens of the encoder; a text before them says what they are. A footnote mark of the
    document is written `(2)`, so that it is not taken for a citation.
    """
    excerpts = compact(evidence, count_tokens=count_tokens, most_tokens=_MOST_TOKENS)
    sentences = tuple(
        Sentence(line, (each.passage.number,), Support.QUOTED, 1.0)
        for each in excerpts
        for line in _lines(each.text)
    )
    items = [f"{_ITEM}{each.text} [{each.citations[0]}]" for each in sentences]
    return CitedText("\n".join([_INTRODUCTIONS[lang], "", *items]), sentences)


def _lines(text: str) -> list[str]:
    lines = [line.strip().removeprefix(_ITEM) for line in spell_out_tables(text).split("\n")]
    return [literal(line) for line in lines if line and line != _GAP]
