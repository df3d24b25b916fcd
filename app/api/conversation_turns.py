"""What was said in a conversation, as it is given out: with the passages that answers cite.

The passages are not kept with the conversation. They are looked up at every read, with the access
that the reader has now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.api.conversation_schemas import ContradictionOut, ExchangeOut
from app.api.schemas import SentenceOut, SourceOut, SpanOut
from generation.records import Support
from stores.access import DocumentSet, Principal, access_filter
from stores.conversation_records import Citation, KeptExchange
from stores.documents import Documents, FoundChunk
from stores.records import Document


@dataclass(frozen=True, slots=True)
class _Sources:
    """What the reader may see now of what answers were made from, by id."""

    passages: Mapping[UUID, FoundChunk]
    documents: Mapping[UUID, Document]


def exchanges_out(
    kept: Sequence[KeptExchange], documents: Documents, principal: Principal
) -> tuple[ExchangeOut, ...]:
    """Return the exchanges with their sources; what lost one since they were read is withheld."""
    cited = [each for one in kept for each in one.exchange.citations]
    others = [each.document_id for one in kept for each in one.exchange.contradictions]
    sources = _Sources(
        documents.visible_chunks([each.chunk_id for each in cited], access_filter(principal)),
        _titled(documents, (*others, *(each.document_id for each in cited)), principal),
    )
    return tuple(_exchange(each, sources) for each in kept)


def _titled(
    documents: Documents, ids: Iterable[UUID], principal: Principal
) -> dict[UUID, Document]:
    wanted = frozenset(ids)
    access = access_filter(principal, documents=DocumentSet(wanted))
    return {each.id: each for each in documents.list(access, limit=max(1, len(wanted)))}


def _exchange(kept: KeptExchange, sources: _Sources) -> ExchangeOut:
    cited = {each.document_id for each in kept.exchange.citations}
    others = {each.document_id for each in kept.exchange.contradictions}
    if not cited | others <= sources.documents.keys():
        kept = kept.without_answer()
    exchange = kept.exchange
    return ExchangeOut(
        ordinal=kept.ordinal,
        asked_at=kept.asked_at,
        question=exchange.question,
        understood=exchange.understood,
        answer=exchange.answer,
        refusal=exchange.refusal,
        withheld=kept.withheld,
        citations=tuple(_source(each, sources) for each in exchange.citations),
        sentences=tuple(
            SentenceOut(
                text=each.text,
                citations=each.citations,
                support=Support(each.support),
                score=each.score,
            )
            for each in exchange.sentences
        ),
        contradictions=tuple(
            ContradictionOut(
                document_id=each.document_id,
                title=sources.documents[each.document_id].title,
                quote=each.quote,
                is_in_force=each.is_in_force,
            )
            for each in exchange.contradictions
        ),
        lang=exchange.lang,
    )


def _source(citation: Citation, sources: _Sources) -> SourceOut:
    found = sources.passages.get(citation.chunk_id)
    document = sources.documents[citation.document_id]
    chunk = None if found is None else found.chunk
    return SourceOut(
        number=citation.number,
        document_id=citation.document_id,
        chunk_id=citation.chunk_id,
        revision=None if chunk is None else chunk.revision,
        title=document.title,
        uri=document.uri,
        heading_path=() if chunk is None else chunk.heading_path,
        quote="" if chunk is None else chunk.text,
        pages=() if chunk is None else chunk.pages,
        spans=() if chunk is None else tuple(map(SpanOut.model_validate, chunk.spans)),
    )
