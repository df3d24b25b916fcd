"""Peak memory of each stage in a process of its own, beside that of the bare encoder."""

import multiprocessing
import multiprocessing.queues
import statistics
from collections.abc import Callable
from contextlib import closing
from typing import Final

from app.settings import Settings
from app.wiring import open_encoder, open_ingest, open_search, open_system
from eval.bench.corpus import ingest_all, ingest_samples, sample_queries, shuffled_documents
from eval.process_memory import peak_mebibytes

_ROUNDS = 3
_BATCH = 64


def run(settings: Settings) -> list[str]:
    """Return the lines of the report, one a stage."""
    bare = _median_peak(_encode, settings)
    lines = [f"bare encoder {bare:.0f} MiB (median of {_ROUNDS} processes)"]
    for name, stage in _STAGES.items():
        peak = _median_peak(stage, settings)
        lines.append(f"{name} {peak:.0f} MiB; bare / whole {bare / peak:.2f}")
    return lines


def _encode(settings: Settings) -> None:
    open_encoder(settings).encode_passages(["Evidence of one hundred words. " * 20] * _BATCH)


def _ingest(settings: Settings) -> None:
    with closing(open_ingest(settings)) as system:
        ingest_all(system, shuffled_documents(16), tenant="memory")


def _search(settings: Settings) -> None:
    with closing(open_search(settings)) as system:
        ingest_samples(system)
        for query in sample_queries(60):
            system.retriever.search(query, limit=10)


def _answer(settings: Settings) -> None:
    with closing(open_system(settings)) as system:
        ingest_samples(system)
        for query in sample_queries(3):
            list(system.answerer.answer(query, cancelled=lambda: False))


_STAGES: Final = {"ingest": _ingest, "search": _search, "answer": _answer}


def _median_peak(stage: Callable[[Settings], None], settings: Settings) -> float:
    return statistics.median(_measure(stage, settings, number) for number in range(_ROUNDS))


def _measure(stage: Callable[[Settings], None], settings: Settings, number: int) -> float:
    """Run a stage in a fresh process and return the most memory it held."""
    folder = settings.data_dir / f"{stage.__name__}-{number}"
    folder.mkdir()
    placed = settings.model_copy(update={"data_dir": folder})
    # A forked process would start with the memory of this one.
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    process = context.Process(target=_report_peak, args=(stage, placed, results))
    process.start()
    process.join()
    if process.exitcode != 0:
        raise RuntimeError(f"{stage.__name__} ended with {process.exitcode}")
    return float(results.get())


def _report_peak(
    stage: Callable[[Settings], None],
    settings: Settings,
    results: "multiprocessing.queues.SimpleQueue[float]",
) -> None:
    stage(settings)
    results.put(peak_mebibytes())
