"""What is shown of the placed candidates."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from retrieval.policy.records import Placed, Reason
from retrieval.records import Evidence


def first_evidence(placed: Iterable[Placed], *, limit: int) -> tuple[Evidence, ...]:
    """Return the first `limit` passages, numbered from 1, each with the documents that repeat it.

    Reads no more candidates than that takes.
    """
    shown: list[Placed] = []
    repeated_in: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for each in placed:
        if len(shown) == limit:
            break
        if each.reason is Reason.DUPLICATE and each.repeats is not None:
            repeated_in[each.repeats].append(each.judged.candidate.found.document.id)
        else:
            shown.append(each)
    return tuple(
        _evidence(number, each, repeated_in[each.judged.candidate.found.chunk.id])
        for number, each in enumerate(shown, start=1)
    )


def _evidence(number: int, placed: Placed, repeated_in: Iterable[UUID]) -> Evidence:
    candidate, relevance = placed.judged.candidate, placed.judged.relevance
    chunk, document = candidate.found.chunk, candidate.found.document
    return Evidence(
        number=number,
        chunk_id=chunk.id,
        document_id=document.id,
        revision=chunk.revision,
        ordinal=chunk.ordinal,
        title=document.title,
        uri=document.uri,
        heading_path=chunk.heading_path,
        quote=chunk.text,
        pages=chunk.pages,
        spans=chunk.spans,
        score=relevance.probability,
        signals={
            "dense": candidate.cosine,
            "lexical": candidate.lexical,
            "coverage": candidate.coverage,
            "fusion": candidate.fusion,
            **candidate.ranks,
            **relevance.signals,
            **placed.signals,
        },
        duplicates=tuple(sorted(set(repeated_in) - {document.id})),
        sentences=relevance.sentences,
    )
