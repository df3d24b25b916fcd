"""Search beside the encoder, and the first token beside the model's own prefill."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.wiring import System
from eval.bench.timing import median_ms
from generation.records import AnswerDone, TokenWritten
from models.encoder import Encoder
from models.language import detect_language
from retrieval.records import Query
from retrieval.retriever import Retriever
from stores.access import Principal

_SEARCH_LIMIT = 10


class TimedEncoder:
    """An encoder that adds up the seconds its questions take."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.seconds = 0.0
        self.name = encoder.name
        self.weights_sha256 = encoder.weights_sha256
        self.dimension = encoder.dimension
        self.max_tokens = encoder.max_tokens

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Encode a question and count the time."""
        start = time.perf_counter()
        vector = self._encoder.encode_query(text)
        self.seconds += time.perf_counter() - start
        return vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode passages; their time is not counted."""
        return self._encoder.encode_passages(texts)


def run_search(
    retriever: Retriever, encoder: TimedEncoder, questions: Sequence[str], principal: Principal
) -> list[str]:
    """Search each question; return the lines of the report."""
    walls, models = [], []
    for question in questions:
        query = Query(question, detect_language(question), principal)
        before = encoder.seconds
        start = time.perf_counter()
        retriever.search(query, limit=_SEARCH_LIMIT)
        walls.append(time.perf_counter() - start)
        models.append(encoder.seconds - before)
    rest = [wall - model for wall, model in zip(walls, models, strict=True)]
    return [
        f"search   {len(walls)} questions: wall {median_ms(walls):.1f} ms, "
        f"model {median_ms(models):.1f} ms, rest {median_ms(rest):.1f} ms (medians)"
    ]


def run_answers(system: System, questions: Sequence[str], principal: Principal) -> list[str]:
    """Answer each question; return the lines of the report."""
    firsts, prefills, totals = [], [], []
    for question in questions:
        query = Query(question, detect_language(question), principal)
        start = time.perf_counter()
        first = None
        for event in system.answerer.answer(query, cancelled=lambda: False):
            if isinstance(event, TokenWritten) and first is None:
                first = time.perf_counter() - start
            elif isinstance(event, AnswerDone) and first is not None:
                usage = event.answer.usage
                if usage is not None and usage.prefill_seconds is not None:
                    firsts.append(first)
                    prefills.append(usage.prefill_seconds)
                    totals.append(time.perf_counter() - start)
    rest = [first - prefill for first, prefill in zip(firsts, prefills, strict=True)]
    return [
        f"answer   {len(firsts)} questions: first token {median_ms(firsts):.0f} ms, the model's "
        f"prefill {median_ms(prefills):.0f} ms, rest {median_ms(rest):.0f} ms, "
        f"whole answer {median_ms(totals):.0f} ms (medians)"
    ]
