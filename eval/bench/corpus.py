"""Documents and questions for the benchmarks, made from the sample company."""

import random
from collections.abc import Sequence
from typing import Final

from app.wiring import IngestSystem
from eval.collection import TENANT, own_items
from eval.own_set import load_own_questions
from ingest.parse import parse
from ingest.records import IngestProgress, Source
from ingest.sentences import split_sentences
from models.encoder import TokenCounter
from models.language import detect_language
from retrieval.records import Query
from stores.access import EVERYONE, Principal, Scope

_SEED = 20
_LANGS: Final = ("zh", "en")
_SENTENCES_A_PARAGRAPH = 6
_PARAGRAPHS_A_DOCUMENT = 20


def shuffled_documents(count: int) -> list[Source]:
    """Return Markdown documents of sample sentences in random order, the same at every call."""
    generator = random.Random(_SEED)
    sentences = _sample_sentences()
    return [_document(number, sentences, generator) for number in range(count)]


def sample_queries(count: int) -> list[Query]:
    """Return questions of the sample set, taken evenly, asked by a member of everyone."""
    questions = load_own_questions()
    principal = Principal(TENANT, "bench", frozenset({EVERYONE}), frozenset({Scope.READ}))
    step = max(1, len(questions) // count)
    texts = [question.text for question in questions[::step]][:count]
    return [Query(text, detect_language(text), principal) for text in texts]


def sample_windows(count: int, *, tokens: int, count_tokens: TokenCounter) -> list[str]:
    """Return texts of about `tokens` tokens, every second one Chinese, the same at every call."""
    generator = random.Random(_SEED)
    sentences = _sample_sentences()
    of_language = [[each for each in sentences if detect_language(each) == lang] for lang in _LANGS]
    return [
        _window(generator, of_language[number % len(_LANGS)], tokens, count_tokens)
        for number in range(count)
    ]


def _window(
    generator: random.Random, sentences: Sequence[str], tokens: int, count_tokens: TokenCounter
) -> str:
    """Join sentences in random order as long as that brings the length nearer to `tokens`."""
    text, length = "", 0
    while True:
        longer = f"{text} {generator.choice(sentences)}".strip()
        longer_length = count_tokens(longer)
        if abs(longer_length - tokens) >= abs(length - tokens):
            return text
        text, length = longer, longer_length


def ingest_samples(system: IngestSystem) -> None:
    """Bring the sample documents in, open to everyone."""
    ingest_all(system, [item.source for item in own_items()], tenant=TENANT)


def ingest_all(system: IngestSystem, sources: list[Source], *, tenant: str) -> None:
    """Bring documents in; one that fails would falsify the figures."""
    outcomes = system.pipeline.run(sources, tenant=tenant, groups=[EVERYONE], on_progress=_ignore)
    failed = [outcome.reason for outcome in outcomes if outcome.reason]
    if failed:
        raise RuntimeError(f"the benchmark's documents failed: {failed[0]}")


def _ignore(report: IngestProgress) -> None:
    """Take no notice; printing would be measured too."""


def _sample_sentences() -> list[str]:
    sentences = []
    for item in own_items():
        for block in parse(item.source).blocks:
            sentences += [block.text[start:end] for start, end in split_sentences(block.text)]
    return [sentence.strip() for sentence in sentences if sentence.strip()]


def _document(number: int, sentences: list[str], generator: random.Random) -> Source:
    paragraphs = [f"# Document {number}"]
    for section in range(_PARAGRAPHS_A_DOCUMENT):
        chosen = generator.choices(sentences, k=_SENTENCES_A_PARAGRAPH)
        paragraphs += [f"## Section {number}.{section}", " ".join(chosen)]
    text = "\n\n".join(paragraphs)
    return Source(f"bench://{number}", f"document-{number}.md", text.encode())
