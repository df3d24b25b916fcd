"""Which questions the reranker learns from: train sets whole, of other sets the tuning part.

A question belongs to the part of its passage, so that no passage which answers a question of the
reporting part is ever a positive here. Sets whose licence forbids fitting are not named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eval.parts import Part, part_of
from models.language import detect_language
from training.retrieval_sets import RetrievalSet, load_set, sampled

TRAIN_SETS: Final[Mapping[str, int]] = {
    "train/cmrc2018_train": 2600,
    "train/cmedir_zh": 500,
    "train/medquad_en": 800,
    "train/epqa_dev_en": 600,
}
"""Questions taken of sets that are there for training."""

TUNING_PARTS: Final[Mapping[str, int]] = {
    "drcd_dev": 600,
    "dureader_demo_zh": 200,
    "stard_law_zh": 500,
    "qed_nq_dev_en": 700,
    "squad2_dev_en": 900,
    "scifact_en": 600,
    "xquad_zh": 160,
    "xquad_en": 160,
    "xquad_zh2en": 400,
    "xquad_en2zh": 400,
}
"""Questions taken at most of the tuning part of sets that are also reported on."""

_LABELS: Final[Mapping[str, str]] = {"scifact_en": "qrels_train.tsv"}
_MIN_GRADES: Final[Mapping[str, int]] = {"train/cmedir_zh": 2, "train/epqa_dev_en": 2}
"""Where grade 1 means that a passage is near, but does not answer."""

TRANSLATED: Final[Mapping[str, int]] = {
    "train/cmrc2018_train": 1000,
    "stard_law_zh": 150,
    "dureader_demo_zh": 60,
    "squad2_dev_en": 700,
    "qed_nq_dev_en": 600,
    "train/epqa_dev_en": 300,
    "train/medquad_en": 150,
}
"""How many of them are also asked in the other language."""


LEARNED: Final = frozenset({Part.LEARN, Part.FIT})


@dataclass(frozen=True, slots=True)
class Question:
    """A question to learn from.

    Attributes
    ----------
    source
        Folder of its set.
    lang
        `zh` or `en`.
    positives
        Ids of the passages that answer it.
    related
        Ids of the passages that are near; they are neither positive nor negative.
    """

    source: str
    id: str
    text: str
    lang: str
    positives: frozenset[str]
    related: frozenset[str]


def load_questions(data: Path, source: str) -> tuple[RetrievalSet, list[Question]]:
    """Return a set and the questions of it that are learned from, in an order of no meaning."""
    labels = _LABELS.get(source, "qrels.tsv")
    related = load_set(data / source, labels=labels).relevant
    found = load_set(data / source, labels=labels, min_grade=_MIN_GRADES.get(source, 1))
    allowed, count = dict(found.questions), TRAIN_SETS.get(source, 0)
    if source in TUNING_PARTS:
        count = TUNING_PARTS[source]
        for one in found.questions:
            if part_of(related[one]) not in LEARNED:
                del allowed[one]
    questions = [
        Question(
            source,
            one,
            text,
            detect_language(text),
            positives=found.relevant[one],
            related=related[one] - found.relevant[one],
        )
        for one, text in sampled(allowed, count).items()
    ]
    return found, questions
