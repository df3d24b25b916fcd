"""One stack, measured in a process of its own."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.settings import Settings
from app.wiring import open_plain_encoder
from eval.alone import run_alone
from eval.errors import EvalError
from eval.process_memory import forget_the_peak, held_mebibytes, peak_mebibytes
from eval.stock.corpus import Entry, read_entries
from eval.stock.stacks import Stack, ZhikuStack
from eval.stock.vectors import RememberingEncoder
from models.errors import ModelError
from stores.errors import StoreError

StackName = Literal["stock", "stock, Chinese bigrams", "Zhiku, no model", "Zhiku"]


@dataclass(frozen=True, slots=True)
class Job:
    """What one process is to do.

    Attributes
    ----------
    entries
        File of the documents.
    questions
        Texts by id.
    settings
        With an empty `data_dir` that the stack may fill.
    vectors
        File that holds the vector of every chunk.
    rerank
        Folder of the stock stack's cross-encoder, or None.
    """

    stack: StackName
    entries: Path
    questions: Mapping[str, str]
    settings: Settings
    vectors: Path
    rerank: Path | None


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one stack did.

    Attributes
    ----------
    chunks
        How many it holds.
    build_seconds
        From the documents and ready vectors to the first search.
    bare_mebibytes
        What its process held before the stack was there: the interpreter, modules of Zhiku, the
        encoder. LlamaIndex's modules come with its stack; those of Zhiku are in it for both.
    peak_mebibytes
        The most that its process held from then on, loading the encoder left out.
    serving_mebibytes
        What its process held after the last search.
    rankings
        Names of the documents found, best first, by question.
    search_seconds, encode_seconds
        Of each search, and of encoding the same question by itself right after it.
    """

    chunks: int
    build_seconds: float
    bare_mebibytes: float
    peak_mebibytes: float
    serving_mebibytes: float
    rankings: Mapping[str, tuple[str, ...]]
    search_seconds: tuple[float, ...]
    encode_seconds: tuple[float, ...]


def measure(
    stack: Stack,
    encoder: RememberingEncoder,
    entries: Iterable[Entry],
    questions: Mapping[str, str],
    *,
    bare_mebibytes: float,
) -> Measurement:
    """Build the stack and ask it every question, one after the other.

    The first question is asked once before the clock runs.

    Raises
    ------
    EvalError
        The stack encoded passages whose vectors were not there: its time would not compare.
    """
    start = time.perf_counter()
    chunks = stack.build(entries)
    build_seconds = time.perf_counter() - start
    if encoder.encoded:
        raise EvalError(
            f"{encoder.encoded} passages had to be encoded while the stack was built: "
            "its chunks are not those that were prepared"
        )
    stack.search(next(iter(questions.values())))
    rankings: dict[str, tuple[str, ...]] = {}
    search_seconds, encode_seconds = [], []
    for question, text in questions.items():
        start = time.perf_counter()
        rankings[question] = tuple(stack.search(text))
        searched = time.perf_counter()
        encoder.encode_query(text)
        search_seconds.append(searched - start)
        encode_seconds.append(time.perf_counter() - searched)
    return Measurement(
        chunks=chunks,
        build_seconds=build_seconds,
        bare_mebibytes=bare_mebibytes,
        serving_mebibytes=held_mebibytes(),
        peak_mebibytes=peak_mebibytes(),
        rankings=rankings,
        search_seconds=tuple(search_seconds),
        encode_seconds=tuple(encode_seconds),
    )


def run_job(job: Job) -> Measurement:
    """Do the job in this process."""
    with ExitStack() as opened:
        plain = open_plain_encoder(job.settings)
        encoder = opened.enter_context(closing(RememberingEncoder(plain, job.vectors)))
        # Loading the encoder takes 120 MiB more than keeping it, which would hide all that a small
        # stack takes.
        forget_the_peak()
        bare_mebibytes = held_mebibytes()
        stack = opened.enter_context(closing(open_stack(job, encoder)))
        entries = read_entries(job.entries)
        return measure(stack, encoder, entries, job.questions, bare_mebibytes=bare_mebibytes)


def measure_alone(job: Job, action: Callable[[Job], Measurement] = run_job) -> Measurement:
    """Do the job in a fresh process.

    Raises
    ------
    EvalError
        The job failed; the message says why, or that its process was killed.
    """
    job.settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        return run_alone(action, job)
    except (EvalError, ModelError, StoreError) as error:
        raise EvalError(f"{job.stack}: {error}") from error


def open_stack(job: Job, encoder: RememberingEncoder) -> Stack:
    """Open the stack of a job, with nothing in it; the caller closes it."""
    if job.stack == "Zhiku":
        return ZhikuStack(job.settings, encoder)
    if job.stack == "Zhiku, no model":
        return ZhikuStack(without_model(job.settings), encoder)
    from eval.stock import llama_stack  # noqa: PLC0415  (its memory belongs to the stock stack)

    chinese = job.stack == "stock, Chinese bigrams"
    return llama_stack.LlamaStack(
        job.settings.data_dir / "qdrant",
        encoder,
        depth=job.settings.retrieval.candidates,
        token_pattern=llama_stack.CHINESE_PATTERN if chinese else llama_stack.DEFAULT_PATTERN,
        rerank=job.rerank,
    )


def without_model(settings: Settings) -> Settings:
    """Return the settings with the reranker that has no model."""
    retrieval = settings.retrieval.model_copy(update={"reranker": "signals"})
    return settings.model_copy(update={"retrieval": retrieval})
