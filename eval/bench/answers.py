"""The first token beside the model's own prefill."""

import statistics
import time
from contextlib import closing
from dataclasses import dataclass

from app.settings import Settings
from app.wiring import System, open_system
from eval.bench.corpus import ingest_samples, sample_queries
from eval.bench.timing import median_ms
from generation.records import AnswerDone, TokenWritten
from retrieval.records import Query

_QUESTIONS = 16


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of one answer: to the first token, of the model's prefill, to the end."""

    first: float
    prefill: float
    whole: float


def run(settings: Settings) -> list[str]:
    """Answer sample questions; return the lines of the report."""
    with closing(open_system(settings)) as system:
        ingest_samples(system)
        queries = sample_queries(_QUESTIONS)
        _timed(system, queries[0])
        times = [each for query in queries if (each := _timed(system, query)) is not None]
    if not times:
        return [f"{len(queries)} questions: none was answered, nothing to time"]
    rest = [each.first - each.prefill for each in times]
    ratio = statistics.median(each.prefill / each.first for each in times)
    return [
        f"{len(times)} of {len(queries)} questions answered: first token "
        f"{median_ms([each.first for each in times]):.0f} ms; the model's prefill "
        f"{median_ms([each.prefill for each in times]):.0f} ms; the rest {median_ms(rest):.0f} ms; "
        f"bare / whole {ratio:.2f}; whole answer "
        f"{median_ms([each.whole for each in times]):.0f} ms"
    ]


def _timed(system: System, query: Query) -> Timed | None:
    """Answer a question; None if the model was not asked or does not tell its prefill."""
    start = time.perf_counter()
    first = None
    for event in system.answerer.answer(query, cancelled=lambda: False):
        if isinstance(event, TokenWritten) and first is None:
            first = time.perf_counter() - start
        elif isinstance(event, AnswerDone) and first is not None:
            usage = event.answer.usage
            if usage is not None and usage.prefill_seconds is not None:
                return Timed(first, usage.prefill_seconds, time.perf_counter() - start)
    return None
