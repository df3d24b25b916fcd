"""Ingest beside the bare encoder on the same chunks."""

import statistics
from collections.abc import Sequence
from itertools import count

from app.wiring import IngestSystem
from eval.bench.corpus import shuffled_documents
from eval.bench.timing import paired
from ingest.chunk import chunk_blocks
from ingest.parse import parse
from ingest.records import IngestProgress, Source
from stores.access import EVERYONE
from stores.records import Chunk, document_id

_DOCUMENTS = 16
_ROUNDS = 5


def run(system: IngestSystem) -> list[str]:
    """Ingest the same documents into a new tenant each round; return the lines of the report."""
    sources = shuffled_documents(_DOCUMENTS)
    chunks = _chunks(system, sources)
    passages = [f"{chunk.context}\n{chunk.text}" for chunk in chunks]
    tenants = (f"bench-{number}" for number in count())
    system.encoder.encode_passages(passages[:64])
    times = paired(
        lambda: _ingest(system, sources, next(tenants)),
        lambda: system.encoder.encode_passages(passages),
        rounds=_ROUNDS,
    )
    length = statistics.mean(chunk.tokens for chunk in chunks)
    whole, bare = (len(chunks) / statistics.median(each) for each in (times.whole, times.bare))
    return [
        f"ingest   {len(chunks)} chunks of {length:.0f} tokens: {whole:.1f} chunks/s; "
        f"bare encoder {bare:.1f} chunks/s; share kept {times.ratio:.2f} ({_ROUNDS} pairs)"
    ]


def _ingest(system: IngestSystem, sources: Sequence[Source], tenant: str) -> None:
    outcomes = system.pipeline.run(sources, tenant=tenant, groups=[EVERYONE], on_progress=_ignore)
    failed = [outcome.reason for outcome in outcomes if outcome.reason]
    if failed:
        raise RuntimeError(f"the benchmark's documents failed: {failed[0]}")


def _ignore(report: IngestProgress) -> None:
    """Take no notice; printing would be measured too."""


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
            max_tokens=system.encoder.max_tokens,
        )
    ]
