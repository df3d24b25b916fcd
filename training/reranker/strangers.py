"""Windows in the language that a question is not answered in, as further negatives.

Where documents in both languages lie together, a passage in the question's own language comes
before the one that answers in the other, though it only sounds like the question. Sets hold
passages of one language, so what is mined in a set never shows that.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from eval.parts import part_of
from models.encoder import CountingEncoder
from models.language import detect_language
from training.reranker.lists import TrainingList
from training.reranker.pools import Pool, best, build_pool
from training.reranker.sources import LEARNED
from training.reranker.windows import passage_windows
from training.retrieval_sets import sampled, texts_of

STRANGERS: Final[Mapping[str, Mapping[str, int]]] = {
    "zh": {"train/cmrc2018_train": 900, "train/cmedir_zh": 300},
    "en": {"qed_nq_dev_en": 700, "train/medquad_en": 250, "train/epqa_dev_en": 250},
}
"""Sets by language and how many of their passages are taken; none shares a passage with a set of
the other language."""
_EACH: Final = 3
_MAX_CHARACTERS: Final = 1500


@dataclass(frozen=True, slots=True)
class Strangers:
    """Windows by language."""

    pools: Mapping[str, Pool]

    def add_to(self, each: TrainingList, encoder: CountingEncoder) -> TrainingList:
        """Return the list with the nearest windows of the other language as further negatives."""
        pool = self.pools[_OTHER[detect_language(each.positives[0])]]
        found = [pool.windows[i] for i in best(pool.cosines(each.question, encoder), _EACH)]
        return replace(
            each,
            negatives=(*each.negatives, *(window.text for window in found)),
            negative_passages=(*each.negative_passages, *(window.passage for window in found)),
        )


_OTHER: Final = {"zh": "en", "en": "zh"}


def load_strangers(data: Path, encoder: CountingEncoder) -> Strangers:
    """Read and encode passages of both languages, none that is reported on."""
    return Strangers({lang: _pool(data, sets, encoder) for lang, sets in STRANGERS.items()})


def _pool(data: Path, sets: Mapping[str, int], encoder: CountingEncoder) -> Pool:
    passages: dict[str, str] = {}
    for source, count in sets.items():
        texts = texts_of(data / source / "corpus.jsonl")
        passages |= sampled({k: t for k, t in texts.items() if part_of([k]) in LEARNED}, count)
    windows = list(passage_windows(passages, encoder, max_characters=_MAX_CHARACTERS))
    return build_pool(windows, encoder)


def with_strangers(
    lists: Iterable[TrainingList], strangers: Strangers, encoder: CountingEncoder
) -> Iterator[TrainingList]:
    """Yield the lists with strangers among their negatives."""
    for each in lists:
        yield strangers.add_to(each, encoder)
