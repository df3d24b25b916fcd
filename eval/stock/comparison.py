"""All stacks at all sizes: what was measured, and what it was measured with."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, get_args

from pydantic import TypeAdapter

from app.settings import IndexSettings, Settings
from app.wiring import models_folder, open_plain_encoder
from eval import fingerprint
from eval.metrics import ndcg_at, recall_at, reciprocal_rank_at
from eval.records import Question
from eval.runner import Watch
from eval.sets import PassageSet
from eval.stock.corpus import Asked, Cutter, Entry, choose, entries, taken, write_entries
from eval.stock.measure import Job, Measurement, StackName, measure_alone
from eval.stock.vectors import RememberingEncoder

DEPTH: Final = 10
MEASURES: Final[Mapping[str, Callable[[Sequence[str], Mapping[str, int], int], float]]] = {
    f"recall@{DEPTH}": recall_at,
    f"mrr@{DEPTH}": reciprocal_rank_at,
    f"ndcg@{DEPTH}": ndcg_at,
}
_BATCH: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonOptions:
    """How much is compared.

    Attributes
    ----------
    chunks
        Sizes of the collection, ascending.
    questions
        The most that are taken of each set.
    texts
        Folder of files to search among, too.
    rerank
        Folder of a cross-encoder for the stock stack.
    """

    chunks: tuple[int, ...]
    questions: int
    texts: Path | None = None
    rerank: Path | None = None


@dataclass(frozen=True, slots=True)
class StackResult:
    """One stack at one size: its measurement, and its scores by set and measure, a question each.

    Of a set, the scores of all stacks are in the same order.
    """

    measured: Measurement
    scores: Mapping[str, Mapping[str, tuple[float, ...]]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out, and what it was made with; see `eval.records.RunHead`.

    Attributes
    ----------
    rerank
        Folder of the stock stack's cross-encoder; empty for none.
    reranker
        What reranks in Zhiku.
    documents
        By size: how many documents hold the chunks, and how many of them are recombined.
    results
        By size and stack.
    """

    data: Mapping[str, str]
    config: str
    models: Mapping[str, str]
    commit: str
    machine: Mapping[str, str]
    started: str
    rerank: str
    reranker: str
    documents: Mapping[int, tuple[int, int]]
    results: Mapping[int, Mapping[StackName, StackResult]]


_COMPARISON: Final = TypeAdapter(Comparison)


def compare_stacks(
    sets: Sequence[PassageSet],
    options: ComparisonOptions,
    settings: Settings,
    *,
    folder: Path,
    watch: Watch,
) -> Comparison:
    """Measure every stack at every size.

    Parameters
    ----------
    folder
        Keeps `vectors.sqlite` from run to run; what the stacks build is removed again.

    Raises
    ------
    EvalError
        The sets do not fill the size, or a stack failed.
    """
    asked = choose(sets, most=options.questions)
    vectors = folder / "vectors.sqlite"
    started = fingerprint.now()
    prepared = _prepare(asked, options, settings, vectors=vectors, watch=watch)
    stacks = compared_stacks(settings)
    results: dict[int, dict[StackName, StackResult]] = {}
    for size in options.chunks:
        kept = taken(prepared, chunks=size, answers=asked.answers)
        results[size] = {}
        for stack in stacks:
            watch(f"{size} chunks", len(results[size]), len(stacks))
            measured = _measured(stack, kept, asked, options, settings, vectors)
            results[size][stack] = StackResult(measured, score(asked.questions, measured.rankings))
        watch(f"{size} chunks", len(stacks), len(stacks))
    return Comparison(
        data={each.name: each.sha256 for each in sets},
        config=fingerprint.config(settings),
        models=fingerprint.models(settings),
        commit=fingerprint.commit(),
        machine=fingerprint.machine(),
        started=started,
        rerank="" if options.rerank is None else options.rerank.name,
        reranker=reranker_of(settings),
        documents={
            size: _documents(taken(prepared, chunks=size, answers=asked.answers))
            for size in options.chunks
        },
        results=results,
    )


def compared_stacks(settings: Settings) -> tuple[StackName, ...]:
    """Return the stacks; without a model in the settings, Zhiku is one and not two."""
    every: tuple[StackName, ...] = get_args(StackName)
    if settings.retrieval.reranker != "signals":
        return every
    return tuple(stack for stack in every if stack != "Zhiku, no model")


def reranker_of(settings: Settings) -> str:
    """Return what reranks in Zhiku, and how much it reads."""
    chosen = settings.retrieval
    if chosen.reranker == "signals":
        return "signals"
    named = {"cross-encoder": f" {chosen.cross_encoder}", "server": f" {chosen.rerank_url}"}
    which = named.get(chosen.reranker, "")
    return f"{chosen.reranker}{which}, at most {chosen.rerank_depth} passages"


def _prepare(
    asked: Asked, options: ComparisonOptions, settings: Settings, *, vectors: Path, watch: Watch
) -> list[Entry]:
    """Return the documents of the largest size, all of their vectors in the file."""
    with closing(RememberingEncoder(open_plain_encoder(settings), vectors)) as encoder:
        cutter = Cutter(encoder, target_tokens=settings.ingest.target_tokens)
        most = max(options.chunks)
        found = entries(asked, cutter, texts=options.texts)
        kept = taken(found, chunks=most, answers=asked.answers)
        chunks = [chunk for entry in kept for chunk in entry.chunks]
        for start in range(0, len(chunks), _BATCH):
            watch("encode", start, len(chunks))
            encoder.encode_passages(chunks[start : start + _BATCH])
        watch("encode", len(chunks), len(chunks))
    return kept


def _measured(
    stack: StackName,
    kept: Iterable[Entry],
    asked: Asked,
    options: ComparisonOptions,
    settings: Settings,
    vectors: Path,
) -> Measurement:
    scratch = Path(tempfile.mkdtemp(prefix="zhiku-stock-"))
    try:
        write_entries(scratch / "entries.jsonl", kept)
        models = settings.models.model_copy(update={"directory": models_folder(settings)})
        placed = {"data_dir": scratch / "data", "models": models, "index": IndexSettings()}
        return measure_alone(
            Job(
                stack=stack,
                entries=scratch / "entries.jsonl",
                questions=dict(_texts(asked.questions)),
                settings=settings.model_copy(update=placed),
                vectors=vectors,
                rerank=options.rerank,
            )
        )
    finally:
        shutil.rmtree(scratch)


def _texts(questions: Mapping[str, Sequence[Question]]) -> Iterable[tuple[str, str]]:
    return (
        (question_key(name, each), each.text)
        for name, listed in questions.items()
        for each in listed
    )


def question_key(set_name: str, question: Question) -> str:
    """Return the id of a question among those of several sets."""
    return f"{set_name}/{question.id}"


def score(
    questions: Mapping[str, Sequence[Question]], rankings: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, tuple[float, ...]]]:
    """Return what each question scores, by set and measure, in the order of the questions."""
    return {
        name: {
            label: tuple(
                measure(rankings[question_key(name, each)], each.grades, DEPTH) for each in listed
            )
            for label, measure in MEASURES.items()
        }
        for name, listed in questions.items()
    }


def _documents(kept: Sequence[Entry]) -> tuple[int, int]:
    return len(kept), sum(entry.name.startswith("filler/") for entry in kept)


def comparison_json(comparison: Comparison) -> bytes:
    """Return everything that was measured, as JSON."""
    return _COMPARISON.dump_json(comparison, indent=1)
