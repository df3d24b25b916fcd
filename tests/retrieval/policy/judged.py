"""Judged candidates to place."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from retrieval.policy.days import asked_as_of
from retrieval.policy.placing import NO_COPIES, PolicySettings, place
from retrieval.policy.records import Judged, Placed
from retrieval.records import Candidate
from retrieval.rerank import Relevance
from stores.documents import FoundChunk
from stores.records import Document
from tests.stores.builders import make_chunks, make_document

TODAY = date(2025, 9, 1)
UNBOUNDED = PolicySettings(passages_per_document=1000)


def edition(
    name: str, begin: date | None = None, end: date | None = None, *, series: str = "travel"
) -> Document:
    """Return an edition; its name is its title."""
    document = make_document(f"file:///{series}-{name}.md")
    return replace(document, title=name, series=series, effective_from=begin, effective_to=end)


def judged(
    text: str,
    *,
    merit: float = 0.5,
    probability: float = 0.5,
    document: Document | None = None,
    ordinal: int = 0,
    heading: str = "",
) -> Judged:
    """Return a passage with what a reranker says of it; each text has a document of its own."""
    owner = document or make_document(f"file:///{text}.md")
    chunk = replace(
        make_chunks(owner, count=ordinal + 1)[ordinal],
        text=text,
        heading_path=(heading,) if heading else (),
    )
    candidate = Candidate(
        found=FoundChunk(chunk, owner),
        terms=frozenset(),
        cosine=0.8,
        lexical=1.0,
        ranks={"dense_rank": 1, "fusion_rank": 1},
        coverage=0.5,
        fusion=0.01,
        probability=0.5,
    )
    return Judged(candidate, Relevance(merit, probability, {}))


def placed(
    *passages: Judged,
    day: date = TODAY,
    settings: PolicySettings = UNBOUNDED,
    copies: Mapping[UUID, UUID] = NO_COPIES,
) -> list[Placed]:
    return list(place(passages, asked_as_of(day), settings, copies=copies))


def texts(passages: Iterable[Placed]) -> list[str]:
    return [each.judged.candidate.found.chunk.text for each in passages]
