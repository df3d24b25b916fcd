"""See what the reranker gives on held-out questions.

python -m training.reranker.evaluate FOLDER            # late interaction
python -m training.reranker.evaluate FOLDER --joint    # question and window read together
python -m training.reranker.evaluate FOLDER --run none # untrained
"""

import argparse
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from eval.metrics import ndcg_at, reciprocal_rank_at
from models.language import detect_language
from retrieval.fusion import FusionWeights
from retrieval.relevance import Signals
from training.reranker.dev import DevList, read_dev
from training.reranker.joint import (
    JOINT_RUN,
    LATE_RUN,
    JointInteraction,
    load_joint,
    load_late,
)
from training.reranker.model import LateInteraction, Tokens, encode

_DEPTH: Final = 10


def late_scores(
    model: LateInteraction, tokens: Tokens, dev: Sequence[DevList]
) -> list[NDArray[np.float32]]:
    """Return the score of every window of every list."""
    scores = []
    with torch.inference_mode():
        for each in track(dev, "late interaction"):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                question = encode(model.encoder, [tokens.question(each.question)])
                windows = encode(model.encoder, [tokens.window(found.text) for found in each.found])
            scores.append(model.scores(question, windows)[0].float().numpy())
    return scores


def joint_scores(
    model: JointInteraction, tokens: Tokens, dev: Sequence[DevList]
) -> list[NDArray[np.float32]]:
    """Return the score of every window of every list."""
    scores = []
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for each in track(dev, "read together"):
            windows = [tokens.window(found.text) for found in each.found]
            found = model.scores([tokens.question(each.question)], windows, [0] * len(windows))
            scores.append(found.float().numpy())
    return scores


def passage_ranks(each: DevList, values: Iterable[float]) -> list[str]:
    """Return passages, best first, each by its best window."""
    top: dict[str, float] = {}
    for found, value in zip(each.found, values, strict=True):
        top[found.passage] = max(value, top.get(found.passage, -math.inf))
    return sorted(top, key=lambda passage: -top[passage])


def reciprocal_rank(each: DevList, values: Iterable[float]) -> float:
    """Return 1 / rank of the first relevant passage, 0 below the tenth."""
    return reciprocal_rank_at(passage_ranks(each, values), _grades(each), _DEPTH)


def ndcg(each: DevList, values: Iterable[float]) -> float:
    """Return nDCG@10 with grades 0 and 1."""
    return ndcg_at(passage_ranks(each, values), _grades(each), _DEPTH)


def _grades(each: DevList) -> dict[str, int]:
    return dict.fromkeys(each.relevant, 1)


@cache
def _fusion_weights() -> FusionWeights:
    return FusionWeights.load()


def signals(each: DevList) -> list[float]:
    """Return the merit that the fusion gives."""
    lang = detect_language(each.question)
    return _fusion_weights().merits(
        [
            Signals(found.cosine, found.covered, f"{lang}-{detect_language(found.text)}")
            for found in each.found
        ]
    )


Way = Callable[[DevList, NDArray[np.float32]], list[float]]


def _added(weight: float) -> Way:
    def way(each: DevList, scores: NDArray[np.float32]) -> list[float]:
        return [weight * float(i) + s for i, s in zip(scores, signals(each), strict=True)]

    return way


_WAYS: Final[Mapping[str, Way]] = {
    "dense": lambda each, _: [found.cosine for found in each.found],
    "BM25": lambda each, _: [found.lexical for found in each.found],
    "signals": lambda each, _: signals(each),
    "interaction": lambda _, scores: [float(score) for score in scores],
    "2·i + signals": _added(2),
    "5·i + signals": _added(5),
    "10·i + signals": _added(10),
}


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--run", help="one that is not there: untrained")
    arguments.add_argument("--joint", action="store_true")
    arguments.add_argument("--most", type=int, default=50, help="questions of a set")
    arguments.add_argument("--part", choices=("fit", "report"), default="report")
    chosen = arguments.parse_args()
    dev = _first(read_dev(chosen.folder / f"{chosen.part}.jsonl"), chosen.most)
    if chosen.joint:
        found = joint_scores(*load_joint(chosen.folder, chosen.run or JOINT_RUN), dev)
    else:
        found = late_scores(*load_late(chosen.folder, chosen.run or LATE_RUN), dev)
    table = Table("set", *_WAYS)
    for source in dict.fromkeys(each.source for each in dev):
        lists = [
            (each, scores) for each, scores in zip(dev, found, strict=True) if each.source == source
        ]
        table.add_row(source, *(_cell(way, lists) for way in _WAYS.values()))
    Console(width=160).print(table)


def _first(dev: Sequence[DevList], most: int) -> list[DevList]:
    """Return the first lists of each set."""
    taken: Counter[str] = Counter()
    kept = []
    for each in dev:
        taken[each.source] += 1
        if taken[each.source] <= most:
            kept.append(each)
    return kept


def _cell(way: Way, lists: Sequence[tuple[DevList, NDArray[np.float32]]]) -> str:
    values = [way(each, scores) for each, scores in lists]
    ranks = [reciprocal_rank(each, v) for (each, _), v in zip(lists, values, strict=True)]
    gains = [ndcg(each, v) for (each, _), v in zip(lists, values, strict=True)]
    return f"{np.mean(ranks):.3f}/{np.mean(gains):.3f}"


if __name__ == "__main__":
    main()
