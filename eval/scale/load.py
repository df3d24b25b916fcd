"""Searches a second over the REST API, without the reranker's model, beside the bare encoder."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from app.settings import IndexSettings, Settings
from app.wiring import models_folder, open_plain_encoder
from eval.bench.load import Load, run_locust, served, told
from eval.stock.corpus import Entry
from eval.stock.stacks import ZhikuStack
from models.encoder import CountingEncoder

_USERS: Final = 8
_SECONDS: Final = 20
_ROUNDS: Final = 3


def load_lines(
    entries: Sequence[Entry],
    questions: Sequence[str],
    settings: Settings,
    encoder: CountingEncoder,
    *,
    folder: Path,
) -> list[str]:
    """Bring the documents in below `folder`, serve them, and let eight users search.

    Returns
    -------
    list of str
        A line each for the encoder alone and for the served searches, round by round, and one for
        the medians. All share the machine: server and users, in the end.
    """
    placed = {
        "data_dir": folder,
        "models": settings.models.model_copy(update={"directory": models_folder(settings)}),
        "index": IndexSettings(),
        "retrieval": settings.retrieval.model_copy(update={"reranker": "signals"}),
    }
    scratch = settings.model_copy(update=placed)
    with closing(ZhikuStack(scratch, encoder)) as stack:
        begun = time.perf_counter()
        chunks = stack.build(entries)
        built = f"{chunks:,} chunks of {len(entries):,} documents brought in"
        lines = [f"{built} in {time.perf_counter() - begun:.0f} s, their vectors known"]
    plain = open_plain_encoder(scratch)
    rounds = []
    with served(scratch) as (url, key):
        run_locust("SearchUser", _USERS, _SECONDS, url=url, key=key, questions=questions)
        for _ in range(_ROUNDS):
            bare = _a_second(plain.encode_query, questions)
            load = run_locust("SearchUser", _USERS, _SECONDS, url=url, key=key, questions=questions)
            rounds.append((bare, load))
    return [*lines, *_told(rounds)]


def _a_second(encode: Callable[[str], object], questions: Sequence[str]) -> float:
    """Return how many questions one caller encodes in a second."""
    begun = time.perf_counter()
    for question in questions:
        encode(question)
    return len(questions) / (time.perf_counter() - begun)


def _told(rounds: Sequence[tuple[float, Load]]) -> Iterator[str]:
    for bare, load in rounds:
        yield (
            f"bare encoder, one caller: {bare:.0f} a second; search {told(load)}, "
            f"p95 / p50 {load.p95_ms / load.median_ms:.2f}, "
            f"served / bare {load.a_second / bare:.2f}"
        )
    middle = statistics.median(load.a_second for _, load in rounds)
    ratio = statistics.median(load.p95_ms / load.median_ms for _, load in rounds)
    yield f"median of {len(rounds)} rounds: {middle:.0f} searches a second, p95 / p50 {ratio:.2f}"
