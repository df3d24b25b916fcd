"""Ingest beside the bare encoder on the same chunks."""

import statistics
from collections.abc import Sequence
from contextlib import closing
from itertools import count

from app.settings import Settings
from app.wiring import IngestSystem, open_ingest
from eval.bench.corpus import ingest_all, shuffled_documents
from eval.bench.timing import paired
from ingest.chunk import chunk_blocks
from ingest.parse import parse
from ingest.pipeline import RESERVED_TOKENS
from ingest.records import Source
from stores.records import Chunk, document_id

_DOCUMENTS = 16
_ROUNDS = 5


def run(settings: Settings) -> list[str]:
    """Ingest the same documents into a new tenant each round; return the lines of the report."""
    with closing(open_ingest(settings)) as system:
        return _measured(system)


def _measured(system: IngestSystem) -> list[str]:
    sources = shuffled_documents(_DOCUMENTS)
    chunks = _chunks(system, sources)
    passages = [f"{chunk.context}\n{chunk.text}" for chunk in chunks]
    tenants = (f"bench-{number}" for number in count())
    system.encoder.encode_passages(passages[:64])
    times = paired(
        lambda: ingest_all(system, sources, tenant=next(tenants)),
        lambda: system.encoder.encode_passages(passages),
        rounds=_ROUNDS,
    )
    length = statistics.mean(chunk.tokens for chunk in chunks)
    whole, bare = (len(chunks) / statistics.median(each) for each in (times.whole, times.bare))
    return [
        f"{len(chunks)} chunks of {length:.0f} tokens: {whole:.1f} chunks/s; "
        f"bare encoder {bare:.1f} chunks/s; share kept {times.ratio:.2f} ({_ROUNDS} pairs)"
    ]


def _chunks(system: IngestSystem, sources: Sequence[Source]) -> list[Chunk]:
    return [
        chunk
        for source in sources
        for parsed in [parse(source)]
        for chunk in chunk_blocks(
            parsed.title,
            parsed.blocks,
            document_id=document_id("bench", source.uri),
            revision=1,
            count_tokens=system.encoder.count_tokens,
            target_tokens=system.settings.ingest.target_tokens,
            max_tokens=system.encoder.max_tokens - RESERVED_TOKENS,
        )
    ]
