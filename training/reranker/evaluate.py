"""See what the reranker gives on held-out questions.

python -m training.reranker.evaluate FOLDER
"""

import argparse
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from safetensors.torch import load_file

from app.settings import load_settings
from app.wiring import models_folder
from eval.metrics import ndcg_at, reciprocal_rank_at
from models.language import detect_language
from models.registry import ENCODER
from retrieval.rerank import expected_coverage, merit
from training.reranker.dev import DevList, read_dev
from training.reranker.model import LateInteraction, Tokens, encode, load_e5

_DEPTH: Final = 10


def interactions(
    model: LateInteraction, tokens: Tokens, dev: Sequence[DevList]
) -> list[NDArray[np.float32]]:
    """Return the score of every window of every list."""
    scores = []
    with torch.inference_mode():
        for each in dev:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                question = encode(model.encoder, [tokens.question(each.question)])
                windows = encode(model.encoder, [tokens.window(found.text) for found in each.found])
            scores.append(model.scores(question, windows)[0].float().numpy())
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


def signals(each: DevList) -> list[float]:
    """Return the merit that the reranker without a model gives."""
    lang = detect_language(each.question)
    crosses = [detect_language(found.text) != lang for found in each.found]
    pairs = zip(each.found, crosses, strict=True)
    expected = expected_coverage(found.covered for found, other in pairs if not other)
    return [
        merit(cosine=found.cosine, covered=found.covered + expected * other)
        for found, other in zip(each.found, crosses, strict=True)
    ]


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
    arguments.add_argument("--run", default="run")
    arguments.add_argument("--untrained", action="store_true")
    arguments.add_argument("--part", choices=("fit", "report"), default="report")
    chosen = arguments.parse_args()
    model, tokens = load_e5(models_folder(load_settings()) / ENCODER / "hf")
    if not chosen.untrained:
        kept = load_file(chosen.folder / chosen.run / "model.safetensors")
        model.load_state_dict(kept, strict=False)
    dev = read_dev(chosen.folder / f"{chosen.part}.jsonl")
    found = interactions(model, tokens, dev)
    name = "untrained" if chosen.untrained else chosen.run
    np.savez(chosen.folder / f"{chosen.part}-{name}.npz", *found)
    table = Table("set", *_WAYS)
    for source in dict.fromkeys(each.source for each in dev):
        lists = [
            (each, scores) for each, scores in zip(dev, found, strict=True) if each.source == source
        ]
        table.add_row(source, *(_cell(way, lists) for way in _WAYS.values()))
    Console(width=160).print(table)


def _cell(way: Way, lists: Sequence[tuple[DevList, NDArray[np.float32]]]) -> str:
    values = [way(each, scores) for each, scores in lists]
    ranks = [reciprocal_rank(each, v) for (each, _), v in zip(lists, values, strict=True)]
    gains = [ndcg(each, v) for (each, _), v in zip(lists, values, strict=True)]
    return f"{np.mean(ranks):.3f}/{np.mean(gains):.3f}"


if __name__ == "__main__":
    main()
