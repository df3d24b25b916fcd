"""See what each step of the reranker gives on held-out questions.

    python -m training.reranker.evaluate FOLDER

The steps are e5's token vectors as they come (`untrained`), late interaction trained on lists
(`trained`), and question and window read together (`joint`). Each is shown by itself and put
together with the merit of the fusion, as `retrieval.window_reranker` does it, with what it gains
on the step before.
"""

import argparse
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from eval.metrics import ndcg_at, reciprocal_rank_at
from eval.significance import paired_difference_interval
from models.language import detect_language
from retrieval.fusion import FusionWeights
from retrieval.relevance import Signals
from retrieval.window_reranker import ScorerWeights
from training.reranker.dev import DevList, read_dev
from training.reranker.joint import JointInteraction, load_joint, load_late
from training.reranker.model import LateInteraction, Tokens, encode

_DEPTH: Final = 10
_ALL: Final = "all"
_SEED: Final = 7

Scores = Sequence[NDArray[np.float32]]
"""For each list the score of every window."""


def late_scores(model: LateInteraction, tokens: Tokens, dev: Sequence[DevList]) -> Scores:
    """Return the score of every window of every list."""
    scores = []
    with torch.inference_mode():
        for each in track(dev, "late interaction"):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                question = encode(model.encoder, [tokens.question(each.question)])
                windows = encode(model.encoder, [tokens.window(found.text) for found in each.found])
            scores.append(model.scores(question, windows)[0].float().numpy())
    return scores


def joint_scores(model: JointInteraction, tokens: Tokens, dev: Sequence[DevList]) -> Scores:
    """Return the score of every window of every list."""
    scores = []
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for each in track(dev, "read together"):
            windows = [tokens.window(found.text) for found in each.found]
            found = model.scores([tokens.question(each.question)], windows, [0] * len(windows))
            scores.append(found.float().numpy())
    return scores


Step = Callable[[Path, Sequence[DevList]], Scores]
STEPS: Final[Mapping[str, Step]] = {
    "untrained": lambda folder, dev: late_scores(*load_late(folder, run="none"), dev),
    "trained": lambda folder, dev: late_scores(*load_late(folder), dev),
    "joint": lambda folder, dev: joint_scores(*load_joint(folder), dev),
}


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


def ways(dev: Sequence[DevList], scores: Mapping[str, Scores]) -> dict[str, list[float]]:
    """Return the reciprocal rank of every list, by what orders its windows."""
    weight = ScorerWeights.load().score
    fused = [signals(each) for each in dev]
    orders: dict[str, Sequence[Iterable[float]]] = {
        "dense": [[found.cosine for found in each.found] for each in dev],
        **scores,
        "fused": fused,
        **{
            f"fused, {name}": [
                [weight * score + merit for score, merit in zip(own, merits, strict=True)]
                for own, merits in zip(found, fused, strict=True)
            ]
            for name, found in scores.items()
        },
    }
    return {
        name: [reciprocal_rank(each, values) for each, values in zip(dev, order, strict=True)]
        for name, order in orders.items()
    }


def steps_table(dev: Sequence[DevList], ranks: Mapping[str, Sequence[float]]) -> str:
    """Return MRR@10 as a Markdown table, by set and for all, with the gains and their intervals."""
    together = [name for name in ranks if name.startswith("fused")]
    head = ["set", "n", *ranks, *(f"gain of {name}" for name in together[1:])]
    lines = [head, ["---", *["--:"] * (len(head) - 1)]]
    for source in (*dict.fromkeys(each.source for each in dev), _ALL):
        rows = [i for i, each in enumerate(dev) if source in (each.source, _ALL)]
        lines.append([source, f"{len(rows)}", *_cells(rows, ranks, together)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(
    rows: Sequence[int], ranks: Mapping[str, Sequence[float]], together: Sequence[str]
) -> Iterator[str]:
    own = {name: [values[i] for i in rows] for name, values in ranks.items()}
    for values in own.values():
        yield f"{np.mean(values):.3f}"
    for before, after in pairwise(together):
        gain = paired_difference_interval(
            own[before], own[after], generator=np.random.default_rng(_SEED)
        )
        yield f"{gain.estimate:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--most", type=int, default=50, help="questions of a set")
    arguments.add_argument("--part", choices=("fit", "report"), default="report")
    chosen = arguments.parse_args()
    dev = _first(read_dev(chosen.folder / f"{chosen.part}.jsonl"), chosen.most)
    scores = {name: step(chosen.folder, dev) for name, step in STEPS.items()}
    Console(soft_wrap=True, markup=False).print(steps_table(dev, ways(dev, scores)))


def _first(dev: Sequence[DevList], most: int) -> list[DevList]:
    """Return the first lists of each set."""
    taken: Counter[str] = Counter()
    kept = []
    for each in dev:
        taken[each.source] += 1
        if taken[each.source] <= most:
            kept.append(each)
    return kept


if __name__ == "__main__":
    main()
