"""`make bench`: ingest, search and answer, each paired with its bare parts."""

import tempfile
from pathlib import Path

from rich.console import Console

from app.settings import Settings, load_settings
from app.wiring import open_system
from eval.bench import answers, ingest
from eval.samples import load_questions, load_samples, scratch_settings
from retrieval.rerank import SignalReranker
from retrieval.retriever import Retriever
from stores.access import EVERYONE, Principal, Scope

_TENANT = "bench"
_CHUNK_TOKENS = 128
_ANSWERED = 8
_SEARCH_ROUNDS = 8


def main() -> None:
    """Run all benchmarks on a scratch folder and print their reports."""
    output = Console(soft_wrap=True, highlight=False)
    with tempfile.TemporaryDirectory() as scratch:
        system = open_system(_cut_short(scratch_settings(load_settings(), Path(scratch))))
        try:
            for line in ingest.run(system):
                output.print(line)
            load_samples(system, tenant=_TENANT)
            principal = Principal(_TENANT, "bench", frozenset({EVERYONE}), frozenset({Scope.READ}))
            questions = [question.text for question in load_questions()]
            encoder = answers.TimedEncoder(system.encoder)
            retriever = Retriever(
                encoder=encoder,
                indexes=system.indexes,
                documents=system.catalog.documents,
                reranker=SignalReranker(),
            )
            for line in answers.run_search(
                retriever, encoder, questions * _SEARCH_ROUNDS, principal
            ):
                output.print(line)
            for line in answers.run_answers(system, questions[:_ANSWERED], principal):
                output.print(line)
        finally:
            system.close()


def _cut_short(settings: Settings) -> Settings:
    """Return the settings with chunks of the benchmark's length."""
    cut = settings.ingest.model_copy(update={"target_tokens": _CHUNK_TOKENS})
    return settings.model_copy(update={"ingest": cut})


main()
