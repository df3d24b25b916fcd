"""Explanations to show."""

from datetime import date
from uuid import uuid5

from app.api.schemas import AskedOut, ExplanationOut, PeriodOut, StageOut, TrailOut
from retrieval.policy.records import Reason
from stores.records import document_id

TODAY = date(2025, 9, 1)


def trail(
    title: str,
    rank: int | None,
    *,
    reason: Reason | None = None,
    preferred: str | None = None,
    factors: dict[str, float] | None = None,
    lexical: StageOut | None = None,
) -> TrailOut:
    document = document_id("acme", title)
    return TrailOut(
        chunk_id=uuid5(document, str(rank)),
        document_id=document,
        title=title,
        uri=f"file:///{title}",
        heading_path=("住宿费",),
        pages=(3,),
        quote="一类城市每晚 600 元，" * 9,
        dense=StageOut(rank=2, score=0.8125),
        lexical=lexical,
        fusion=StageOut(rank=1, score=2.13),
        rerank=StageOut(rank=4, score=2.5),
        probability=0.93,
        factors=factors or {},
        rank=rank,
        reason=reason,
        preferred_document=None if preferred is None else document_id("acme", preferred),
        preferred_title=preferred,
    )


def explanation(*trails: TrailOut, earlier: bool = False) -> ExplanationOut:
    period = PeriodOut(first=TODAY, last=TODAY)
    asked = AskedOut(day=TODAY, periods=(period,), earlier=earlier, later=False, words=())
    return ExplanationOut(asked=asked, trails=trails)
