"""The first token beside the model's own prefill of the same prompt.

The prefill is clocked apart, after the model has read another question's prompt: within an answer
the evidence may be read for the gate already.
"""

import statistics
import time
from contextlib import closing
from dataclasses import dataclass

from app.settings import Settings
from app.wiring import System, open_system
from eval.bench.corpus import ingest_samples, sample_queries
from eval.bench.timing import median_ms
from generation.llm import Message, Usage
from generation.records import AnswerDone, TokenWritten
from retrieval.records import Query

_QUESTIONS = 8


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of one answer: to the first token, of the bare prefill of its prompt, to the end."""

    first: float
    prefill: float
    whole: float


def run(settings: Settings) -> list[str]:
    """Answer sample questions; return the lines of the report."""
    with closing(open_system(settings)) as system:
        ingest_samples(system)
        queries = sample_queries(_QUESTIONS)
        warm = _timed(system, queries[0], other=())
        other = warm[1] if warm else ()
        times: list[Timed] = []
        for query in queries[1:]:
            timed = _timed(system, query, other=other)
            if timed is not None:
                times.append(timed[0])
                other = timed[1]
    if not times:
        return [f"{len(queries) - 1} questions: none was answered, nothing to time"]
    rest = [each.first - each.prefill for each in times]
    ratio = statistics.median(each.prefill / each.first for each in times)
    return [
        f"{len(times)} of {len(queries) - 1} questions answered: first token "
        f"{median_ms([each.first for each in times]):.0f} ms; the model's prefill "
        f"{median_ms([each.prefill for each in times]):.0f} ms; the rest {median_ms(rest):.0f} ms; "
        f"bare / whole {ratio:.2f}; whole answer "
        f"{median_ms([each.whole for each in times]):.0f} ms"
    ]


def _timed(
    system: System, query: Query, *, other: tuple[Message, ...]
) -> tuple[Timed, tuple[Message, ...]] | None:
    """Answer a question; return its times and its prompt, None if the model wrote nothing.

    Parameters
    ----------
    other
        The prompt of another question, which the model reads before the prefill is clocked.
    """
    start = time.perf_counter()
    first = None
    for event in system.answerer.answer(query, cancelled=lambda: False):
        if isinstance(event, TokenWritten) and first is None:
            first = time.perf_counter() - start
        elif isinstance(event, AnswerDone) and first is not None and event.answer.written:
            whole = time.perf_counter() - start
            prompt = event.answer.written.messages
            if other:
                _prefill_seconds(system, other)
            prefill = _prefill_seconds(system, prompt)
            return None if prefill is None else (Timed(first, prefill, whole), prompt)
    return None


def _prefill_seconds(system: System, prompt: tuple[Message, ...]) -> float | None:
    """Return what the model tells of reading a prompt; None where its backend does not tell."""
    for item in system.llm.stream(prompt, max_tokens=1, cancelled=lambda: False):
        if isinstance(item, Usage):
            return item.prefill_seconds
    return None
