"""Documents and questions for the benchmarks, made from the sample documents."""

import random

from eval.samples import SAMPLES
from ingest.parse import parse
from ingest.records import Source
from ingest.sentences import split_sentences

_SEED = 20
_SENTENCES_A_PARAGRAPH = 6
_PARAGRAPHS_A_DOCUMENT = 20


def sample_sentences() -> list[str]:
    """Return the sentences of the sample documents, in order of file name."""
    sentences = []
    for path in sorted((SAMPLES / "documents").iterdir()):
        if path.is_file():
            source = Source(path.as_uri(), path.name, path.read_bytes())
            for block in parse(source).blocks:
                sentences += [block.text[start:end] for start, end in split_sentences(block.text)]
    return [sentence.strip() for sentence in sentences if sentence.strip()]


def shuffled_documents(count: int) -> list[Source]:
    """Return Markdown documents of sample sentences in random order, the same at every call."""
    generator = random.Random(_SEED)
    sentences = sample_sentences()
    return [_document(number, sentences, generator) for number in range(count)]


def _document(number: int, sentences: list[str], generator: random.Random) -> Source:
    paragraphs = [f"# Document {number}"]
    for section in range(_PARAGRAPHS_A_DOCUMENT):
        chosen = generator.choices(sentences, k=_SENTENCES_A_PARAGRAPH)
        paragraphs += [f"## Section {number}.{section}", " ".join(chosen)]
    text = "\n\n".join(paragraphs)
    return Source(f"bench://{number}", f"document-{number}.md", text.encode())
